/* What this does not show: the gate's script at work, and whether Helm and the cluster take the release. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import { Cilium, type CiliumArgs } from "../../../components/cilium/cilium.ts";
import { readyConditions } from "../../../components/cilium/ready-conditions.ts";
import { ciliumValues } from "../../../components/cilium/values.ts";
import { record, type RecordedResource } from "../../../plan/record.ts";
import { full, plain } from "./fixtures.ts";

const STACK = { project: "multicluster", stack: "test" } as const;
const GATEKEEPER = { ssh: { host: "192.168.10.11" }, timeoutSeconds: 600 };
const IPSEC = {
    encryption: { type: "ipsec" },
    // Not marked as a secret on purpose: the component must do that itself.
    ipsecKey: "3+ rfc4106(gcm(aes)) 0123 128",
} as const;

async function run(args: CiliumArgs, opts?: () => pulumi.ComponentResourceOptions) {
    const { resources, outputs } = await record(() => new Cilium("east", args, opts?.()), STACK);
    const find = (name: string): RecordedResource => {
        const found = resources.find((resource) => resource.name === name);
        if (found === undefined) throw new Error(`nothing is named ${name}`);
        return found;
    };
    return { resources, cilium: outputs, find };
}

function names(resources: readonly RecordedResource[]): string[][] {
    return resources.map(({ type, name }) => [type, name]);
}

describe("Cilium", () => {
    it("is one release and nothing else where nobody waits", async () => {
        const { resources, cilium, find } = await run(plain("1.19.6"));
        expect(names(resources)).toEqual([
            ["multicluster:cilium:Cilium", "east"],
            ["kubernetes:helm.sh/v3:Release", "east-chart"],
        ]);
        expect(find("east").inputs).toEqual({ version: "1.19.6", clusterName: "east", clusterId: 1 });
        expect(find("east-chart").parent).toBe(find("east").urn);
        expect(find("east-chart").dependsOn).toEqual([]);
        expect(find("east-chart").protect).toBe(false);
        expect(find("east-chart").secretPaths).toEqual([]);
        expect(cilium.ready).toBe(cilium.release);
    });

    it.each([
        [
            { repository: "https://helm.cilium.io/" },
            { chart: "cilium", repositoryOpts: { repo: "https://helm.cilium.io/" } },
        ],
        [{ oci: "oci://quay.io/cilium/charts/cilium" }, { chart: "oci://quay.io/cilium/charts/cilium" }],
        // The path stays relative, so that another folder is not another input.
        [{ path: "./test/fixtures/chart" }, { chart: "./test/fixtures/chart" }],
    ])("takes the chart from %j", async (chart, source) => {
        const args = plain("1.19.6", { chart });
        const { find } = await run(args);
        expect(find("east-chart").inputs).toEqual({
            ...source,
            version: "1.19.6",
            name: "cilium",
            namespace: "kube-system",
            skipAwait: true,
            maxHistory: 10,
            values: ciliumValues(args),
            compat: "true",
        });
    });

    it("keeps the key of IPsec in a Secret that is there before the chart", async () => {
        const { resources, find } = await run(plain("1.19.6", IPSEC));
        expect(names(resources)).toEqual([
            ["multicluster:cilium:Cilium", "east"],
            ["kubernetes:core/v1:Secret", "east-ipsec-keys"],
            ["kubernetes:helm.sh/v3:Release", "east-chart"],
        ]);
        const secret = find("east-ipsec-keys");
        expect(secret.inputs).toEqual({
            apiVersion: "v1",
            kind: "Secret",
            metadata: { name: "cilium-ipsec-keys", namespace: "kube-system" },
            stringData: { keys: "3+ rfc4106(gcm(aes)) 0123 128" },
        });
        expect(secret.secretPaths).toEqual(["stringData"]);
        expect(secret.parent).toBe(find("east").urn);
        expect(find("east-chart").dependsOn).toEqual([secret.urn]);
        const elsewhere = resources.filter(({ name }) => name !== "east-ipsec-keys");
        expect(JSON.stringify(elsewhere)).not.toContain("0123");
    });

    it("waits on a server, after the chart, where there is a gatekeeper", async () => {
        const { resources, cilium, find } = await run(plain("1.19.6", { gatekeeper: GATEKEEPER }));
        expect(names(resources).slice(2)).toEqual([["command:remote:Command", "east-ready"]]);
        const gate = find("east-ready");
        expect(gate.parent).toBe(find("east").urn);
        expect(gate.dependsOn).toEqual([find("east-chart").urn]);
        expect(gate.inputs["connection"]).toMatchObject({ host: "192.168.10.11" });
        expect(gate.inputs["stdin"]).toContain("rollout daemonset kube-system cilium\n");
        expect(cilium.ready).not.toBe(cilium.release);
    });

    it("makes the chart depend on what its caller names, and on its own Secret too", async () => {
        const { find } = await run(plain("1.19.6", IPSEC), () => ({
            dependsOn: [new kubernetes.core.v1.Secret("certificate", {})],
        }));
        expect(find("east-chart").dependsOn).toEqual(
            [find("certificate").urn, find("east-ipsec-keys").urn].sort(),
        );
    });

    it("uses the cluster's own provider for all that is in the cluster", async () => {
        const { find } = await run(plain("1.19.6", { ...IPSEC, gatekeeper: GATEKEEPER }), () => ({
            providers: { kubernetes: new kubernetes.Provider("east-provider", { kubeconfig: "{}" }) },
        }));
        const provider = find("east-provider").urn;
        expect(find("east-chart").provider).toBe(provider);
        expect(find("east-ipsec-keys").provider).toBe(provider);
        expect(find("east-ready").provider).toBeUndefined();
    });

    it("registers the same in a preview as in an up", async () => {
        const program = () => new Cilium("east", full("1.20.2", { gatekeeper: GATEKEEPER }));
        const preview = await record(program, { ...STACK, preview: true });
        const up = await record(program, { ...STACK, preview: false });
        expect(up.resources).toEqual(preview.resources);
    });
});

describe("readyConditions", () => {
    const ALWAYS = [
        { kind: "rollout", workload: "daemonset", namespace: "kube-system", name: "cilium" },
        { kind: "rollout", workload: "deployment", namespace: "kube-system", name: "cilium-operator" },
        { kind: "nodes" },
    ];
    const crds = (...kinds: string[]) => kinds.map((kind) => ({ kind: "crd", name: `${kind}.cilium.io` }));

    it("are agents, operator and nodes where MetalLB does the rest", () => {
        expect(readyConditions(plain("1.19.6"), "kube-system")).toEqual(ALWAYS);
    });

    it.each([
        ["none", crds("ciliumloadbalancerippools")],
        ["l2", crds("ciliumloadbalancerippools", "ciliuml2announcementpolicies")],
        [
            "bgp",
            crds(
                "ciliumloadbalancerippools",
                "ciliumbgpclusterconfigs",
                "ciliumbgppeerconfigs",
                "ciliumbgpadvertisements",
                "ciliumbgpnodeconfigoverrides",
            ),
        ],
    ] as const)("begin with the CRDs of LB-IPAM and of announcing by %s", (mode, expected) => {
        const loadBalancers = [{ provider: "lb-ipam", announce: { mode } }] as const;
        const conditions = readyConditions({ loadBalancers, egressGateway: false }, "kube-system");
        expect(conditions).toEqual([...expected, ...ALWAYS]);
    });

    it("hold the CRD of egress gateways where they are on", () => {
        const conditions = readyConditions({ loadBalancers: [], egressGateway: true }, "kube-system");
        expect(conditions).toEqual([...crds("ciliumegressgatewaypolicies"), ...ALWAYS]);
    });
});
