import { contains, parseAddress, parseRange } from "../net/range.ts";
import { nodePath } from "../paths.ts";
import { show } from "../problem.ts";
import type { Cluster, Node } from "../resolved.ts";
import { isNodeName } from "../support/labels.ts";
import { forEachCluster, repeated, type Rule } from "./rule.ts";

export function nodesOf({ servers, agents }: Cluster): readonly Node[] {
    return [...servers, ...agents];
}

/** etcd needs a majority: an even number of servers survives no more losses than one fewer. */
export const oddServers: Rule = forEachCluster(({ kubernetes, servers }, at) => {
    if (kubernetes !== undefined) return [];
    const path = `${at}.servers`;
    if (servers.length === 0) {
        return [{ path, value: "{}", rule: "needs at least one server", fix: "describe one, by its name" }];
    }
    // One that is lost is about to be taken out, and replaced in a change of its own.
    return servers.length % 2 === 1 || servers.some(({ lost }) => lost)
        ? []
        : [
              {
                  path,
                  value: show(servers.map(({ name }) => name)),
                  rule: `is an even number of servers (${servers.length}): etcd needs a majority, and survives no more losses than with ${servers.length - 1}`,
                  fix: "add a server, or make one of them an agent",
              },
          ];
});

export const nodeNames: Rule = forEachCluster((cluster) =>
    nodesOf(cluster)
        .filter(({ name }) => !isNodeName(name))
        .map((node) => ({
            path: nodePath(cluster, node),
            value: show(node.name),
            rule: "is no node name: at most 63 lower-case letters, digits, hyphens and dots, each part beginning and ending with a letter or digit",
            fix: 'rename it, for example to "east-1"',
        })),
);

export const nodeNamesUnique: Rule = forEachCluster((cluster) =>
    repeated(nodesOf(cluster), ({ name }) => name).map(({ item }) => ({
        path: nodePath(cluster, item),
        value: show(item.name),
        rule: "is both a server and an agent",
        fix: "describe it once; a server runs pods too unless it is tainted",
    })),
);

export const nodeAddressesUnique: Rule = ({ clusters }) => {
    const addresses = clusters.flatMap((cluster) =>
        nodesOf(cluster).flatMap((node) =>
            node.addresses.map((address) => ({ address, path: nodePath(cluster, node) })),
        ),
    );
    return repeated(addresses, ({ address }) => String(parseAddress(address)?.first ?? address)).map(
        ({ item, first }) => ({
            path: `${item.path}.address`,
            value: show(item.address),
            rule: `is also the address of ${first.path}`,
            fix: "give each node its own address",
        }),
    );
};

export const nodesInTheirNetwork: Rule = forEachCluster((cluster) => {
    const networks = cluster.nodeCidrs.flatMap((text) => parseRange(text) ?? []);
    return nodesOf(cluster).flatMap((node) =>
        node.addresses.flatMap((text) => {
            const address = parseAddress(text);
            return address === undefined || networks.some((network) => contains(network, address))
                ? []
                : [
                      {
                          path: `${nodePath(cluster, node)}.address`,
                          value: show(text),
                          rule: `lies outside the cluster's nodeCidr ${cluster.nodeCidrs.join(" and ")}`,
                          fix: "correct the address, or widen nodeCidr so that overlaps with other clusters are seen",
                      },
                  ];
        }),
    );
});

/** A node has one address of each family that its pods speak, in the same order. */
export const nodeFamilies: Rule = forEachCluster((cluster) => {
    const wanted = cluster.podCidrs.map((text) => parseRange(text)?.family);
    return nodesOf(cluster)
        .filter(({ addresses }) => show(addresses.map((text) => parseAddress(text)?.family)) !== show(wanted))
        .map((node) => ({
            path: `${nodePath(cluster, node)}.address`,
            value: show(node.addresses),
            rule: `must be one address of each family of the cluster's pods: ${wanted.join(", then ")}`,
            fix:
                wanted.length === 2
                    ? 'write it as ["192.168.10.11", "fd00:192::11"]'
                    : "write one address of that family",
        }));
});

/** Without a fixed address in front of them, nodes join through the first server, and cannot when it is lost. */
export const fixedApiAddress: Rule = forEachCluster(({ servers, api }, at) =>
    servers.length < 2 || api.fixed
        ? []
        : [
              {
                  path: `${at}.apiAddress`,
                  rule: `is not given: nodes join, and Pulumi reaches the API, through the first server ${api.address}; if it is lost, neither works`,
                  fix: "put a DNS name, a virtual address or a balancer (TCP 6443 and 9345) in front of the servers and name it here",
              },
          ],
);
