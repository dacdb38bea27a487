import { contains, parseCidr } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Cluster, Mesh, Routing } from "../resolved.ts";
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
