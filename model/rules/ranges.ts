import { firstFree } from "../net/carve.ts";
import { contains, overlaps, parseCidr, parseRange, type Range } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Cluster, Mesh } from "../resolved.ts";
import { forEachCluster, type Rule } from "./rule.ts";

type Kind = "podCidr" | "serviceCidr" | "nodeCidr" | "pool" | "egress";

interface Network {
    readonly path: string;
    readonly cluster: string;
    readonly kind: Kind;
    readonly range: Range;
}

/** No two ranges of a mesh may share an address, in one cluster or across clusters. Each is reported once, with the first it meets. */
export const disjoint: Rule = (mesh) => {
    const networks = networksOf(mesh);
    const order = new Map(networks.map((network, index) => [network, index]));
    const position = (network: Network) => order.get(network) ?? 0;
    const found = new Map<Network, Network>();
    for (const pair of overlappingPairs(networks, mesh)) {
        const [earlier, later] = pair.toSorted((a, b) => position(a) - position(b));
        if (earlier === undefined || later === undefined) continue;
        const known = found.get(later);
        if (known === undefined || position(earlier) < position(known)) found.set(later, earlier);
    }
    return [...found]
        .sort(([a], [b]) => position(a) - position(b))
        .map(([later, earlier]) => overlapProblem(earlier, later, networks));
};

function networksOf({ clusters }: Mesh): Network[] {
    return clusters.flatMap((cluster) => {
        const at = `clusters.${cluster.name}`;
        const networks = (kind: Kind, path: string, texts: readonly string[]): Network[] =>
            texts.flatMap((text) => {
                const range = parseRange(text);
                return range === undefined ? [] : [{ path, cluster: cluster.name, kind, range }];
            });
        return [
            ...networks("podCidr", `${at}.podCidr`, cluster.podCidrs),
            ...networks("serviceCidr", `${at}.serviceCidr`, cluster.serviceCidrs),
            ...networks("nodeCidr", `${at}.nodeCidr`, cluster.nodeCidrs),
            ...cluster.loadBalancers.flatMap(({ at: place, pools }) =>
                pools.flatMap(({ name, addresses }) =>
                    networks("pool", `${at}.${place}.pools.${name}`, addresses),
                ),
            ),
            ...(cluster.egress === undefined
                ? []
                : networks("egress", `${at}.egress.subnet`, [cluster.egress.subnet])),
        ];
    });
}

/**
 * Sorted by their first address, a network overlaps only such as are still open when it begins: a mesh of 511 clusters has
 * millions of pairs. One that lies within another it must not overlap is not opened: whatever meets it meets that one.
 */
function overlappingPairs(networks: readonly Network[], mesh: Mesh): [Network, Network][] {
    const sorted = networks.toSorted((a, b) =>
        a.range.family === b.range.family
            ? Number(a.range.first > b.range.first) - Number(a.range.first < b.range.first)
            : a.range.family < b.range.family
              ? -1
              : 1,
    );
    const pairs: [Network, Network][] = [];
    let open: Network[] = [];
    for (const network of sorted) {
        open = open.filter(({ range }) => overlaps(range, network.range));
        const met = open.filter((other) => !mayOverlap(other, network, mesh));
        pairs.push(...met.map((other): [Network, Network] => [other, network]));
        if (!met.some(({ range }) => contains(range, network.range))) open.push(network);
    }
    return pairs;
}

function mayOverlap(a: Network, b: Network, { sharedServiceCidrs }: Mesh): boolean {
    const kinds = new Set([a.kind, b.kind]);
    if (a.cluster !== b.cluster) return sharedServiceCidrs && kinds.size === 1 && a.kind === "serviceCidr";
    // A pool announced by ARP lies inside its cluster's own node network: pools.ts looks at that. Egress addresses may too.
    return kinds.has("nodeCidr") && (kinds.has("pool") || kinds.has("egress"));
}

function overlapProblem(earlier: Network, later: Network, networks: readonly Network[]): Problem {
    // Only what was written as a CIDR can be given another CIDR.
    const free =
        later.range.prefix === undefined
            ? undefined
            : proposal(
                  later.range,
                  networks.map(({ range }) => range),
              );
    const kinds = [earlier, later].some(({ kind }) => kind === "egress")
        ? "pod, service, node, pool or egress"
        : "pod, service, node or pool";
    const shareable = earlier.kind === "serviceCidr" && later.kind === "serviceCidr";
    return {
        path: later.path,
        value: show(later.range.text),
        rule: `overlaps ${earlier.path} (${earlier.range.text}): no two ${kinds} ranges of a mesh may share an address`,
        fix: [
            "give one of them another range",
            ...(free === undefined ? [] : [`${free} is free`]),
            ...(shareable
                ? ["or set mesh.sharedServiceCidrs, if Services are never reached by address from elsewhere"]
                : []),
        ].join("; "),
    };
}

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"].flatMap(
    (text) => parseCidr(text) ?? [],
);

/** A free network as long as `range`, of the same private block: an address of the Internet is nobody's to give away. */
function proposal(range: Range, taken: readonly Range[]): string | undefined {
    const free = firstFree(range, taken);
    const found = free === undefined ? undefined : parseCidr(free);
    const block = PRIVATE.find((candidate) => contains(candidate, range));
    return found !== undefined && block !== undefined && contains(block, found) ? free : undefined;
}

/** Pods, Services and nodes of every cluster speak the same address families, IPv4 first, one range each. */
export const families: Rule = (mesh) => {
    const [first] = mesh.clusters;
    const wanted = first === undefined ? "" : familiesOf(first.podCidrs);
    return mesh.clusters.flatMap((cluster) => [
        ...ownFamilies(cluster),
        ...(first === undefined || familiesOf(cluster.podCidrs) === wanted
            ? []
            : [
                  {
                      path: `clusters.${cluster.name}.podCidr`,
                      value: show(cluster.podCidrs),
                      rule: `speaks ${familiesOf(cluster.podCidrs)}, but clusters.${first.name} speaks ${wanted}: members of a mesh speak the same families`,
                      fix: `give one range for each of ${wanted}`,
                  },
              ]),
    ]);
};

function ownFamilies(cluster: Cluster): Problem[] {
    const wanted = familiesOf(cluster.podCidrs);
    const at = `clusters.${cluster.name}`;
    const lists = [
        { path: `${at}.podCidr`, texts: cluster.podCidrs },
        { path: `${at}.serviceCidr`, texts: cluster.serviceCidrs },
        { path: `${at}.nodeCidr`, texts: cluster.nodeCidrs },
    ];
    return lists.flatMap(({ path, texts }) => {
        const found = familiesOf(texts);
        if (found === "IPv4 and IPv4" || found === "IPv6 and IPv6" || found === "IPv6 and IPv4") {
            return [
                {
                    path,
                    value: show(texts),
                    rule: "must be one range, or one of each family with IPv4 first",
                    fix: 'write it as ["10.10.0.0/16", "fd00:10::/56"]',
                },
            ];
        }
        return found === wanted || path.endsWith("podCidr")
            ? []
            : [
                  {
                      path,
                      value: show(texts),
                      rule: `speaks ${found}, but the pods of the cluster speak ${wanted}`,
                      fix: `give one range for each of ${wanted}`,
                  },
              ];
    });
}

function familiesOf(texts: readonly string[]): string {
    return texts.map((text) => parseRange(text)?.family ?? "neither").join(" and ");
}

/** What kube-controller-manager gives each node by default, and the most bits it counts nodes with. */
const NODE_PREFIX = { IPv4: 24, IPv6: 64 } as const;
const MOST_NODE_BITS = 16;

/** The pod range has a piece for every node, and is not larger than the controller manager accepts. */
export const podCapacity: Rule = forEachCluster((cluster, at) => {
    const nodes = cluster.servers.length + cluster.agents.length;
    return cluster.podCidrs.flatMap((text) => {
        const range = parseRange(text);
        if (range?.prefix === undefined) return [];
        const piece = NODE_PREFIX[range.family];
        const bits = piece - range.prefix;
        const problem = (rule: string, fix: string) => [
            { path: `${at}.podCidr`, value: show(text), rule, fix },
        ];
        if (bits > MOST_NODE_BITS) {
            return problem(
                `is too large: each node gets a /${piece}, and a cluster counts at most 65536 of them`,
                `use a /${piece - MOST_NODE_BITS} or smaller`,
            );
        }
        const room = bits < 0 ? 0 : 2 ** bits;
        return room >= nodes
            ? []
            : problem(
                  `has room for ${room} nodes (each gets a /${piece}), but the cluster has ${nodes}`,
                  `use a /${piece - Math.ceil(Math.log2(nodes))} or larger; it cannot be changed later`,
              );
    });
});

/** RKE2 gives the tenth address to DNS: the smallest networks that have it. */
const SMALLEST_SERVICE_PREFIX = { IPv4: 28, IPv6: 124 } as const;

export const serviceCapacity: Rule = forEachCluster((cluster, at) =>
    cluster.serviceCidrs.flatMap((text) => {
        const range = parseRange(text);
        if (range?.prefix === undefined) return [];
        const smallest = SMALLEST_SERVICE_PREFIX[range.family];
        return range.prefix <= smallest
            ? []
            : [
                  {
                      path: `${at}.serviceCidr`,
                      value: show(text),
                      rule: "is too small: the tenth address of Services is the cluster's DNS",
                      fix: `use a /${smallest} or larger, better a /${smallest - 12}; it cannot be changed later`,
                  },
              ];
    }),
);
