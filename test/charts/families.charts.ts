import { expect, it } from "vitest";

import { inEveryVersion } from "./every-version.ts";
import { dualStack, ipv6Only } from "./families.ts";

inEveryVersion(
    "with both families and native routing",
    (mesh) => {
        dualStack(mesh);
        mesh.cilium.ipam = "cluster-pool";
        mesh.cilium.routing = {
            mode: "native",
            ipv4NativeRoutingCIDR: "10.0.0.0/8",
            ipv6NativeRoutingCIDR: "fd00::/16",
            autoDirectNodeRoutes: true,
        };
    },
    (get) => {
        it("routes and masquerades both", () => {
            expect(get().config).toMatchObject({
                "enable-ipv4": "true",
                "enable-ipv6": "true",
                "ipv4-native-routing-cidr": "10.0.0.0/8",
                "ipv6-native-routing-cidr": "fd00::/16",
                "enable-ipv4-masquerade": "true",
                "enable-ipv6-masquerade": "true",
                "enable-bpf-masquerade": "true",
                "cluster-pool-ipv4-cidr": "10.10.0.0/16",
                "cluster-pool-ipv4-mask-size": "24",
                "cluster-pool-ipv6-cidr": "fd00:10::/56",
                "cluster-pool-ipv6-mask-size": "72",
            });
        });
    },
);

inEveryVersion(
    "with IPv6 only and native routing",
    (mesh) => {
        ipv6Only(mesh);
        mesh.cilium.routing = {
            mode: "native",
            ipv6NativeRoutingCIDR: "fd00::/16",
            autoDirectNodeRoutes: true,
        };
    },
    (get) => {
        it("has no IPv4 and reaches the other cluster by IPv6", () => {
            const { config, manifest } = get();
            expect(config).toMatchObject({
                "enable-ipv4": "false",
                "enable-ipv6": "true",
                "ipv6-native-routing-cidr": "fd00::/16",
                "enable-ipv4-masquerade": "false",
                "enable-ipv6-masquerade": "true",
            });
            expect(manifest.secret("cilium-kvstoremesh")["west"]).toContain(
                "- https://[fd00:20:2::200]:2379\n",
            );
        });
    },
);

inEveryVersion(
    "with IPv6 only and a tunnel",
    ipv6Only,
    (get, minor) => {
        it("tunnels over IPv6", () => {
            const { config } = get();
            const byDefault = minor >= 20 ? "auto" : "ipv4";
            expect(config).toMatchObject({ "routing-mode": "tunnel", "enable-ipv4": "false" });
            expect(["ipv6", "auto"]).toContain(config["underlay-protocol"] ?? byDefault);
        });
    },
    // Before, a tunnel needs IPv4 below it.
    { since: 18 },
);
