import { expect, it } from "vitest";

import { fromConfig } from "../../../model/describe.ts";
import {
    nativeCoversPods,
    nativeHasRoutes,
    oneEncryption,
    oneRouting,
} from "../../../model/rules/routing.ts";
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

it("accepts native routing over all pods", () => {
    accepts((mesh) => void (mesh.cilium.routing = native));
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
