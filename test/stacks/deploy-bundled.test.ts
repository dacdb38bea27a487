/* RKE2's own Cilium, from the description to the hosts and the cluster. */
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { textAt } from "../../plan/json.ts";
import { plan } from "../../plan/plan.ts";
import { record } from "../../plan/record.ts";
import { accept } from "../../stacks/accept.ts";
import { deployMesh } from "../../stacks/deploy-mesh.ts";
import { highlyAvailable, type TwoClusters } from "../support/mesh.ts";
import { deployed, testSecrets, type Deployment } from "../support/program.ts";
import { CLUSTER, COMMAND, NODE, RELEASE, SECRET, waitsFor } from "./every-option.ts";

const CONFIG = "kubernetes:helm.cattle.io/v1:HelmChartConfig";

/** East's Cilium is RKE2's own; west's is not. */
function mesh(change: (mesh: TwoClusters) => unknown = () => undefined): TwoClusters {
    const two = highlyAvailable();
    two.clusters.east.cilium = { chart: { bundled: true }, hubble: { enabled: true } };
    change(two);
    return two;
}

/** What a resource is told, by the names of what it is in. */
const told = (deployment: Deployment, type: string, name: string, ...keys: string[]) =>
    textAt(deployment.one(type, name).inputs, ...keys);

describe("RKE2's own Cilium", async () => {
    const deployment = await deployed(mesh());

    it("is asked of RKE2 on every server of its cluster, and nowhere else", () => {
        const cni = deployment.resources
            .filter(({ type }) => type === NODE)
            .map(({ name, inputs }) => `${name}: ${textAt(inputs, "config", "cni") ?? "an agent"}`)
            .sort();
        expect(cni).toEqual(
            ["east", "west"].flatMap((name) => [
                ...[1, 2, 3].map((n) => `${name}-${name}-${n}: ${name === "east" ? "cilium" : "none"}`),
                ...[4, 5].map((n) => `${name}-${name}-${n}: an agent`),
            ]),
        );
        expect(deployment.resources.filter(({ type }) => type === RELEASE).map(({ name }) => name)).toEqual(
            expect.not.arrayContaining(["east-cilium-chart"]),
        );
    });

    it("is configured on the first server before that starts, after all hosts were looked at", () => {
        const file = deployment.one(COMMAND, "east-cilium-first");
        expect(textAt(file.inputs, "connection", "host")).toBe("192.168.10.11");
        expect(waitsFor(file)).toContain("east-east-1-preflight");
        expect(waitsFor(deployment.one(COMMAND, "east-east-1-install"))).toContain("east-cilium-first");
        const spec = deployment.one(CONFIG, "east-cilium-bundled-config").inputs["spec"];
        const [, manifest = ""] =
            /^MANIFEST='([^']*)'$/m.exec(told(deployment, COMMAND, "east-cilium-first", "stdin") ?? "") ?? [];
        expect(parse(manifest)).toEqual({
            apiVersion: "helm.cattle.io/v1",
            kind: "HelmChartConfig",
            metadata: { name: "rke2-cilium", namespace: "kube-system" },
            spec,
        });
    });

    it("is configured as an object once the certificates are there, and opens the same gate", () => {
        const secrets = deployment
            .inCluster("east")
            .filter(({ type, name }) => type === SECRET && name.startsWith("east-certificates"));
        const config = deployment.one(CONFIG, "east-cilium-bundled-config");
        expect(secrets.length).toBeGreaterThan(3);
        expect(config.dependsOn).toEqual(expect.arrayContaining(secrets.map(({ urn }) => urn)));
        expect(waitsFor(config)).toEqual(
            expect.arrayContaining(["east-east-3-install", "east-cilium-bundled-idle"]),
        );
        expect(waitsFor(deployment.one(COMMAND, "east-cilium-ready"))).toEqual([
            "east-cilium-bundled-settled",
        ]);
    });

    it("shows what must be known before a node changes", () => {
        expect(deployment.one(CLUSTER, "east").inputs["ciliumBundled"]).toBe(true);
        expect(deployment.one(CLUSTER, "west").inputs).not.toHaveProperty("ciliumBundled");
    });
});

it("changes nothing of a cluster with a chart of its own", async () => {
    const [with_, without] = [
        await deployed(mesh()),
        await deployed(mesh(({ clusters: { east } }) => (east.cilium = { hubble: { enabled: true } }))),
    ];
    const west = (deployment: Deployment) =>
        deployment.inCluster("west").map(({ urn, inputs, dependsOn }) => ({ urn, inputs, dependsOn }));
    expect(west(with_)).toEqual(west(without));
});

it("has RKE2's nodes wait for the cluster before, where an upgrade of Cilium is under way", async () => {
    const deployment = await deployed(
        mesh((two) => {
            two.cilium.upgradeCompatibility = "1.18";
            two.cilium.upgrade = { from: "1.18", order: ["west", "east"] };
        }),
    );
    expect(waitsFor(deployment.one(COMMAND, "east-east-1-install"))).toContain("west-mesh-api-ready");
    expect(waitsFor(deployment.one(COMMAND, "west-west-1-install"))).not.toContain("east-mesh-api-ready");
    expect(deployment.one(CLUSTER, "east").inputs["upgradeCompatibility"]).toBe("1.18");
});

it("is put on the first server that still answers", async () => {
    const deployment = await deployed(
        mesh(({ clusters: { east } }) => {
            const first = east.servers["east-1"];
            if (first !== undefined) first.lost = true;
        }),
    );
    expect(told(deployment, COMMAND, "east-cilium-first", "connection", "host")).toBe("192.168.10.12");
});

it("is in the plan: who brings it, the file of the first day, and the object", async () => {
    const { tree, files } = await plan({ description: mesh(), stack: "test" });
    expect(tree.split("\n").filter((line) => /Cilium  |charts  /.test(line))).toMatchInlineSnapshot(`
      [
        "│  ├─ Cilium        1.19.6 as RKE2 brings it, routing tunnel (vxlan), encryption none",
        "│  ├─ charts        1",
        "   ├─ Cilium        1.19.6, routing tunnel (vxlan), encryption none",
        "   ├─ charts        2",
      ]
    `);
    expect(files.get("east/nodes/east-1/cilium-first.sh")).toContain('kind: "HelmChartConfig"');
    expect(files.get("east/nodes/east-1/config.yaml")).toContain('cni: "cilium"\n');
    expect([...files.keys()].filter((name) => /rke2-cilium|bundled/.test(name))).toMatchInlineSnapshot(`
      [
        "east/manifests/06-helmchartconfig-rke2-cilium.yaml",
        "east/nodes/east-1/cilium-bundled-idle.sh",
        "east/nodes/east-1/cilium-bundled-settled.sh",
      ]
    `);
});

it("asks before a node of its cluster changes, in previews too, whether its Cilium may", async () => {
    const hooks = new Map<string, pulumi.ResourceHookBinding>();
    await record(
        () => {
            pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
                if (type === CLUSTER && "hooks" in opts && opts.hooks !== undefined)
                    hooks.set(name, opts.hooks);
                return undefined;
            });
            const accepted = accept("test", mesh(), { secrets: testSecrets, refuseWarnings: false });
            deployMesh(accepted.mesh, testSecrets);
            return {};
        },
        { project: "multicluster", stack: "test" },
    );
    const [guard] = hooks.get("east")?.beforeUpdate ?? [];
    if (!(guard instanceof pulumi.ResourceHook)) throw new Error("there is no hook");
    expect([guard.name, guard.opts]).toEqual(["east-member-unchangeable", { onDryRun: true }]);
    const ask = (before: string, oldOutputs: object) =>
        guard.callback({
            urn: "",
            id: "",
            name: "east",
            type: CLUSTER,
            oldInputs: { ciliumVersion: before, ciliumBundled: true },
            newInputs: { ciliumVersion: "1.19.6", ciliumBundled: true },
            oldOutputs,
        });
    expect(() => ask("1.18.6", { kubeconfig: "" })).toThrow(
        /^clusters\.east: 1 problem\n.*cilium\.version = "1\.19\.6"/,
    );
    expect(() => ask("1.19.4", { kubeconfig: "" })).not.toThrow();
    // What has never come up may still be described anew.
    expect(() => ask("1.18.6", {})).not.toThrow();
});
