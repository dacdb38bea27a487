import { contains, parseCidr } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Cilium, Cluster, Mesh, Routing } from "../resolved.ts";
import { minorOf } from "../support/version.ts";
import { forEachCluster, type Rule } from "./rule.ts";

function kindOf(routing: Routing): string {
    return routing.mode === "native" ? "native" : `tunnel (${routing.protocol})`;
}

/** Two members that encapsulate differently do not understand each other's packets. */
export const oneRouting: Rule = sameEverywhere(
    "routing",
    ({ cilium }) => kindOf(cilium.routing),
    "one routing mode and tunnel protocol hold for the whole mesh",
);

/** WireGuard and IPsec work with every node of the mesh or not at all. */
export const oneEncryption: Rule = sameEverywhere(
    "encryption",
    ({ cilium }) => show(cilium.encryption),
    "one encryption, with the same settings and key, holds for the whole mesh",
);

function sameEverywhere(key: "routing" | "encryption", say: (cluster: Cluster) => string, why: string): Rule {
    return ({ clusters: [first, ...rest] }) =>
        rest
            .filter((cluster) => first !== undefined && say(cluster) !== say(first))
            .map((cluster) => ({
                path: `clusters.${cluster.name}.cilium.${key}`,
                value: say(cluster),
                rule: `differs from clusters.${first?.name ?? ""} (${first === undefined ? "" : say(first)}): ${why}`,
                fix: `set cilium.${key} once, for the mesh, and leave it out here`,
            }));
}

const KEY = { IPv4: "ipv4NativeRoutingCIDR", IPv6: "ipv6NativeRoutingCIDR" } as const;

/** Addresses outside the native routing CIDR are hidden behind the node's: pods of other clusters would not know who asks. */
export const nativeCoversPods: Rule = (mesh) =>
    mesh.clusters.flatMap((cluster) => coverProblems(cluster, mesh));

function coverProblems(cluster: Cluster, mesh: Mesh): Problem[] {
    const { routing } = cluster.cilium;
    if (routing.mode !== "native") return [];
    return mesh.clusters.flatMap((member) =>
        member.podCidrs.flatMap((text) => {
            const pods = parseCidr(text);
            if (pods === undefined) return [];
            const key = KEY[pods.family];
            const outer = routing[key];
            const path = `clusters.${cluster.name}.cilium.routing.${key}`;
            if (outer === undefined) {
                // Said once, for the cluster's own pods.
                return member === cluster
                    ? [
                          {
                              path,
                              rule: "is missing: with native routing, Cilium must know where pod addresses are routed as they are",
                              fix: `name a network that holds the ${pods.family} pod ranges of all clusters`,
                          },
                      ]
                    : [];
            }
            const range = parseCidr(outer);
            return range === undefined || contains(range, pods)
                ? []
                : [
                      {
                          path,
                          value: show(outer),
                          rule: `does not hold the pods of clusters.${member.name} (${text}): their packets would be masqueraded`,
                          fix: "name a network that holds the pod ranges of all clusters",
                      },
                  ];
        }),
    );
}

/** What Cilium needs IPv4 between nodes for, by the minor version that no longer does. */
const IPV4_NEEDED = [
    { what: "a tunnel", until: 18, used: ({ routing }: Cilium) => routing.mode === "tunnel" },
    {
        what: "WireGuard through a tunnel",
        until: 19,
        used: ({ routing, encryption }: Cilium) =>
            routing.mode === "tunnel" && encryption.type === "wireguard",
    },
    { what: "IPsec", until: 18, used: ({ encryption }: Cilium) => encryption.type === "ipsec" },
] as const;

/** A cluster that speaks only IPv6 cannot use everything in every version. */
export const ipv6Only: Rule = forEachCluster(({ podCidrs, cilium }, at) =>
    podCidrs.some((text) => parseCidr(text)?.family === "IPv4")
        ? []
        : IPV4_NEEDED.filter(({ until, used }) => used(cilium) && minorOf(cilium.version) < until).map(
              ({ what, until }) => ({
                  path: `${at}.cilium.version`,
                  value: show(cilium.version),
                  rule: `needs IPv4 between nodes for ${what}, and the cluster speaks IPv6 only`,
                  fix: `use Cilium 1.${until} or later, add IPv4 ranges, or choose another routing or encryption`,
              }),
          ),
);

/** The tunnel's UDP port is no option here, and must be the same in every member. */
export const oneTunnelPort: Rule = ({ clusters: [first, ...rest] }) => {
    const portOf = (cluster: Cluster | undefined) => show(cluster?.cilium.values["tunnelPort"] ?? 0);
    return rest
        .filter((cluster) => portOf(cluster) !== portOf(first))
        .map((cluster) => ({
            path: `clusters.${cluster.name}.cilium.values.tunnelPort`,
            value: portOf(cluster),
            rule: `differs from clusters.${first?.name ?? ""} (${portOf(first)}): members of a mesh send to each other's nodes at one port`,
            fix: "set cilium.values.tunnelPort once, for the mesh; 0 is the protocol's own",
        }));
};

/** Nodes route directly only to nodes on their own network. */
export const directRoutesReach: Rule = ({ clusters }) => {
    const networks = new Set(clusters.map(({ nodeCidrs }) => show(nodeCidrs)));
    return clusters
        .filter(({ cilium: { routing }, loadBalancers }) => {
            const announced = loadBalancers.some(
                ({ announce }) => announce.mode === "bgp" && announce.advertise.includes("PodCIDR"),
            );
            return (
                routing.mode === "native" && routing.autoDirectNodeRoutes && networks.size > 1 && !announced
            );
        })
        .map(({ name }) => ({
            path: `clusters.${name}.cilium.routing.autoDirectNodeRoutes`,
            value: show(true),
            rule: "reaches nodes on the same network only, and the clusters' node networks differ: nothing here routes pods between clusters",
            fix: 'announce "PodCIDR" by BGP, or make sure that your routers know each node\'s pods',
        }));
};

/** With native routing somebody must tell the network where each node's pods are. */
export const nativeHasRoutes: Rule = forEachCluster(({ cilium: { routing }, loadBalancers }, at) => {
    const announced = loadBalancers.some(
        ({ announce }) => announce.mode === "bgp" && announce.advertise.includes("PodCIDR"),
    );
    return routing.mode !== "native" || routing.autoDirectNodeRoutes || announced
        ? []
        : [
              {
                  path: `${at}.cilium.routing`,
                  value: "native",
                  rule: "nothing here tells the network where pods are: neither autoDirectNodeRoutes nor BGP with PodCIDR",
                  fix: 'set autoDirectNodeRoutes where nodes share a network, announce "PodCIDR" by BGP, or make sure that your routers know',
              },
          ];
});
