import { contains, overlaps, parseCidr, parseRange, size, type Range } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Bgp, Cluster, LoadBalancer, Node } from "../resolved.ts";
import { isSamePlace } from "../support/bgp.ts";
import { called, instancesByNodes, instancesOf, type Instance } from "../support/bgp-instances.ts";
import { badPatch } from "../support/cilium-options.ts";
import { compareVersions, minorOf } from "../support/version.ts";
import { forEachAnnounce, speakers } from "./announcing.ts";
import type { Rule } from "./rule.ts";

type BgpRule = (bgp: Bgp, path: string, cluster: Cluster, loadBalancer: LoadBalancer) => readonly Problem[];

function forEachBgp(rule: BgpRule): Rule {
    return forEachAnnounce((announce, path, cluster, loadBalancer) =>
        announce.mode === "bgp" ? rule(announce, path, cluster, loadBalancer) : [],
    );
}

/** Two instances, the nodes that speak for both, and where the later one stands. */
interface Pair {
    readonly earlier: Instance;
    readonly later: Instance;
    readonly nodes: readonly Node[];
    readonly at: string;
}

function pairsOf(bgp: Bgp, path: string, cluster: Cluster): Pair[] {
    const instances = instancesOf(bgp);
    return instances.flatMap((later, index) =>
        instances.slice(0, index).map((earlier) => {
            const others = speakers(cluster, earlier.nodeSelector).map(({ name }) => name);
            return {
                earlier,
                later,
                nodes: speakers(cluster, later.nodeSelector).filter(({ name }) => others.includes(name)),
                at: `${path}${later.at}`,
            };
        }),
    );
}

/** Instances on the same nodes share what a node has one of. */
export const instancesApart: Rule = forEachBgp((bgp, path, cluster, { metalLb }) => {
    const pairs = pairsOf(bgp, path, cluster);
    if (metalLb === undefined) {
        const groups = instancesByNodes(bgp).map((group) => group.map(({ name }) => name));
        const together = (...pair: Instance[]) =>
            groups.some((group) => pair.every(({ name }) => group.includes(name)));
        return pairs
            .filter(({ nodes }) => nodes.length > 0)
            .flatMap((pair) => (together(pair.earlier, pair.later) ? [] : [selectedTwice(pair)]))
            .concat(pairs.flatMap((pair) => (pair.nodes.length > 0 ? sharedOnNode(pair) : [])));
    }
    // Before 0.16 MetalLB compares all of its neighbours, also where no node has both.
    const ofAll = minorOf(metalLb.version) < 16;
    return pairs.flatMap((pair) =>
        ofAll || pair.nodes.length > 0
            ? [...sharedOnNode(pair), ...numberProblems(pair, metalLb.version, ofAll)]
            : [],
    );
});

function selectedTwice({ earlier, later, nodes, at }: Pair): Problem {
    return {
        path: `${at}.nodeSelector`,
        value: show(later.nodeSelector ?? "all nodes"),
        rule: `selects ${namesOf(nodes)}, as the selector of ${called(earlier)} does: Cilium takes one of two different ones, and the other instance would speak nowhere`,
        fix: "write the same selector for instances of the same nodes, or selectors that share no node",
    };
}

/** A router takes one session from an address, and one process listens on a port. */
function sharedOnNode({ earlier, later, nodes, at }: Pair): Problem[] {
    const where = nodes.length === 0 ? "" : ` on ${namesOf(nodes)}`;
    const met = Object.entries(later.peers).flatMap(([name, peer]) =>
        Object.entries(earlier.peers)
            .filter(([, other]) => isSamePlace(peer, other))
            .map(([same]) => ({ name, same, value: peer.address ?? peer.defaultGateway })),
    );
    return [
        ...met.map(({ name, same, value }) => ({
            path: `${at}.peers.${name}`,
            value: show(value),
            rule: `is also the neighbour ${same} of ${called(earlier)}${where}: a router takes one session from a node`,
            fix: "speak to it in one of the instances only",
        })),
        ...portProblems({ earlier, later, nodes, at }),
    ];
}

/** One process listens on a port of a node. */
function portProblems({ earlier, later, nodes, at }: Pair): Problem[] {
    const portOn = ({ nodes: overridden, localPort }: Instance, { name }: Node) =>
        overridden?.[name]?.localPort ?? localPort;
    const met = nodes.filter(
        (node) => portOn(later, node) !== undefined && portOn(later, node) === portOn(earlier, node),
    );
    const places = Map.groupBy(met, ({ name }) =>
        later.nodes?.[name]?.localPort === undefined ? `${at}.localPort` : `${at}.nodes.${name}.localPort`,
    );
    return [...places].map(([path, some]) => ({
        path,
        value: show(some[0] === undefined ? undefined : portOn(later, some[0])),
        rule: `is also the port of ${called(earlier)} on ${namesOf(some)}: one of them could not listen`,
        fix: "choose another port",
    }));
}

function numberProblems({ earlier, later, nodes, at }: Pair, version: string, ofAll: boolean): Problem[] {
    if (earlier.localASN === later.localASN) return [];
    return [
        {
            path: `${at}.localASN`,
            value: show(later.localASN),
            rule: ofAll
                ? `differs from that of ${called(earlier)}, ${earlier.localASN}: MetalLB ${version} has one AS number`
                : `differs from that of ${called(earlier)}, ${earlier.localASN}, on ${namesOf(nodes)}: MetalLB has one AS number on a node`,
            fix: ofAll
                ? "write the same, or use MetalLB 0.16 or later, where nodes may differ"
                : "write the same, give the two nodeSelectors that share no node, or let Cilium give and announce the addresses (lb-ipam)",
        },
    ];
}

/** The range of identifiers is nobody else's, and has one for each node and instance. */
export const routerIdsHaveRoom: Rule = forEachBgp((bgp, path, cluster) => {
    const pool = parseCidr(bgp.routerIds ?? "");
    if (pool === undefined) return [];
    const at = { path: `${path}.routerIds`, value: show(bgp.routerIds) };
    const needed = instancesOf(bgp).reduce(
        (sum, { nodeSelector }) => sum + speakers(cluster, nodeSelector).length,
        0,
    );
    const met = rangesOf(cluster).find(({ range }) => overlaps(range, pool));
    return [
        ...(met === undefined
            ? []
            : [
                  {
                      ...at,
                      rule: `overlaps ${met.what} (${met.range.text}): another router may have an address of it as its identifier`,
                      fix: 'write a range that nothing else uses, such as "10.255.0.0/24"',
                  },
              ]),
        ...(size(pool) >= BigInt(needed)
            ? []
            : [
                  {
                      ...at,
                      rule: `has ${size(pool)} identifiers, and ${needed} are needed: one for each node and instance`,
                      fix: `use a /${32 - Math.ceil(Math.log2(needed))} or larger`,
                  },
              ]),
        ...twiceGiven(bgp, pool, path),
    ];
});

/** An identifier of the range that a node is given by name may be another node's already. */
function twiceGiven(bgp: Bgp, pool: Range, path: string): Problem[] {
    return instancesOf(bgp).flatMap(({ at, nodes = {} }) =>
        Object.entries(nodes).flatMap(([node, { routerId }]) => {
            const range = parseRange(routerId ?? "");
            return range === undefined || !contains(pool, range)
                ? []
                : [
                      {
                          path: `${path}${at}.nodes.${node}.routerId`,
                          value: show(routerId),
                          rule: `is in routerIds (${pool.text}), where it may be another node's already`,
                          fix: "leave it out, or write one outside of that range",
                      },
                  ];
        }),
    );
}

function rangesOf(cluster: Cluster): { what: string; range: Range }[] {
    const named: (readonly [string, readonly string[]])[] = [
        ["podCidr", cluster.podCidrs],
        ["serviceCidr", cluster.serviceCidrs],
        ["nodeCidr", cluster.nodeCidrs],
        ...cluster.loadBalancers.flatMap(({ pools }) =>
            pools.map(({ name, addresses }) => [`the pool ${name}`, addresses] as const),
        ),
    ];
    return named.flatMap(([what, texts]) =>
        texts.flatMap((text) => {
            const range = parseRange(text);
            return range === undefined ? [] : [{ what, range }];
        }),
    );
}

/** Up to 1.17 an agent takes its node's IPv4 address as identifier, and does not speak where there is none. */
export const nodesHaveRouterIds: Rule = forEachBgp((bgp, path, cluster, { metalLb }) => {
    const spoken = cluster.nodeCidrs.map((text) => parseCidr(text)?.family);
    if (metalLb !== undefined || spoken.includes("IPv4") || minorOf(cluster.cilium.version) >= 18) return [];
    return instancesOf(bgp).flatMap(({ at, nodeSelector, nodes }) =>
        speakers(cluster, nodeSelector)
            .filter(({ name }) => nodes?.[name]?.routerId === undefined)
            .map(({ name }) => ({
                path: `${path}${at}.nodes.${name}.routerId`,
                rule: `is missing: the node has no IPv4 address, which Cilium ${cluster.cilium.version} would identify it by, and without an identifier it does not speak`,
                fix: 'write any IPv4 address that is the node\'s alone, such as "10.255.0.1", or use Cilium 1.18 or later',
            })),
    );
});

/** Before 1.20.2 agents look at the default routes of all tables, and take the one of the lowest metric. */
export const gatewayOfAnyTable: Rule = forEachBgp((bgp, path, cluster, { metalLb }) =>
    metalLb !== undefined ||
    compareVersions(cluster.cilium.version, "1.20.2") >= 0 ||
    // Refused, where it is known to go wrong.
    badPatch("defaultGateway", cluster.cilium.version) !== undefined
        ? []
        : instancesOf(bgp).flatMap(({ at, peers }) =>
              Object.entries(peers).flatMap(([name, { defaultGateway }]) =>
                  defaultGateway === undefined
                      ? []
                      : [
                            {
                                path: `${path}${at}.peers.${name}.defaultGateway`,
                                value: show(defaultGateway),
                                rule: `is looked for in all routing tables by Cilium ${cluster.cilium.version}, not in the main one only: with policy routing it may be another gateway`,
                                fix: "make sure that the nodes have one default route of that family, write the neighbour's address, or use Cilium 1.20.2 or later",
                            },
                        ],
              ),
          ),
);

/** Some patches listen in a way that a password cannot be set for; what an agent begins itself has it. */
export const listenersTakePasswords: Rule = forEachBgp((bgp, path, cluster, { metalLb }) => {
    const bad = badPatch("passwordListener", cluster.cilium.version);
    if (metalLb !== undefined || bad === undefined) return [];
    return instancesOf(bgp).flatMap(({ at, nodes = {}, peers }) => {
        const secured = Object.entries(peers).filter(([, { password }]) => password !== undefined);
        return Object.entries(nodes).flatMap(([node, { localPort }]) =>
            localPort === undefined || secured.length === 0
                ? []
                : [
                      {
                          path: `${path}${at}.nodes.${node}.localPort`,
                          value: show(localPort),
                          rule: `is where Cilium ${cluster.cilium.version} ${bad.rule}: a session that ${secured.map(([name]) => name).join(", ")} begins, with its password, never comes up`,
                          fix: `leave it out, so that the agent begins the session itself, or use Cilium ${bad.fixed} or later`,
                      },
                  ],
        );
    });
});

function namesOf(nodes: readonly Node[]): string {
    return nodes.map(({ name }) => name).join(", ");
}
