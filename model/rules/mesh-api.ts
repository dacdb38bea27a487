import { contains, parseAddress, parseCidr, parseRange } from "../net/range.ts";
import { show } from "../problem.ts";
import type { Cluster, Pool } from "../resolved.ts";
import { selects } from "../selector.ts";
import { advertisementsOf } from "../support/bgp-advertisements.ts";
import { minorOf } from "../support/version.ts";
import { forEachCluster, repeated, type Rule } from "./rule.ts";

/** The labels of the mesh API's Service, with those that LB-IPAM adds for name and namespace. */
const SERVICE_LABELS = {
    "k8s-app": "clustermesh-apiserver",
    "app.kubernetes.io/part-of": "cilium",
    "app.kubernetes.io/name": "clustermesh-apiserver",
    "app.kubernetes.io/component": "controller",
    "io.kubernetes.service.name": "clustermesh-apiserver",
    "io.kubernetes.service.namespace": "kube-system",
} as const;

function poolOf({ meshApi, loadBalancers }: Cluster): Pool | undefined {
    return meshApi.type === "LoadBalancer"
        ? loadBalancers[0]?.pools.find(({ name }) => name === meshApi.pool)
        : undefined;
}

export const meshApiPool: Rule = forEachCluster((cluster, at) => {
    const { meshApi, loadBalancers } = cluster;
    if (meshApi.type !== "LoadBalancer") return [];
    const pool = poolOf(cluster);
    const names = loadBalancers[0]?.pools.map(({ name }) => name) ?? [];
    if (pool === undefined) {
        return [
            {
                path: `${at}.meshApi.pool`,
                value: show(meshApi.pool),
                rule: "is not a pool of the cluster's loadBalancer",
                fix: `name one of ${names.join(", ")}`,
            },
        ];
    }
    const address = parseAddress(meshApi.address);
    const inside = pool.addresses.some((text) => {
        const range = parseRange(text);
        return address !== undefined && range !== undefined && contains(range, address);
    });
    const family = parseCidr(cluster.podCidrs[0] ?? "")?.family;
    return [
        ...(address === undefined || address.family === family
            ? []
            : [
                  {
                      path: `${at}.meshApi.address`,
                      value: show(meshApi.address),
                      rule: `is an ${address.family} address, and the mesh API's Service has one of ${family ?? "no family"}, which podCidr names first`,
                      fix: `name a pool with ${family ?? "such"} addresses in meshApi.pool`,
                  },
              ]),
        ...(inside
            ? []
            : [
                  {
                      path: `${at}.meshApi.address`,
                      value: show(meshApi.address),
                      rule: `lies outside the pool ${pool.name} (${pool.addresses.join(", ")}): the load balancer would never give it`,
                      fix: "choose an address of the pool, or leave it out",
                  },
              ]),
        ...(selects(pool.serviceSelector, SERVICE_LABELS)
            ? []
            : [
                  {
                      path: `${at}.${loadBalancers[0]?.at ?? ""}.pools.${pool.name}.serviceSelector`,
                      value: show(pool.serviceSelector),
                      rule: "does not select the mesh API's Service (k8s-app=clustermesh-apiserver), which takes its address from this pool",
                      fix: "select it too, or name another pool in meshApi.pool",
                  },
              ]),
    ];
});

/** Whoever selects what to announce must not leave out what other clusters need. */
export const meshApiAnnounced: Rule = forEachCluster(({ meshApi, loadBalancers: [loadBalancer] }, at) => {
    const announce = loadBalancer?.announce;
    if (meshApi.type !== "LoadBalancer" || announce === undefined || announce.mode === "none") return [];
    if (announce.mode === "bgp" && announce.advertisements !== undefined) {
        return advertisementsOf(announce).some(
            ({ advertise, serviceSelector, pools }) =>
                advertise.includes("LoadBalancerIP") &&
                selects(serviceSelector, SERVICE_LABELS) &&
                (pools?.includes(meshApi.pool) ?? true),
        )
            ? []
            : [
                  {
                      path: `${at}.announce.advertisements`,
                      rule: `announce ${meshApi.address}, the mesh API's address, nowhere: other clusters could not reach it`,
                      fix: `add one with "LoadBalancerIP" that selects its Service (k8s-app=clustermesh-apiserver) and leaves out no pool, or extend one`,
                  },
              ];
    }
    if (announce.mode === "bgp" && !announce.advertise.includes("LoadBalancerIP")) {
        return [
            {
                path: `${at}.announce.advertise`,
                value: show(announce.advertise),
                rule: `leaves out the addresses of load balancers, and with them the mesh API's ${meshApi.address}: other clusters could not reach it`,
                fix: 'add "LoadBalancerIP"',
            },
        ];
    }
    return selects(announce.serviceSelector, SERVICE_LABELS)
        ? []
        : [
              {
                  path: `${at}.announce.serviceSelector`,
                  value: show(announce.serviceSelector),
                  rule: "does not select the mesh API's Service (k8s-app=clustermesh-apiserver): other clusters could not reach it",
                  fix: "select it too",
              },
          ];
});

export const meshApiAddressesUnique: Rule = ({ clusters }) => {
    const addresses = clusters.flatMap(({ name, meshApi }) =>
        meshApi.type === "LoadBalancer" && meshApi.address !== "" ? [{ name, address: meshApi.address }] : [],
    );
    return repeated(addresses, ({ address }) => address).map(({ item, first }) => ({
        path: `clusters.${item.name}.meshApi.address`,
        value: show(item.address),
        rule: `is also the mesh API's address of clusters.${first.name}`,
        fix: "give each cluster a pool of its own",
    }));
};

export const nodePortInRange: Rule = forEachCluster(({ meshApi }, at) =>
    meshApi.type !== "NodePort" || (meshApi.port >= 30000 && meshApi.port <= 32767)
        ? []
        : [
              {
                  path: `${at}.meshApi.nodePort`,
                  value: show(meshApi.port),
                  rule: "must be 30000 to 32767, Kubernetes' range for node ports",
                  fix: "choose a port in that range",
              },
          ],
);

/** Up to 1.18 a node that has the same node port open itself answers instead of the remote cluster (cilium#24692). */
export const nodePortsDiffer: Rule = ({ clusters }) => {
    const ports = clusters.flatMap((cluster) => (cluster.meshApi.type === "NodePort" ? [cluster] : []));
    return repeated(ports, ({ meshApi }) => String(meshApi.port))
        .filter(({ item, first }) => [item, first].some(({ cilium }) => minorOf(cilium.version) <= 18))
        .map(({ item, first }) => ({
            path: `clusters.${item.name}.meshApi.nodePort`,
            value: show(item.meshApi.port),
            rule: `is also the port of clusters.${first.name}: up to Cilium 1.18 each cluster would connect to itself`,
            fix: "give each cluster another port, or expose the mesh API by a LoadBalancer",
        }));
};

export const nodePortIsFragile: Rule = forEachCluster(({ kubernetes, meshApi, servers }, at) =>
    // A name can follow the servers; without one, a cluster that is there already is refused.
    meshApi.type !== "NodePort" || meshApi.names !== undefined || kubernetes !== undefined
        ? []
        : [
              {
                  path: `${at}.meshApi.type`,
                  value: show(meshApi.type),
                  rule: `other clusters reach the mesh API at ${servers.map(({ addresses }) => addresses[0]).join(", ")} only, and not at all when those servers are replaced`,
                  fix: "use LoadBalancer, whose address stays, or a name in meshApi.names that follows them",
              },
          ],
);

export const nobodyAnnounces: Rule = forEachCluster(({ meshApi, loadBalancers: [loadBalancer] }, at) =>
    meshApi.type === "LoadBalancer" && loadBalancer?.announce.mode === "none"
        ? [
              {
                  path: `${at}.announce`,
                  value: show("none"),
                  rule: `nothing here announces ${meshApi.address}, at which other clusters reach the mesh API`,
                  fix: "make sure that your network routes it to the nodes, or announce it by l2 or bgp",
              },
          ]
        : [],
);

/** Whoever is let in must include the nodes of every peer: their mesh API connects from there. */
export const peersAreLetIn: Rule = (mesh) =>
    mesh.clusters.flatMap(({ name, meshApi, peers }) => {
        if (meshApi.type !== "LoadBalancer" || meshApi.sourceRanges.length === 0) return [];
        const ranges = meshApi.sourceRanges.flatMap((text) => parseCidr(text) ?? []);
        const family = parseAddress(meshApi.address)?.family;
        return mesh.clusters
            .filter((other) => peers.some((peer) => peer.name === other.name))
            .flatMap((other) => other.nodeCidrs.flatMap((text) => ({ other, network: parseCidr(text) })))
            .filter(
                ({ network }) =>
                    network !== undefined &&
                    network.family === family &&
                    !ranges.some((range) => contains(range, network)),
            )
            .map(({ other, network }) => ({
                path: `clusters.${name}.meshApi.sourceRanges`,
                value: show(meshApi.sourceRanges),
                rule: `leaves out the nodes of clusters.${other.name} (${network?.text ?? ""}), which connect from there`,
                fix: "add the node network of every peer",
            }));
    });

/** Annotations by which a Service asks for an address: the program sets one of them itself. */
const ADDRESS_ANNOTATIONS = /^(metallb\.(io|universe\.tf)|lbipam\.cilium\.io)\/|^io\.cilium\/lb-ipam-/;

export const ownAnnotations: Rule = forEachCluster(({ meshApi }, at) =>
    Object.keys(meshApi.type === "LoadBalancer" ? meshApi.annotations : {})
        .filter((key) => ADDRESS_ANNOTATIONS.test(key))
        .map((key) => ({
            path: `${at}.meshApi.annotations`,
            value: show(key),
            rule: "asks for an address, which this program does itself: the same one stands in every peer's configuration",
            fix: "write meshApi.address and meshApi.pool instead",
        })),
);

/** MetalLB shares by the key alone: a limit that it does not know would not hold. */
export const sharingLimitHolds: Rule = forEachCluster(({ meshApi, loadBalancers: [loadBalancer] }, at) =>
    meshApi.type !== "LoadBalancer" ||
    meshApi.sharing?.namespaces === undefined ||
    loadBalancer?.provider !== "metallb"
        ? []
        : [
              {
                  path: `${at}.meshApi.sharing.namespaces`,
                  value: show(meshApi.sharing.namespaces),
                  rule: "is LB-IPAM's: MetalLB lets Services of any namespace share, if they have the key",
                  fix: "leave it out",
              },
          ],
);
