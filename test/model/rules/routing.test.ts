import { expect, it } from "vitest";

import { fromConfig } from "../../../model/describe.ts";
import {
    directRoutesReach,
    ipv6Only,
    nativeCoversPods,
    nativeHasRoutes,
    oneEncryption,
    oneRouting,
    oneTunnelPort,
} from "../../../model/rules/routing.ts";
import type { TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

const native = { mode: "native", ipv4NativeRoutingCIDR: "10.0.0.0/8", autoDirectNodeRoutes: true } as const;

it("refuses two tunnel protocols", () => {
    expect(
        refuses(
            oneRouting,
            ({ clusters }) =>
                void (clusters.west.cilium = { routing: { mode: "tunnel", protocol: "geneve" } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.west.cilium.routing = tunnel (geneve)
          differs from clusters.east (tunnel (vxlan)): one routing mode and tunnel protocol hold for the whole mesh
          fix: set cilium.routing once, for the mesh, and leave it out here"
    `);
});

it("refuses a tunnel beside native routing", () => {
    expect(refuses(oneRouting, ({ clusters }) => void (clusters.west.cilium = { routing: native })))
        .toMatchInlineSnapshot(`
      "clusters.west.cilium.routing = native
          differs from clusters.east (tunnel (vxlan)): one routing mode and tunnel protocol hold for the whole mesh
          fix: set cilium.routing once, for the mesh, and leave it out here"
    `);
});

it("accepts the same routing said again", () => {
    accepts(
        ({ clusters }) => void (clusters.west.cilium = { routing: { mode: "tunnel", protocol: "vxlan" } }),
    );
});

it("refuses encryption in one cluster only", () => {
    expect(
        refuses(
            oneEncryption,
            ({ clusters }) => void (clusters.west.cilium = { encryption: { type: "wireguard" } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.west.cilium.encryption = {"type":"wireguard"}
          differs from clusters.east ({"type":"none"}): one encryption, with the same settings and key, holds for the whole mesh
          fix: set cilium.encryption once, for the mesh, and leave it out here"
    `);
});

it("refuses two IPsec keys", () => {
    expect(
        refuses(oneEncryption, (mesh) => {
            mesh.cilium.encryption = { type: "ipsec", key: fromConfig("ipsecKey") };
            mesh.clusters.west.cilium = { encryption: { type: "ipsec", key: fromConfig("otherKey") } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.west.cilium.encryption = {"type":"ipsec","key":{"fromConfig":"otherKey"}}
          differs from clusters.east ({"type":"ipsec","key":{"fromConfig":"ipsecKey"}}): one encryption, with the same settings and key, holds for the whole mesh
          fix: set cilium.encryption once, for the mesh, and leave it out here"
    `);
});

it("refuses native routing that leaves out another cluster's pods", () => {
    expect(
        refuses(
            nativeCoversPods,
            (mesh) => void (mesh.cilium.routing = { ...native, ipv4NativeRoutingCIDR: "10.10.0.0/16" }),
        ),
    ).toMatchInlineSnapshot(`
      "cilium.routing.ipv4NativeRoutingCIDR = "10.10.0.0/16"
          does not hold the pods of clusters.west (10.20.0.0/16): their packets would be masqueraded
          fix: name a network that holds the pod ranges of all clusters"
    `);
});

it("refuses native routing without a network", () => {
    expect(
        refuses(
            nativeCoversPods,
            (mesh) => void (mesh.cilium.routing = { mode: "native", autoDirectNodeRoutes: true }),
        ),
    ).toMatchInlineSnapshot(`
      "cilium.routing.ipv4NativeRoutingCIDR
          is missing: with native routing, Cilium must know where pod addresses are routed as they are
          fix: name a network that holds the IPv4 pod ranges of all clusters"
    `);
});

it("accepts native routing over all pods that routers know", () => {
    accepts((mesh) => {
        mesh.cilium.routing = { ...native, autoDirectNodeRoutes: false };
        for (const cluster of Object.values(mesh.clusters)) {
            cluster.loadBalancer = { provider: "lb-ipam", pools: { mesh: [`10.250.${cluster.id}.0/24`] } };
            cluster.announce = {
                mode: "bgp",
                localASN: 65001,
                peers: { tor: { address: `192.168.${cluster.id}0.1`, asn: 65000 } },
                advertise: ["PodCIDR", "LoadBalancerIP"],
            };
        }
    });
});

it("warns where nothing tells the network about pods", () => {
    expect(
        warns(
            nativeHasRoutes,
            (mesh) => void (mesh.cilium.routing = { ...native, autoDirectNodeRoutes: false }),
        ),
    ).toMatchInlineSnapshot(`
      "cilium.routing = native
          nothing here tells the network where pods are: neither autoDirectNodeRoutes nor BGP with PodCIDR
          fix: set autoDirectNodeRoutes where nodes share a network, announce "PodCIDR" by BGP, or make sure that your routers know"
    `);
});

function onlyIPv6(mesh: TwoClusters, version: string): void {
    mesh.cilium = { version };
    mesh.rke2.version = version.startsWith("1.17") ? "v1.32.13+rke2r1" : "v1.35.7+rke2r1";
    for (const cluster of Object.values(mesh.clusters)) {
        cluster.podCidr = `fd00:${cluster.id}0::/56`;
        cluster.serviceCidr = `fd00:${cluster.id}1::/112`;
        cluster.nodeCidr = `fd00:${cluster.id}2::/64`;
        for (const [index, node] of Object.values({ ...cluster.servers, ...cluster.agents }).entries()) {
            node.address = `fd00:${cluster.id}2::1${index + 1}`;
        }
        cluster.loadBalancer = {
            provider: "metallb",
            pools: { mesh: [`fd00:${cluster.id}2::200-fd00:${cluster.id}2::2ff`] },
        };
    }
}

it("refuses a tunnel without IPv4 where Cilium cannot have one", () => {
    expect(
        refuses(ipv6Only, (mesh) => {
            onlyIPv6(mesh, "1.17.16");
        }),
    ).toMatchInlineSnapshot(`
      "cilium.version = "1.17.16"
          needs IPv4 between nodes for a tunnel, and the cluster speaks IPv6 only
          fix: use Cilium 1.18 or later, add IPv4 ranges, or choose another routing or encryption"
    `);
});

it("refuses WireGuard through a tunnel without IPv4 up to 1.18", () => {
    expect(
        refuses(ipv6Only, (mesh) => {
            onlyIPv6(mesh, "1.18.11");
            mesh.cilium.encryption = { type: "wireguard" };
        }),
    ).toMatchInlineSnapshot(`
      "cilium.version = "1.18.11"
          needs IPv4 between nodes for WireGuard through a tunnel, and the cluster speaks IPv6 only
          fix: use Cilium 1.19 or later, add IPv4 ranges, or choose another routing or encryption"
    `);
});

it("accepts a tunnel over IPv6 alone from 1.18 on", () => {
    accepts((mesh) => {
        onlyIPv6(mesh, "1.18.11");
    });
});

it("refuses tunnels at two ports", () => {
    expect(
        refuses(
            oneTunnelPort,
            ({ clusters }) => void (clusters.west.cilium = { values: { tunnelPort: 8473 } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.west.cilium.values.tunnelPort = 8473
          differs from clusters.east (0): members of a mesh send to each other's nodes at one port
          fix: set cilium.values.tunnelPort once, for the mesh; 0 is the protocol's own"
    `);
});

it("warns where direct routes end at the network's border", () => {
    expect(warns(directRoutesReach, (mesh) => void (mesh.cilium.routing = native))).toMatchInlineSnapshot(`
      "cilium.routing.autoDirectNodeRoutes = true
          reaches nodes on the same network only, and the clusters' node networks differ: nothing here routes pods between clusters
          fix: announce "PodCIDR" by BGP, or make sure that your routers know each node's pods"
    `);
});
