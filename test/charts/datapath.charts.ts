import { expect, it } from "vitest";

import { inEveryVersion } from "./every-version.ts";
import { dualStack } from "./families.ts";

inEveryVersion(
    "with nothing said of the data path",
    () => undefined,
    (get) => {
        it("balances at random, answers from the node that was reached, and paces nothing", () => {
            const { config } = get();
            // What is not in the ConfigMap is the agents' own default, which is the same.
            expect(config["bpf-lb-mode"] ?? "snat").toBe("snat");
            expect(config["bpf-lb-algorithm"] ?? "random").toBe("random");
            expect(config["bpf-lb-acceleration"] ?? "disabled").toBe("disabled");
            for (const key of ["enable-bandwidth-manager", "enable-bbr", "enable-nat46x64-gateway"]) {
                expect(config[key] ?? "false").toBe("false");
            }
            expect(config["devices"] ?? "").toBe("");
        });
    },
);

inEveryVersion(
    "with Maglev, DSR by Geneve in a tunnel, XDP where it can be, devices and BBR",
    (mesh) => {
        mesh.cilium.routing = { mode: "tunnel", protocol: "geneve" };
        mesh.cilium.serviceLoadBalancing = {
            mode: "dsr",
            dispatch: "geneve",
            algorithm: "maglev",
            maglevTableSize: 65521,
            acceleration: "best-effort",
        };
        mesh.cilium.devices = ["eth0", "ens+"];
        mesh.cilium.bandwidthManager = { bbr: true };
    },
    (get) => {
        it("tells the agents all of it", () => {
            expect(get().config).toMatchObject({
                "routing-mode": "tunnel",
                "tunnel-protocol": "geneve",
                "bpf-lb-mode": "dsr",
                "bpf-lb-dsr-dispatch": "geneve",
                "bpf-lb-algorithm": "maglev",
                "bpf-lb-maglev-table-size": "65521",
                "bpf-lb-acceleration": "best-effort",
                devices: "eth0 ens+",
                "enable-bandwidth-manager": "true",
                "enable-bbr": "true",
            });
        });
    },
);

inEveryVersion(
    "with native routing, hybrid DSR by an IP option and native XDP",
    (mesh) => {
        mesh.cilium.routing = {
            mode: "native",
            ipv4NativeRoutingCIDR: "10.0.0.0/8",
            autoDirectNodeRoutes: true,
        };
        mesh.cilium.serviceLoadBalancing = { mode: "hybrid", dispatch: "opt", acceleration: "native" };
        mesh.cilium.bandwidthManager = {};
    },
    (get) => {
        it("tells the agents, and paces packets as they come", () => {
            const { config } = get();
            expect(config).toMatchObject({
                "routing-mode": "native",
                "bpf-lb-mode": "hybrid",
                "bpf-lb-dsr-dispatch": "opt",
                "bpf-lb-acceleration": "native",
                "enable-bandwidth-manager": "true",
                "enable-bbr": "false",
            });
        });
    },
);

inEveryVersion(
    "with native routing and DSR by Geneve",
    (mesh) => {
        mesh.cilium.routing = {
            mode: "native",
            ipv4NativeRoutingCIDR: "10.0.0.0/8",
            autoDirectNodeRoutes: true,
        };
        mesh.cilium.serviceLoadBalancing = { mode: "dsr", dispatch: "geneve" };
    },
    (get) => {
        it("names the protocol that the agents ask for", () => {
            expect(get().config).toMatchObject({
                "routing-mode": "native",
                "tunnel-protocol": "geneve",
                "bpf-lb-mode": "dsr",
                "bpf-lb-dsr-dispatch": "geneve",
            });
        });
    },
);

inEveryVersion(
    "with translation between IPv4 and IPv6",
    (mesh) => {
        dualStack(mesh);
        mesh.clusters.east.cilium = { nat46x64: true };
    },
    (get) => {
        it("turns the gateway on, with both families", () => {
            expect(get().config).toMatchObject({
                "enable-nat46x64-gateway": "true",
                "enable-ipv4": "true",
                "enable-ipv6": "true",
            });
        });
    },
);

inEveryVersion(
    "with a key of IPsec that is made here",
    (mesh) => {
        mesh.cilium.encryption = { type: "ipsec", keyGeneration: 2 };
    },
    (get) => {
        it("keeps the key before for a while, watches for the next one, and holds none itself", () => {
            const { config, manifest } = get();
            expect(config).toMatchObject({
                "enable-ipsec": "true",
                "enable-ipsec-key-watcher": "true",
                "ipsec-key-rotation-duration": "15m",
            });
            expect(manifest.text).not.toContain("rfc4106");
        });
    },
);
