import { contains, parseAddress, parseCidr, parseRange } from "../net/range.ts";
import { announcePath } from "../paths.ts";
import { show, type Problem } from "../problem.ts";
import type { Announce, Bgp, Cluster, LabelSelector, LoadBalancer, Node, Pool } from "../resolved.ts";
import { selects } from "../selector.ts";
import { bgpProblems } from "../support/cilium-bgp.ts";
import { interfaceProblems } from "../support/interface-pattern.ts";
import { leaseProblems } from "../support/l2-lease.ts";
import { instancesOf, neighboursOf } from "../support/bgp-instances.ts";
import { metalLbAnnounceProblems } from "../support/metallb.ts";
import { metalLbAggregationProblems } from "../support/metallb-bgp.ts";
import { nodesOf } from "./nodes.ts";
import { minorOf } from "../support/version.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/** A rule about each announcement by itself. */
export function forEachAnnounce(
    rule: (
        announce: Announce,
        path: string,
        cluster: Cluster,
        loadBalancer: LoadBalancer,
    ) => readonly Problem[],
): Rule {
    return forEachCluster((cluster) =>
        cluster.loadBalancers.flatMap((loadBalancer) =>
            rule(loadBalancer.announce, announcePath(cluster, loadBalancer), cluster, loadBalancer),
        ),
    );
}

/** What the chosen speaker, in its chosen version, can do. */
export const speakerCanDoIt: Rule = forEachAnnounce((announce, path, { cilium }, { metalLb, pools }) => {
    if (metalLb !== undefined) {
        return [
            ...metalLbAnnounceProblems(announce, metalLb.version, path),
            ...metalLbAggregationProblems(pools, announce, path),
        ];
    }
    switch (announce.mode) {
        case "none":
            return [];
        case "l2":
            return [
                ...interfaceProblems(announce.interfaces ?? [], `${path}.interfaces`),
                ...leaseProblems(announce, path),
                ...(minorOf(cilium.version) >= 19
                    ? []
                    : pools.flatMap((pool) => ndpProblems(pool, cilium.version, path))),
                ...(announce.loadBalancerIPs === false
                    ? [
                          {
                              path: `${path}.loadBalancerIPs`,
                              value: show(false),
                              rule: "leaves the pools' addresses unannounced, the mesh API's among them",
                              fix: "leave it out; externalIPs can be announced besides",
                          },
                      ]
                    : []),
            ];
        case "bgp":
            return bgpProblems(announce, cilium.version, path);
    }
});

/** Up to 1.18 Cilium answers ARP, and nothing for IPv6. */
function ndpProblems({ name, addresses }: Pool, version: string, path: string): Problem[] {
    return addresses
        .filter((text) => parseRange(text)?.family === "IPv6")
        .map((text) => ({
            path,
            value: show("l2"),
            rule: `Cilium ${version} announces no IPv6 addresses on the node network, and the pool ${name} has ${text}: it does from 1.19 on`,
            fix: "use Cilium 1.19 or later, let MetalLB announce, or announce by BGP",
        }));
}

/** The labels a node will have, as far as the description knows. */
function labelsOf({ name, labels, role }: Node): Record<string, string> {
    return {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        ...(role === "server" ? { "node-role.kubernetes.io/control-plane": "true" } : {}),
        ...labels,
    };
}

/** The nodes that a selector selects, by the labels they are described with. */
export function speakers(cluster: Cluster, selector: LabelSelector | undefined): Node[] {
    return nodesOf(cluster).filter((node) => selects(selector, labelsOf(node)));
}

/** The selectors of an announcement: that of each instance, where it is by BGP. */
function selectorsOf(announce: Exclude<Announce, { mode: "none" }>) {
    return announce.mode === "l2"
        ? [{ at: "", nodeSelector: announce.nodeSelector }]
        : instancesOf(announce).map(({ at, nodeSelector }) => ({ at, nodeSelector }));
}

export const someNodeAnnounces: Rule = forEachAnnounce((announce, path, cluster) =>
    announce.mode === "none" || cluster.kubernetes !== undefined
        ? []
        : selectorsOf(announce)
              .filter(({ nodeSelector }) => speakers(cluster, nodeSelector).length === 0)
              .map(({ at, nodeSelector }) => ({
                  path: `${path}${at}.nodeSelector`,
                  value: show(nodeSelector),
                  rule: "selects none of the nodes, by the labels they are described with: nothing would be announced",
                  fix: "correct it, or give nodes that label",
              })),
);

function speaks(node: Node, bgp: Bgp): boolean {
    return instancesOf(bgp).some(({ nodeSelector }) => selects(nodeSelector, labelsOf(node)));
}

/** A router accepts one session from an address: the second speaker of a node would take the first one's away. */
export const oneBgpSpeaker: Rule = forEachCluster((cluster, at) => {
    const bgp = cluster.loadBalancers.flatMap(({ announce, provider }) =>
        announce.mode === "bgp" ? [{ announce, provider }] : [],
    );
    const both = nodesOf(cluster).filter((node) =>
        bgp.length > 1 ? bgp.every(({ announce }) => speaks(node, announce)) : false,
    );
    return both.length === 0
        ? []
        : [
              {
                  path: `${at}.nextLoadBalancer.announce`,
                  value: show("bgp"),
                  rule: `makes two BGP speakers (MetalLB and Cilium) on ${both.map(({ name }) => name).join(", ")}: a router takes one session from a node`,
                  fix: "give the two announcements nodeSelectors that share no node, or announce one of them by L2",
              },
          ];
});

/** The two load balancers in a move must be told apart by Services. */
export const differentProviders: Rule = forEachCluster(({ loadBalancers: [present, next] }, at) =>
    present === undefined || next === undefined || present.provider !== next.provider
        ? []
        : [
              {
                  path: `${at}.nextLoadBalancer.loadBalancer.provider`,
                  value: show(next.provider),
                  rule: "is the provider in use already: two of one kind are one",
                  fix: "name the other provider, or add its pools to loadBalancer",
              },
          ],
);

/** MetalLB and LB-IPAM both take Services without a class, unless MetalLB is given one: then which of them wins is luck. */
export const movingNeedsAClass: Rule = forEachCluster(({ loadBalancers, cilium }, at) => {
    const [present, next] = loadBalancers;
    if (present?.provider === "metallb" && next?.provider === "lb-ipam" && minorOf(cilium.version) < 17) {
        return present.loadBalancerClass === undefined
            ? [
                  {
                      path: `${at}.loadBalancer.loadBalancerClass`,
                      rule: `is missing: Cilium ${cilium.version} cannot leave Services without a class to MetalLB, so both would give them addresses`,
                      fix: "name a class before moving and give it to MetalLB's Services, or use Cilium 1.17 or later",
                  },
              ]
            : [];
    }
    return present?.provider === "lb-ipam" &&
        next?.provider === "metallb" &&
        next.loadBalancerClass === undefined
        ? [
              {
                  path: `${at}.nextLoadBalancer.loadBalancer.loadBalancerClass`,
                  rule: "is missing: MetalLB and LB-IPAM would both give addresses to Services without a class",
                  fix: 'name a class, for example "metallb.io/metallb", and give it to the Services that shall move',
              },
          ]
        : [];
});

export const overriddenNodesExist: Rule = forEachAnnounce((announce, path, cluster) => {
    const names = nodesOf(cluster).map(({ name }) => name);
    if (announce.mode !== "bgp" || cluster.kubernetes !== undefined) return [];
    return instancesOf(announce).flatMap(({ at, nodes = {} }) =>
        Object.keys(nodes)
            .filter((name) => !names.includes(name))
            .map((name) => ({
                path: `${path}${at}.nodes.${name}`,
                rule: "is not a node of the cluster",
                fix: `the nodes are ${names.join(", ")}`,
            })),
    );
});

/** A pattern without its ends matches longer names too. */
export const patternsMatchParts: Rule = forEachAnnounce((announce, path, _, { provider }) =>
    announce.mode === "l2" && provider === "lb-ipam"
        ? (announce.interfaces ?? []).flatMap((pattern, index) =>
              pattern.startsWith("^") && pattern.endsWith("$")
                  ? []
                  : [
                        {
                            path: `${path}.interfaces[${index}]`,
                            value: show(pattern),
                            rule: "matches any interface whose name has such a part: eth0 matches veth0 too",
                            fix: "begin it with ^ and end it with $ to match whole names",
                        },
                    ],
          )
        : [],
);

export const peerFamilies: Rule = forEachAnnounce((announce, path, cluster) =>
    announce.mode === "bgp" ? familyProblems(announce, path, cluster) : [],
);

function familyProblems(bgp: Bgp, path: string, { podCidrs }: Cluster): Problem[] {
    const spoken = podCidrs.map((text) => (parseCidr(text)?.family === "IPv6" ? "ipv6" : "ipv4"));
    return neighboursOf(bgp).flatMap(({ at, peer: { families = [] } }) =>
        families
            .filter((family) => !spoken.includes(family))
            .map((family) => ({
                path: `${path}${at}.families`,
                value: show(family),
                rule: `is not spoken by the cluster (${spoken.join(", ")})`,
                fix: "leave it out, or give the cluster ranges of that family",
            })),
    );
}

/** A neighbour is another machine, reached in a family that the nodes have. */
export const neighboursAreElsewhere: Rule = forEachAnnounce((announce, path, cluster) => {
    if (announce.mode !== "bgp") return [];
    const spoken = cluster.podCidrs.map((text) => parseCidr(text)?.family);
    const own = [
        ...nodesOf(cluster).flatMap(({ name, addresses }) =>
            addresses.map((text) => ({ what: `the node ${name}`, text })),
        ),
        ...cluster.podCidrs.map((text) => ({ what: "the cluster's pods", text })),
        ...cluster.serviceCidrs.map((text) => ({ what: "the cluster's Services", text })),
        ...cluster.loadBalancers.flatMap(({ pools }) =>
            pools.flatMap(({ name, addresses }) =>
                addresses.map((text) => ({ what: `the pool ${name}`, text })),
            ),
        ),
    ];
    return neighboursOf(announce).flatMap(({ at: place, peer }) => {
        const address = parseAddress(peer.address ?? "");
        if (address === undefined) return gatewayProblems(peer.defaultGateway, `${path}${place}`, spoken);
        const at = { path: `${path}${place}.address`, value: show(peer.address) };
        const inside = own.find(({ text }) => {
            const range = parseRange(text);
            return range !== undefined && contains(range, address);
        });
        return [
            ...(spoken.includes(address.family)
                ? []
                : [
                      {
                          ...at,
                          rule: `is an ${address.family} address, and the nodes have none of that family`,
                          fix: `write the neighbour's ${spoken.join(" or ")} address`,
                      },
                  ]),
            ...(inside === undefined
                ? []
                : [
                      {
                          ...at,
                          rule: `belongs to ${inside.what}, which is no router`,
                          fix: "write the router's address",
                      },
                  ]),
        ];
    });
});

/** A default gateway of a family that the nodes lack is none. */
function gatewayProblems(
    family: "ipv4" | "ipv6" | undefined,
    path: string,
    spoken: readonly (string | undefined)[],
): Problem[] {
    return family === undefined || spoken.some((other) => other?.toLowerCase() === family)
        ? []
        : [
              {
                  path: `${path}.defaultGateway`,
                  value: show(family),
                  rule: "is a family that the nodes have no addresses of",
                  fix: `write "${spoken.join(" or ").toLowerCase()}"`,
              },
          ];
}

/** An override for a node that does not speak changes nothing. */
export const overriddenNodesSpeak: Rule = forEachAnnounce((announce, path, cluster) => {
    if (announce.mode !== "bgp") return [];
    return instancesOf(announce).flatMap(({ at, nodes = {}, nodeSelector }) =>
        nodesOf(cluster)
            .filter((node) => nodes[node.name] !== undefined && !selects(nodeSelector, labelsOf(node)))
            .map(({ name }) => ({
                path: `${path}${at}.nodes.${name}`,
                rule: "is for a node that nodeSelector does not select: it does not speak",
                fix: "take it out, or select the node",
            })),
    );
});
