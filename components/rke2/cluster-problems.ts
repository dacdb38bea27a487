import { dnsLabel, dnsName, host } from "../../model/description/scalars.ts";
import { parseAddress, parseCidr } from "../../model/net/range.ts";
import { show, type Problem } from "../../model/problem.ts";
import { repeated } from "../../model/rules/rule.ts";
import { isNodeName, nodeLabelProblems, nodeTaintProblems } from "../../model/support/labels.ts";
import { rke2ConfigProblems, rke2NodeConfigProblems } from "../../model/support/rke2-keys.ts";
import { installProblems } from "./install.ts";
import type { NodeArgs } from "./node-args.ts";
import type { Rke2ClusterArgs } from "./rke2-cluster.ts";

/** What is wrong with a cluster's arguments, as far as it can be seen without the rest of the mesh. */
export function clusterProblems(args: Rke2ClusterArgs): Problem[] {
    const placed = [
        ...args.servers.map((node) => ({ path: `servers.${node.name}`, role: "server" as const, node })),
        ...args.agents.map((node) => ({ path: `agents.${node.name}`, role: "agent" as const, node })),
    ];
    return [
        ...nameProblems(args),
        ...installProblems({ ...args.settings, version: args.version }),
        ...serverProblems(args),
        ...nodeProblems(placed),
        ...rangeProblems(args, placed),
        ...rke2ConfigProblems(args.config ?? {}, "config"),
        ...placed.flatMap(({ path, role, node }) =>
            rke2NodeConfigProblems(role, node.config ?? {}, `${path}.config`, args.config ?? {}),
        ),
    ];
}

function nameProblems({ clusterName, clusterDomain, apiAddress }: Rke2ClusterArgs): Problem[] {
    return [
        ...(dnsLabel.safeParse(clusterName).success
            ? []
            : [
                  {
                      path: "clusterName",
                      value: show(clusterName),
                      rule: "must be a DNS label: at most 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit",
                      fix: 'choose a name such as "east"',
                  },
              ]),
        ...(clusterDomain === undefined || dnsName.safeParse(clusterDomain).success
            ? []
            : [
                  {
                      path: "clusterDomain",
                      value: show(clusterDomain),
                      rule: "must be a DNS name in lower case",
                      fix: 'write it as "cluster.local"',
                  },
              ]),
        ...(host.safeParse(apiAddress).success
            ? []
            : [
                  {
                      path: "apiAddress",
                      value: show(apiAddress),
                      rule: "must be an IP address or a DNS name",
                      fix: 'write it as "192.168.10.11" or "api.east.example.net", without scheme or port',
                  },
              ]),
    ];
}

function serverProblems({ servers }: Rke2ClusterArgs): Problem[] {
    if (servers.length > 0 && servers.every(({ lost }) => lost === true)) {
        return [
            {
                path: "servers",
                value: show(servers.map(({ name }) => name)),
                rule: "are all lost: no one is left to ask",
                fix: "leave lost out of those that can be brought back",
            },
        ];
    }
    // One that is lost is about to be taken out, and replaced in a change of its own.
    if (servers.length % 2 === 1 || servers.some(({ lost }) => lost === true)) return [];
    return [
        servers.length === 0
            ? { path: "servers", value: "[]", rule: "needs at least one server", fix: "add one" }
            : {
                  path: "servers",
                  value: show(servers.map(({ name }) => name)),
                  rule: `is an even number of servers (${servers.length}): etcd needs a majority, and survives no more losses than with ${servers.length - 1}`,
                  fix: "add a server, or make one of them an agent",
              },
    ];
}

interface PlacedNode {
    readonly path: string;
    readonly node: NodeArgs;
}

function nodeProblems(placed: readonly PlacedNode[]): Problem[] {
    const addresses = placed.flatMap(({ path, node }) =>
        node.addresses.map((address) => ({ path, address })),
    );
    return [
        ...placed.filter(({ node }) => !isNodeName(node.name)).map(badName),
        ...repeated(placed, ({ node }) => node.name).map(({ item, first }) => ({
            path: item.path,
            value: show(item.node.name),
            rule: `is also the name of ${first.path}`,
            fix: "give each node its own name",
        })),
        ...addresses
            .filter(({ address }) => parseAddress(address) === undefined)
            .map(({ path, address }) => ({
                path: `${path}.addresses`,
                value: show(address),
                rule: "must be one IPv4 or IPv6 address",
                fix: 'write it as "192.168.10.11" or "fd00:10::11"',
            })),
        ...repeated(addresses, ({ address }) => String(parseAddress(address)?.first ?? address)).map(
            ({ item, first }) => ({
                path: `${item.path}.addresses`,
                value: show(item.address),
                rule: `is also the address of ${first.path}`,
                fix: "give each node its own address",
            }),
        ),
        ...placed.flatMap(({ path, node: { labels = {}, taints = [] } }) => [
            ...nodeLabelProblems(labels, `${path}.labels`),
            ...nodeTaintProblems(taints, `${path}.taints`),
        ]),
    ];
}

function badName({ path, node }: PlacedNode): Problem {
    return {
        path,
        value: show(node.name),
        rule: "is no name for a node: at most 63 lower-case letters, digits, hyphens and dots",
        fix: 'rename it, for example to "east-1"',
    };
}

function rangeProblems(
    { podCidrs, serviceCidrs }: Rke2ClusterArgs,
    placed: readonly PlacedNode[],
): Problem[] {
    const families = podCidrs.map((text) => parseCidr(text)?.family);
    const shape = show(families);
    const wanted = ['["IPv4"]', '["IPv6"]', '["IPv4","IPv6"]'];
    if (!wanted.includes(shape)) {
        return [
            {
                path: "podCidrs",
                value: show(podCidrs),
                rule: "must be one CIDR, or one of each family, IPv4 first",
                fix: 'write ["10.10.0.0/16"] or ["10.10.0.0/16", "fd00:10::/56"]',
            },
        ];
    }
    const spoken = families.join(", then ");
    return [
        ...(show(serviceCidrs.map((text) => parseCidr(text)?.family)) === shape
            ? []
            : [
                  {
                      path: "serviceCidrs",
                      value: show(serviceCidrs),
                      rule: `must be one CIDR of each family of podCidrs: ${spoken}`,
                      fix: "give Services a range of each family that pods have",
                  },
              ]),
        ...placed
            .filter(
                ({ node: { addresses } }) =>
                    show(addresses.map((text) => parseAddress(text)?.family)) !== shape,
            )
            .map(({ path, node: { addresses } }) => ({
                path: `${path}.addresses`,
                value: show(addresses),
                rule: `must be one address of each family of podCidrs: ${spoken}`,
                fix: "give the node an address of each family that pods have",
            })),
    ];
}
