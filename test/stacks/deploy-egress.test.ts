/* Egress addresses, from the description to the hosts and the cluster. */
import { describe, expect, it } from "vitest";

import { plan } from "../../plan/plan.ts";
import type { MeshDescription } from "../../model/describe.ts";
import { hostKeyOf, twoClusters } from "../support/mesh.ts";
import { deployed } from "../support/program.ts";
import { COMMAND, RELEASE, valuesOf, waitsFor } from "./every-option.ts";

const GATEWAY = "multicluster:egress:EgressGateway";
const ADDRESSES = "multicluster:egress:EgressAddresses";
const POLICY = "kubernetes:cilium.io/v2:CiliumEgressGatewayPolicy";

/** Every option of egress, in the first of two clusters. */
function mesh(): MeshDescription {
    const two = twoClusters();
    two.clusters.east.agents = Object.fromEntries(
        [2, 3].map((number) => [
            `east-${number}`,
            { address: `192.168.10.1${number}`, ssh: { hostKey: hostKeyOf(`east-${number}`) } },
        ]),
    );
    two.clusters.east.egress = {
        subnet: "10.251.1.0/24",
        reserved: ["10.251.1.1"],
        interface: "egress0",
        owners: {
            billing: { gateways: { "east-2": "10.251.1.10" } },
            reports: {
                namespaces: ["reports", "archive"],
                podSelector: { matchLabels: { app: "export" } },
                gateways: { "east-2": "10.251.1.11", "east-3": "10.251.1.12" },
                destinations: ["192.0.2.0/24"],
                excluded: ["192.0.2.128/25"],
            },
            partners: {
                namespaceSelector: { matchLabels: { team: "partners" } },
                gateways: { "east-3": "10.251.1.13" },
            },
        },
    };
    return two;
}

const deployment = await deployed(mesh());

describe("egress addresses", () => {
    it("turn the gateway on where they are, and nowhere else", () => {
        expect(valuesOf("east-cilium-chart", deployment)["egressGateway"]).toEqual({ enabled: true });
        expect(deployment.one(RELEASE, "west-cilium-chart").inputs["values"]).not.toHaveProperty(
            "egressGateway.enabled",
            true,
        );
        expect(deployment.resources.filter(({ type }) => [GATEWAY, ADDRESSES].includes(type))).toHaveLength(
            2,
        );
    });

    it("are policies of the owners", () => {
        const policies = deployment.resources.filter(({ type }) => type === POLICY);
        expect(Object.fromEntries(policies.map(({ name, inputs }) => [name, inputs["spec"]]))).toEqual({
            "east-egress-billing": {
                selectors: [{ podSelector: { matchExpressions: [inNamespaces("billing")] } }],
                destinationCIDRs: ["0.0.0.0/0"],
                egressGateway: gateway("east-2", "10.251.1.10"),
            },
            "east-egress-reports": {
                selectors: [
                    {
                        podSelector: {
                            matchLabels: { app: "export" },
                            matchExpressions: [inNamespaces("reports", "archive")],
                        },
                    },
                ],
                destinationCIDRs: ["192.0.2.0/24"],
                excludedCIDRs: ["192.0.2.128/25"],
                egressGateway: gateway("east-2", "10.251.1.11"),
                egressGateways: [gateway("east-2", "10.251.1.11"), gateway("east-3", "10.251.1.12")],
            },
            "east-egress-partners": {
                selectors: [{ namespaceSelector: { matchLabels: { team: "partners" } } }],
                destinationCIDRs: ["0.0.0.0/0"],
                egressGateway: gateway("east-3", "10.251.1.13"),
            },
        });
    });

    it("are on their hosts once these are nodes, and before any policy", () => {
        expect(deployment.one(ADDRESSES, "east-egress-addresses").inputs["addresses"]).toEqual({
            "east-1": [],
            "east-2": ["10.251.1.10", "10.251.1.11"],
            "east-3": ["10.251.1.12", "10.251.1.13"],
        });
        const script = deployment.one(COMMAND, "east-egress-addresses-east-3");
        expect(script.inputs["stdin"]).toContain("ADDRESSES='10.251.1.12\n10.251.1.13'\n");
        expect(waitsFor(script)).toEqual([
            "east-east-1-install",
            "east-east-2-install",
            "east-east-3-install",
        ]);
        expect(waitsFor(deployment.one(GATEWAY, "east-egress"))).toEqual([
            "east-cilium-ready",
            "east-egress-addresses-east-1",
            "east-egress-addresses-east-2",
            "east-egress-addresses-east-3",
        ]);
    });

    it("are in the plan: who leaves how, and what each host does", async () => {
        const { tree, files } = await plan({ description: mesh(), stack: "test" });
        expect(tree.split("\n").filter((line) => /egress +10|\d on east-/.test(line))).toMatchInlineSnapshot(`
          [
            "│  ├─ egress        10.251.1.0/24",
            "│  │  ├─ billing (namespace billing) to 0.0.0.0/0 as 10.251.1.10 on east-2",
            "│  │  ├─ reports (namespaces reports, archive, pods by {"matchLabels":{"app":"export"}}) to 192.0.2.0/24 as 10.251.1.11 on east-2 or 10.251.1.12 on east-3",
            "│  │  └─ partners (namespaces by {"matchLabels":{"team":"partners"}}) to 0.0.0.0/0 as 10.251.1.13 on east-3",
          ]
        `);
        expect(files.get("east/nodes/east-3/egress-addresses.sh")).toContain("INTERFACE='egress0'");
    });

    it("are left to others where no interface is named", async () => {
        const description = mesh();
        delete description.clusters["east"]?.egress?.interface;
        const without = await deployed(description);
        expect(without.resources.filter(({ type }) => type === ADDRESSES)).toEqual([]);
        expect(waitsFor(without.one(GATEWAY, "east-egress"))).toEqual(["east-cilium-ready"]);
    });
});

function inNamespaces(...values: string[]) {
    return { key: "io.kubernetes.pod.namespace", operator: "In", values };
}

function gateway(node: string, egressIP: string) {
    return { nodeSelector: { matchLabels: { "kubernetes.io/hostname": node } }, egressIP };
}
