import { expect, it } from "vitest";

import { fromConfig } from "../../model/describe.ts";
import { inEveryVersion } from "./every-version.ts";
import { mountsOf } from "./mounts.ts";

inEveryVersion(
    "with WireGuard",
    (mesh) => {
        mesh.cilium.encryption = { type: "wireguard" };
    },
    (get) => {
        it("encrypts between pods, lets nodes be, and drops nothing", () => {
            const { config } = get();
            expect(config["enable-wireguard"]).toBe("true");
            expect(config["enable-ipsec"] ?? "false").toBe("false");
            expect(config["encrypt-node"] ?? "false").toBe("false");
            expect(Object.keys(config).filter((key) => /strict-mode|strict-egress/.test(key))).toEqual([]);
        });
    },
);

inEveryVersion(
    "with WireGuard for nodes too, strict, over a tunnel",
    (mesh) => {
        mesh.cilium.encryption = {
            type: "wireguard",
            nodeEncryption: true,
            strictEgressCidr: "10.0.0.0/8",
        };
    },
    (get, minor) => {
        it("encrypts nodes too and drops what would leave one unencrypted", () => {
            expect(get().config).toMatchObject({
                "enable-wireguard": "true",
                "encrypt-node": "true",
                ...(minor >= 19
                    ? {
                          "enable-encryption-strict-mode-egress": "true",
                          "encryption-strict-egress-cidr": "10.0.0.0/8",
                          "encryption-strict-egress-allow-remote-node-identities": "true",
                      }
                    : {
                          "enable-encryption-strict-mode": "true",
                          "encryption-strict-mode-cidr": "10.0.0.0/8",
                          "encryption-strict-mode-allow-remote-node-identities": "true",
                      }),
            });
        });
    },
);

inEveryVersion(
    "with strict WireGuard and native routing",
    (mesh) => {
        mesh.cilium.routing = { mode: "native", ipv4NativeRoutingCIDR: "10.0.0.0/8" };
        mesh.cilium.encryption = { type: "wireguard", strictEgressCidr: "10.0.0.0/8" };
    },
    (get, minor) => {
        it("lets no node pass as another one's pod", () => {
            const { config } = get();
            expect(config["encrypt-node"] ?? "false").toBe("false");
            expect(config).toMatchObject({
                "enable-wireguard": "true",
                [minor >= 19
                    ? "encryption-strict-egress-allow-remote-node-identities"
                    : "encryption-strict-mode-allow-remote-node-identities"]: "false",
            });
        });
    },
);

inEveryVersion(
    "with IPsec",
    (mesh) => {
        mesh.cilium.encryption = { type: "ipsec", key: fromConfig("ipsecKey") };
    },
    (get) => {
        it("reads the key from where the program's Secret is mounted", () => {
            const { config, manifest, deployment } = get();
            expect(config["enable-ipsec"]).toBe("true");
            expect(config["enable-wireguard"] ?? "false").toBe("false");
            const { spec } = manifest.workload("DaemonSet", "cilium");
            const [mount] = mountsOf(spec.template.spec).filter(({ name }) => name === "cilium-ipsec-keys");
            const at = spec.template.spec.containers.flatMap(({ volumeMounts }) =>
                volumeMounts.flatMap(({ name, mountPath }) => (name === mount?.volume ? [mountPath] : [])),
            );
            const { inputs } = deployment.one("kubernetes:core/v1:Secret", "east-cilium-ipsec-keys");
            expect(inputs["stringData"]).toEqual({ keys: "<secret ipsecKey>" });
            expect(at.map((folder) => `${folder}/keys`)).toEqual([config["ipsec-key-file"]]);
        });

        it("holds no key itself", () => {
            expect(get().manifest.text).not.toContain("<secret");
        });
    },
);
