import { contains, parseAddress, parseCidr, parseRange, type Range } from "../net/range.ts";
import { clusterPath, nodePath } from "../paths.ts";
import { show, type Problem } from "../problem.ts";
import type { Cluster, Mesh } from "../resolved.ts";
import { nodesOf } from "./nodes.ts";
import { forEachCluster, repeated, type Rule } from "./rule.ts";

const IN_FRONT = "name a virtual address or a balancer's in front of the servers, or a DNS name";

/** Addresses at which no host reaches another one. */
const NOWHERE = [
    ["127.0.0.0/8", "is a loopback address: each host would look for the API on itself"],
    ["::1/128", "is a loopback address: each host would look for the API on itself"],
    ["0.0.0.0/8", "is no address of a host"],
    ["::/128", "is no address of a host"],
    ["224.0.0.0/4", "is a multicast address, and no host connects to one"],
    ["ff00::/8", "is a multicast address, and no host connects to one"],
    ["255.255.255.255/32", "is the broadcast address, and no host connects to it"],
] as const;

function problemAt(cluster: Cluster, rule: string, fix: string): Problem[] {
    return [{ path: `${clusterPath(cluster)}.apiAddress`, value: show(cluster.api.address), rule, fix }];
}

/** The address that a description names, where it is not a name. */
function addressOf({ api }: Cluster): Range | undefined {
    return api.fixed ? parseAddress(api.address) : undefined;
}

/** Some distributions have a balancer to their API on each node, as RKE2 does; those of a cluster that is there already may. */
function isOnEachNode(cluster: Cluster): boolean {
    const address = addressOf(cluster);
    const local = address === undefined ? LOCALHOST.test(cluster.api.address) : isLoopback(address);
    return cluster.kubernetes !== undefined && local;
}

function isLoopback(address: Range): boolean {
    return ["127.0.0.0/8", "::1/128"].some((network) => lies(address, network));
}

const LOCALHOST = /^localhost(\.localdomain)?$/i;

/** An address that every node can open a connection to. */
export const apiAddressReachable: Rule = forEachCluster((cluster) => {
    if (isOnEachNode(cluster)) return [];
    if (cluster.api.fixed && LOCALHOST.test(cluster.api.address)) {
        return problemAt(cluster, "is each host's name for itself", IN_FRONT);
    }
    const address = addressOf(cluster);
    if (address === undefined) return [];
    const nowhere = NOWHERE.find(([network]) => lies(address, network));
    if (nowhere !== undefined) return problemAt(cluster, nowhere[1], IN_FRONT);
    const families = cluster.podCidrs.flatMap((text) => parseRange(text)?.family ?? []);
    return families.length === 0 || families.includes(address.family)
        ? []
        : problemAt(
              cluster,
              `is ${address.family}, but the cluster speaks ${families.join(" and ")}`,
              `name an ${families.join(" or ")} address, or a DNS name`,
          );
});

/** An address inside a range of pods, Services or a pool leads there and not to the API. */
export const apiAddressOutsideRanges: Rule = (mesh) => {
    const ranges = mesh.clusters.flatMap(rangesOf);
    return mesh.clusters.flatMap((cluster) => {
        const address = addressOf(cluster);
        if (address === undefined) return [];
        const holder = ranges.find(
            // pools.ts says it of the cluster's own pools.
            ({ range, pool, owner }) => !(pool && owner === cluster.name) && contains(range, address),
        );
        return holder === undefined
            ? []
            : problemAt(
                  cluster,
                  `lies in ${holder.path} (${holder.range.text}), whose addresses are given to others`,
                  IN_FRONT,
              );
    });
};

interface Placed {
    readonly path: string;
    readonly owner: string;
    readonly pool: boolean;
    readonly range: Range;
}

function rangesOf(cluster: Cluster): Placed[] {
    const at = clusterPath(cluster);
    const placed = (path: string, texts: readonly string[], pool = false): Placed[] =>
        texts.flatMap((text) => {
            const range = parseRange(text);
            return range === undefined ? [] : [{ path, owner: cluster.name, pool, range }];
        });
    return [
        ...placed(`${at}.podCidr`, cluster.podCidrs),
        ...placed(`${at}.serviceCidr`, cluster.serviceCidrs),
        ...cluster.loadBalancers.flatMap(({ at: place, pools }) =>
            pools.flatMap(({ name, addresses }) => placed(`${at}.${place}.pools.${name}`, addresses, true)),
        ),
    ];
}

/** A host that is no server of the cluster answers with another API or none; one server of several is not fixed. */
export const apiAddressNotAHost: Rule = (mesh) => {
    const hosts = hostsOf(mesh);
    return mesh.clusters.flatMap((cluster) => {
        const address = addressOf(cluster);
        const host = address === undefined ? undefined : hosts.get(keyOf(address));
        const [only, ...others] = cluster.servers;
        if (host === undefined || (others.length === 0 && host.node === only)) return [];
        return cluster.servers.some((server) => server === host.node)
            ? problemAt(
                  cluster,
                  `is the address of ${host.path}, one of ${cluster.servers.length} servers: if it is lost, no node can join and Pulumi cannot reach the API`,
                  "name an address in front of all servers, or leave it out to go through the first server",
              )
            : problemAt(
                  cluster,
                  `is the address of ${host.path}, which has no API of this cluster`,
                  IN_FRONT,
              );
    });
};

function hostsOf({ clusters }: Mesh) {
    return new Map(
        clusters.flatMap((cluster) =>
            nodesOf(cluster).flatMap((node) =>
                node.addresses.flatMap((text) => {
                    const address = parseAddress(text);
                    const host = { node, path: nodePath(cluster, node) };
                    return address === undefined ? [] : [[keyOf(address), host] as const];
                }),
            ),
        ),
    );
}

/** Two clusters behind one address would be one cluster. */
export const apiAddressesUnique: Rule = ({ clusters }) =>
    repeated(
        clusters.filter((cluster) => cluster.api.fixed && !isOnEachNode(cluster)),
        (cluster) => {
            const address = addressOf(cluster);
            return address === undefined ? cluster.api.address.toLowerCase() : keyOf(address);
        },
    ).flatMap(({ item, first }) =>
        problemAt(
            item,
            `is also the apiAddress of ${clusterPath(first)}: nodes of one would join the other`,
            "give each cluster its own",
        ),
    );

function keyOf({ family, first }: Range): string {
    return `${family} ${first}`;
}

function lies(address: Range, network: string): boolean {
    const range = parseCidr(network);
    return range !== undefined && contains(range, address);
}
