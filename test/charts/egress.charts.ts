import { describe, expect, it } from "vitest";

import type { ClusterDescription } from "../../model/describe.ts";
import { minorOf } from "../../model/support/version.ts";
import { deployed } from "../support/program.ts";
import { CILIUM_VERSIONS } from "./charts.ts";
import { ciliumCrds } from "./crds.ts";
import { inEveryVersion, meshOf } from "./every-version.ts";
import { gateOf } from "./gate.ts";

const POLICY = "kubernetes:cilium.io/v2:CiliumEgressGatewayPolicy";

/** Everything that this version of Cilium can do. */
function egressOf(minor: number): ClusterDescription["egress"] {
    return {
        subnet: "10.251.1.0/24",
        reserved: ["10.251.1.1"],
        owners: {
            billing: { gateways: { "east-1": "10.251.1.10" } },
            reports: {
                namespaces: ["reports", "archive"],
                podSelector: { matchLabels: { app: "export" } },
                gateways: {
                    "east-1": "10.251.1.11",
                    ...(minor >= 18 ? { "east-2": "10.251.1.12" } : {}),
                },
                destinations: ["192.0.2.0/24", "198.51.100.0/24"],
                excluded: ["192.0.2.128/25"],
            },
            partners: {
                namespaceSelector: { matchExpressions: [{ key: "team", operator: "In", values: ["a"] }] },
                gateways: { "east-2": "10.251.1.13" },
            },
        },
    };
}

inEveryVersion(
    "with egress addresses",
    ({ clusters: { east } }, minor) => {
        east.egress = egressOf(minor);
    },
    (get) => {
        it("turns on the gateway, and what it needs", () => {
            const { config } = get();
            expect([
                config["enable-egress-gateway"] ?? config["enable-ipv4-egress-gateway"],
                config["enable-bpf-masquerade"],
                config["enable-ipv4-masquerade"],
                config["kube-proxy-replacement"],
                config["identity-allocation-mode"],
            ]).toEqual(["true", "true", "true", "true", "crd"]);
            expect(config["enable-cilium-endpoint-slice"] ?? "false").toBe("false");
        });

        it("lets the policies wait for their kind", () => {
            const { deployment } = get();
            expect(gateOf(deployment, "east-cilium-ready").crds).toEqual([
                "ciliumegressgatewaypolicies.cilium.io",
            ]);
            const gate = deployment.one("command:remote:Command", "east-cilium-ready");
            const egress = deployment.one("multicluster:egress:EgressGateway", "east-egress");
            expect(egress.dependsOn).toEqual([gate.urn]);
            expect(deployment.one(POLICY, "east-egress-billing").parent).toBe(egress.urn);
        });
    },
);

describe.each(CILIUM_VERSIONS)("the CRDs of Cilium %s", (version) => {
    it("take the policies of egress addresses", async () => {
        const mesh = meshOf(version, ({ clusters: { east } }, minor) => {
            east.egress = egressOf(minor);
        });
        const written = (await deployed(mesh)).inCluster("east").filter(({ type }) => type === POLICY);
        expect(written.map(({ name }) => name).sort()).toEqual([
            "east-egress-billing",
            "east-egress-partners",
            "east-egress-reports",
        ]);
        const crds = ciliumCrds(version);
        expect(written.flatMap(({ inputs }) => crds.complaints(inputs))).toEqual([]);
    });

    it("know several gateways as long as this program thinks", () => {
        const one = { nodeSelector: {}, egressIP: "10.251.1.10" };
        const policy = {
            apiVersion: "cilium.io/v2",
            kind: "CiliumEgressGatewayPolicy",
            metadata: { name: "several" },
            spec: {
                selectors: [{ podSelector: {} }],
                destinationCIDRs: ["0.0.0.0/0"],
                egressGateway: one,
                egressGateways: [one, one],
            },
        };
        expect(ciliumCrds(version).complaints(policy)).toHaveLength(minorOf(version) >= 18 ? 0 : 1);
    });
});
