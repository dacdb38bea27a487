import { CiliumEgressGatewayPolicy } from "@kubernetes-models/cilium/cilium.io/v2/CiliumEgressGatewayPolicy";
import { describe, expect, it } from "vitest";

import { EgressGateway } from "../../../components/egress/egress-gateway.ts";
import type { Egress } from "../../../model/resolved.ts";
import { minorOf } from "../../../model/support/version.ts";
import { complaints } from "../../fixtures/crds/schemas.ts";
import { get, made, modelComplaint, refused } from "../announcing/program.ts";

const VERSIONS = ["1.16.19", "1.17.16", "1.18.11", "1.19.6", "1.20.2"];

const BILLING = {
    name: "billing",
    namespaces: ["billing"],
    gateways: [{ node: "east-1", address: "10.251.1.10" }],
    destinations: ["0.0.0.0/0"],
    excluded: [],
} as const;

const EVERYTHING = {
    name: "reports",
    namespaces: ["reports", "archive"],
    podSelector: {
        matchLabels: { app: "export" },
        matchExpressions: [{ key: "tier", operator: "Exists" as const }],
    },
    gateways: [
        { node: "east-1", address: "10.251.1.11" },
        { node: "east-2", address: "10.251.1.12" },
    ],
    destinations: ["192.0.2.0/24", "198.51.100.0/24"],
    excluded: ["192.0.2.128/25"],
};

const BY_LABELS = {
    name: "partners",
    namespaces: [],
    namespaceSelector: { matchLabels: { team: "partners" } },
    podSelector: { matchLabels: { leaves: "true" } },
    gateways: [{ node: "east-2", address: "10.251.1.13" }],
    destinations: ["0.0.0.0/0"],
    excluded: [],
};

function egressOf(...owners: Egress["owners"]): Egress {
    return { subnet: "10.251.1.0/24", reserved: [], owners };
}

function policies(ciliumVersion: string, ...owners: Egress["owners"]) {
    return made(() => new EgressGateway("east", { ciliumVersion, egress: egressOf(...owners) }));
}

describe("EgressGateway", () => {
    it("sends the pods of one namespace through one node, under its address there", async () => {
        const resources = await policies("1.16.19", BILLING);
        expect([...resources.values()].map(({ type, name }) => [type, name])).toEqual([
            ["multicluster:egress:EgressGateway", "east"],
            ["kubernetes:cilium.io/v2:CiliumEgressGatewayPolicy", "east-billing"],
        ]);
        const policy = get(resources, "east-billing");
        expect(policy.inputs).toEqual({
            apiVersion: "cilium.io/v2",
            kind: "CiliumEgressGatewayPolicy",
            metadata: { name: "egress-billing" },
            spec: {
                selectors: [
                    {
                        podSelector: {
                            matchExpressions: [
                                { key: "io.kubernetes.pod.namespace", operator: "In", values: ["billing"] },
                            ],
                        },
                    },
                ],
                destinationCIDRs: ["0.0.0.0/0"],
                egressGateway: {
                    nodeSelector: { matchLabels: { "kubernetes.io/hostname": "east-1" } },
                    egressIP: "10.251.1.10",
                },
            },
        });
        expect(policy.parent).toBe(get(resources, "east").urn);
        expect(policy.secretPaths).toEqual([]);
    });

    it("writes all that is described, several gateways among it", async () => {
        const gateways = [
            {
                nodeSelector: { matchLabels: { "kubernetes.io/hostname": "east-1" } },
                egressIP: "10.251.1.11",
            },
            {
                nodeSelector: { matchLabels: { "kubernetes.io/hostname": "east-2" } },
                egressIP: "10.251.1.12",
            },
        ];
        expect(get(await policies("1.18.11", EVERYTHING), "east-reports").inputs["spec"]).toEqual({
            selectors: [
                {
                    podSelector: {
                        matchLabels: { app: "export" },
                        matchExpressions: [
                            { key: "tier", operator: "Exists" },
                            {
                                key: "io.kubernetes.pod.namespace",
                                operator: "In",
                                values: ["reports", "archive"],
                            },
                        ],
                    },
                },
            ],
            destinationCIDRs: ["192.0.2.0/24", "198.51.100.0/24"],
            excludedCIDRs: ["192.0.2.128/25"],
            egressGateway: gateways[0],
            egressGateways: gateways,
        });
    });

    it("selects namespaces by their labels where they are not named", async () => {
        const { spec } = get(await policies("1.19.6", BY_LABELS), "east-partners").inputs;
        expect(spec).toMatchObject({
            selectors: [
                {
                    namespaceSelector: { matchLabels: { team: "partners" } },
                    podSelector: { matchLabels: { leaves: "true" } },
                },
            ],
        });
    });

    it.each(VERSIONS)("is accepted by the CRDs of Cilium %s", async (version) => {
        const several = minorOf(version) >= 18 ? [EVERYTHING] : [];
        const written = [...(await policies(version, BILLING, BY_LABELS, ...several)).values()].slice(1);
        expect(written).toHaveLength(2 + several.length);
        expect(written.flatMap(({ inputs }) => complaints(`cilium-1.${minorOf(version)}`, inputs))).toEqual(
            [],
        );
    });

    it("is accepted by the published model of the object", async () => {
        const written = [...(await policies("1.19.6", BILLING, EVERYTHING, BY_LABELS)).values()].slice(1);
        expect(written.map(({ inputs }) => modelComplaint(CiliumEgressGatewayPolicy, inputs))).toEqual([
            undefined,
            undefined,
            undefined,
        ]);
    });

    it("refuses an unknown Cilium and no owner, all at once", async () => {
        expect(
            await refused(() => new EgressGateway("east", { ciliumVersion: "1.15.0", egress: egressOf() })),
        ).toMatchInlineSnapshot(`
          "EgressGateway east: 2 problems
          ✖ ciliumVersion = "1.15.0"
              is not a Cilium that this program knows
              fix: use one of 1.16, 1.17, 1.18, 1.19, 1.20
          ✖ egress.owners
              names no owner: nobody would use the subnet
              fix: describe at least one"
        `);
    });

    it("refuses what the version cannot do, and what no version can", async () => {
        const many = Array.from({ length: 65 }, (_, index) => ({
            node: `east-${index + 1}`,
            address: `10.251.1.${index + 1}`,
        }));
        const spoilt = [
            { ...EVERYTHING, name: "several" },
            { ...BILLING, name: "none", gateways: [] },
            { ...BILLING, name: "both", namespaceSelector: {} },
        ];
        expect(
            await refused(
                () => new EgressGateway("east", { ciliumVersion: "1.17.16", egress: egressOf(...spoilt) }),
            ),
        ).toMatchInlineSnapshot(`
          "EgressGateway east: 3 problems
          ✖ egress.owners.several.gateways = ["east-1","east-2"]
              are 2 gateways, and Cilium 1.17.16 knows one for a policy: several are possible since 1.18
              fix: name one, or use Cilium 1.18 or later
          ✖ egress.owners.none.gateways = []
              names no gateway: what leaves would be dropped
              fix: name a node and the address on it
          ✖ egress.owners.both.namespaceSelector = {}
              stands beside namespaces: which of the two is meant is not said
              fix: leave one of them out"
        `);
        expect(
            await refused(
                () =>
                    new EgressGateway("east", {
                        ciliumVersion: "1.20.2",
                        egress: egressOf({ ...BILLING, gateways: many }),
                    }),
            ),
        ).toMatchInlineSnapshot(`
          "EgressGateway east: 1 problem
          ✖ egress.owners.billing.gateways = ["east-1","east-2","east-3","east-4","east-5","east-6","east-7","east-8","east-9","east-10","east-11","east-12","east...
              are 65 gateways: a policy takes 64 at most
              fix: divide the namespaces among several owners"
        `);
    });
});
