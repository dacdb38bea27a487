import { expect, it } from "vitest";

import * as meshApi from "../../../model/rules/mesh-api.ts";
import type { TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

it("refuses an address outside its pool", () => {
    expect(
        refuses(
            meshApi.meshApiPool,
            ({ clusters }) =>
                void (clusters.east.meshApi = { type: "LoadBalancer", address: "192.168.10.100" }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.meshApi.address = "192.168.10.100"
          lies outside the pool mesh (192.168.10.200-192.168.10.219): the load balancer would never give it
          fix: choose an address of the pool, or leave it out"
    `);
});

it("refuses a pool that does not exist", () => {
    expect(
        refuses(
            meshApi.meshApiPool,
            ({ clusters }) => void (clusters.east.meshApi = { type: "LoadBalancer", pool: "msh" }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.meshApi.pool = "msh"
          is not a pool of the cluster's loadBalancer
          fix: name one of mesh"
    `);
});

it("refuses a pool that does not serve the mesh API", () => {
    expect(
        refuses(meshApi.meshApiPool, ({ clusters }) => {
            clusters.east.loadBalancer = {
                provider: "metallb",
                pools: {
                    mesh: {
                        addresses: ["192.168.10.200-192.168.10.219"],
                        serviceSelector: { matchLabels: { team: "web" } },
                    },
                },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.mesh.serviceSelector = {"matchLabels":{"team":"web"}}
          does not select the mesh API's Service (k8s-app=clustermesh-apiserver), which takes its address from this pool
          fix: select it too, or name another pool in meshApi.pool"
    `);
});

it("accepts another pool, and an address of it", () => {
    accepts(({ clusters }) => {
        clusters.east.loadBalancer = {
            provider: "metallb",
            pools: { web: ["192.168.10.200-192.168.10.209"], mesh: ["192.168.10.210-192.168.10.219"] },
        };
        clusters.east.meshApi = { type: "LoadBalancer", pool: "mesh", address: "192.168.10.219" };
    });
});

it("refuses an announcement that leaves the mesh API out", () => {
    expect(
        refuses(meshApi.meshApiAnnounced, ({ clusters }) => {
            clusters.east.loadBalancer = {
                provider: "lb-ipam",
                pools: { mesh: ["192.168.10.200-192.168.10.219"] },
            };
            clusters.east.announce = {
                mode: "l2",
                serviceSelector: {
                    matchExpressions: [
                        { key: "k8s-app", operator: "NotIn", values: ["clustermesh-apiserver"] },
                    ],
                },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.serviceSelector = {"matchExpressions":[{"key":"k8s-app","operator":"NotIn","values":["clustermesh-apiserver"]}]}
          does not select the mesh API's Service (k8s-app=clustermesh-apiserver): other clusters could not reach it
          fix: select it too"
    `);
});

it("refuses one address for two clusters", () => {
    expect(
        refuses(
            meshApi.meshApiAddressesUnique,
            ({ clusters }) =>
                void (clusters.west.meshApi = { type: "LoadBalancer", address: "192.168.10.200" }),
            { others: true },
        ),
    ).toMatchInlineSnapshot(`
      "clusters.west.meshApi.address = "192.168.10.200"
          is also the mesh API's address of clusters.east
          fix: give each cluster a pool of its own"
    `);
});

it("refuses a node port outside Kubernetes' range", () => {
    expect(
        refuses(
            meshApi.nodePortInRange,
            ({ clusters }) => void (clusters.east.meshApi = { type: "NodePort", nodePort: 2379 }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.meshApi.nodePort = 2379
          must be 30000 to 32767, Kubernetes' range for node ports
          fix: choose a port in that range"
    `);
});

it("refuses one node port for two clusters up to Cilium 1.18", () => {
    expect(
        refuses(meshApi.nodePortsDiffer, (mesh) => {
            mesh.cilium = { version: "1.18.11" };
            mesh.clusters.east.meshApi = { type: "NodePort" };
            mesh.clusters.west.meshApi = { type: "NodePort" };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.west.meshApi.nodePort = 32379
          is also the port of clusters.east: up to Cilium 1.18 each cluster would connect to itself
          fix: give each cluster another port, or expose the mesh API by a LoadBalancer"
    `);
});

it("warns of a node port", () => {
    expect(
        warns(
            meshApi.nodePortIsFragile,
            ({ clusters }) => void (clusters.east.meshApi = { type: "NodePort" }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.meshApi.type = "NodePort"
          other clusters reach the mesh API at 192.168.10.11 only, and not at all when those servers are replaced
          fix: use LoadBalancer, whose address stays, or a name in meshApi.names that follows them"
    `);
});

it("warns where nobody announces the mesh API", () => {
    expect(warns(meshApi.nobodyAnnounces, ({ clusters }) => void (clusters.east.announce = { mode: "none" })))
        .toMatchInlineSnapshot(`
      "clusters.east.announce = "none"
          nothing here announces 192.168.10.200, at which other clusters reach the mesh API
          fix: make sure that your network routes it to the nodes, or announce it by l2 or bgp"
    `);
});

it("refuses an announcement by BGP without the mesh API's address", () => {
    expect(
        refuses(meshApi.meshApiAnnounced, ({ clusters }) => {
            clusters.east.loadBalancer = { provider: "lb-ipam", pools: { mesh: ["10.250.1.0/24"] } };
            clusters.east.announce = {
                mode: "bgp",
                localASN: 65001,
                peers: { tor: { address: "192.168.10.1", asn: 65000 } },
                advertise: ["PodCIDR"],
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.advertise = ["PodCIDR"]
          leaves out the addresses of load balancers, and with them the mesh API's 10.250.1.1: other clusters could not reach it
          fix: add "LoadBalancerIP""
    `);
});

it("takes an address of the family that the cluster names first, and refuses another", () => {
    expect(
        refuses(
            meshApi.meshApiPool,
            ({ clusters }) => {
                clusters.east.loadBalancer = {
                    provider: "metallb",
                    pools: { mesh: ["fd00::200-fd00::2ff"] },
                };
            },
            { others: true },
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.meshApi.address = "fd00::200"
          is an IPv6 address, and the mesh API's Service has one of IPv4, which podCidr names first
          fix: name a pool with IPv4 addresses in meshApi.pool"
    `);
});

it("refuses to let in only some peers", () => {
    expect(
        refuses(
            meshApi.peersAreLetIn,
            ({ clusters }) =>
                void (clusters.east.meshApi = { type: "LoadBalancer", sourceRanges: ["192.168.30.0/24"] }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.meshApi.sourceRanges = ["192.168.30.0/24"]
          leaves out the nodes of clusters.west (192.168.20.0/24), which connect from there
          fix: add the node network of every peer"
    `);
});

it("accepts source ranges that hold every peer's nodes", () => {
    accepts(
        ({ clusters }) =>
            void (clusters.east.meshApi = { type: "LoadBalancer", sourceRanges: ["192.168.0.0/16"] }),
    );
});

it("refuses an annotation that asks for another address", () => {
    expect(
        refuses(
            meshApi.ownAnnotations,
            ({ clusters }) =>
                void (clusters.east.meshApi = {
                    type: "LoadBalancer",
                    annotations: { "metallb.io/address-pool": "other" },
                }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.meshApi.annotations = "metallb.io/address-pool"
          asks for an address, which this program does itself: the same one stands in every peer's configuration
          fix: write meshApi.address and meshApi.pool instead"
    `);
});

it("accepts an address that others share", () => {
    accepts(({ clusters: { east, west } }) => {
        east.meshApi = { type: "LoadBalancer", sharing: { key: "mesh" } };
        west.loadBalancer = { provider: "lb-ipam", pools: { mesh: ["192.168.20.200-192.168.20.219"] } };
        west.meshApi = { type: "LoadBalancer", sharing: { key: "mesh", namespaces: ["web"] } };
    });
});

it("refuses a limit of sharing that would not hold", () => {
    expect(
        refuses(
            meshApi.sharingLimitHolds,
            ({ clusters }) =>
                void (clusters.east.meshApi = {
                    type: "LoadBalancer",
                    sharing: { key: "mesh", namespaces: ["web"] },
                }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.meshApi.sharing.namespaces = ["web"]
          is LB-IPAM's: MetalLB lets Services of any namespace share, if they have the key
          fix: leave it out"
    `);
});

it("looks for the mesh API in each of several advertisements", () => {
    const announced =
        (advertisements: Record<string, object>) =>
        ({ clusters: { east } }: TwoClusters) => {
            east.loadBalancer = {
                provider: "metallb",
                pools: { mesh: ["10.250.1.0/24"], web: ["10.250.2.0/24"] },
            };
            east.announce = {
                mode: "bgp",
                localASN: 65001,
                peers: { tor: { address: "192.168.10.1", asn: 65000 } },
                advertisements,
            };
        };
    accepts(announced({ web: { pools: ["web"] }, rest: { pools: ["mesh"], communities: ["no-export"] } }));
    expect(
        refuses(
            meshApi.meshApiAnnounced,
            announced({
                web: { pools: ["web"] },
                public: { serviceSelector: { matchLabels: { public: "true" } } },
            }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.advertisements
          announce 10.250.1.1, the mesh API's address, nowhere: other clusters could not reach it
          fix: add one with "LoadBalancerIP" that selects its Service (k8s-app=clustermesh-apiserver) and leaves out no pool, or extend one"
    `);
});
