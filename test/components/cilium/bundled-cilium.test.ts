/* What this does not show: that RKE2's controller takes the object, and the file before it; no lab runs the real RKE2. */
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { bundledConfig } from "../../../components/cilium/bundled-values.ts";
import { bundledFirst } from "../../../components/cilium/bundled-cilium.ts";
import { bundledChangeProblems } from "../../../components/cilium/changes.ts";
import { Cilium, type CiliumArgs } from "../../../components/cilium/cilium.ts";
import { ciliumValues } from "../../../components/cilium/values.ts";
import { valuesProblems } from "../../../model/support/cilium-values.ts";
import { merge } from "../../../model/merge.ts";
import { formatProblems } from "../../../model/problem.ts";
import { record, type RecordedResource } from "../../../plan/record.ts";
import { full, plain, VERSIONS } from "./fixtures.ts";

const STACK = { project: "multicluster", stack: "test" } as const;
const BUNDLED = { chart: { bundled: true } } as const;
const GATEKEEPER = { ssh: { host: "192.168.10.11" }, timeoutSeconds: 600 };

async function run(args: CiliumArgs) {
    const { resources, outputs } = await record(() => new Cilium("east", args), STACK);
    const find = (name: string): RecordedResource => {
        const found = resources.find((resource) => resource.name === name);
        if (found === undefined) throw new Error(`nothing is named ${name}`);
        return found;
    };
    return { resources, cilium: outputs, find };
}

describe.each(VERSIONS)("RKE2's own Cilium %s", (version) => {
    const args = full(version, BUNDLED);
    const { object, manifest, mark } = bundledConfig(args, "kube-system");
    const values: unknown = parse(object.spec.valuesContent);

    it("has the values of a chart of its own, at the top, and the two that only RKE2's needs", () => {
        const own = ciliumValues(args);
        expect(values).toEqual({
            ...own,
            cni: { chainingMode: "none" },
            operator: merge(z.record(z.string(), z.json()).parse(own["operator"]), {
                annotations: { "multicluster/values": mark },
            }),
        });
    });

    it("has no value that the version does not know", () => {
        expect(
            valuesProblems(
                { cni: { chainingMode: "none" }, operator: { annotations: {} } },
                version,
                "",
            ).filter(({ rule }) => !rule.includes("owns")),
        ).toEqual([]);
    });

    it("is the same as a file and as an object", () => {
        expect(parse(manifest)).toEqual(object);
        expect(object).toMatchObject({
            apiVersion: "helm.cattle.io/v1",
            kind: "HelmChartConfig",
            metadata: { name: "rke2-cilium", namespace: "kube-system" },
            spec: { failurePolicy: "abort" },
        });
    });
});

it("lets a passed-through value win over what only RKE2's needs", () => {
    const { object } = bundledConfig(
        plain("1.19.6", { ...BUNDLED, values: { cni: { chainingMode: "portmap", exclusive: true } } }),
        "kube-system",
    );
    expect(parse(object.spec.valuesContent)).toMatchObject({
        cni: { chainingMode: "portmap", exclusive: true },
    });
});

it("is marked by its values and its version, and by nothing else", () => {
    const markOf = (version: string, over: Partial<CiliumArgs> = {}) =>
        bundledConfig(plain(version, { ...BUNDLED, ...over }), "kube-system").mark;
    expect(markOf("1.19.6")).toMatch(/^[0-9a-f]{16}$/);
    expect(markOf("1.19.6")).toBe(markOf("1.19.6", { gatekeeper: GATEKEEPER }));
    expect(markOf("1.19.6")).not.toBe(markOf("1.19.4"));
    expect(markOf("1.19.6")).not.toBe(markOf("1.19.6", { operatorReplicas: 1 }));
});

it("is one object, the end of the first file, and a gate that asks for this very version and these values", async () => {
    const args = plain("1.19.6", { ...BUNDLED, gatekeeper: GATEKEEPER });
    const { resources, cilium, find } = await run(args);
    expect(resources.map(({ type, name }) => [type, name])).toEqual([
        ["multicluster:cilium:Cilium", "east"],
        ["command:remote:Command", "east-bundled-idle"],
        ["kubernetes:helm.cattle.io/v1:HelmChartConfig", "east-bundled-config"],
        ["command:remote:Command", "east-bundled-settled"],
        ["command:remote:Command", "east-ready"],
    ]);
    const { object, mark } = bundledConfig(args, "kube-system");
    expect(find("east-bundled-config").inputs).toEqual({
        apiVersion: "helm.cattle.io/v1",
        kind: "HelmChartConfig",
        metadata: {
            name: "rke2-cilium",
            namespace: "kube-system",
            annotations: { "pulumi.com/patchForce": "true" },
        },
        spec: object.spec,
    });
    expect(find("east-bundled-config").dependsOn).toEqual([find("east-bundled-idle").urn]);
    expect(find("east-bundled-settled").dependsOn).toEqual([find("east-bundled-config").urn]);
    expect(find("east-bundled-settled").inputs["stdin"]).toContain(`MARK='${mark}'\n`);
    expect(find("east-ready").dependsOn).toEqual([find("east-bundled-settled").urn]);
    expect(find("east-ready").inputs["stdin"]).toContain(
        `CONDITIONS='deployed kube-system cilium-operator 1.19.6 ${mark} rke2-cilium\nrollout daemonset kube-system cilium\n`,
    );
    expect(cilium.ready).not.toBe(cilium.release);
});

it("needs somebody who waits", async () => {
    await expect(run(plain("1.19.6", BUNDLED))).rejects.toThrow(
        "RKE2's own Cilium needs a server as gatekeeper",
    );
});

it("refuses values that the mesh owns before a host is touched", async () => {
    const args = plain("1.19.6", { ...BUNDLED, values: { cluster: { id: 7 } } });
    const first = () =>
        bundledFirst("east-first", { name: "east-1", ssh: { host: "192.168.10.11" } }, args, {
            parent: new pulumi.ComponentResource("test:Parent", "parent"),
        });
    await expect(record(first, STACK)).rejects.toThrow("is a chart value that the mesh owns");
});

const shown = (ciliumVersion: string, ciliumBundled?: true, upgradeCompatibility?: string) => ({
    ciliumVersion,
    ...(ciliumBundled === undefined ? {} : { ciliumBundled }),
    ...(upgradeCompatibility === undefined ? {} : { upgradeCompatibility }),
});
const said = (before: unknown, after: unknown, from?: string) =>
    formatProblems("clusters.east", bundledChangeProblems(before, after, from));

it("refuses to change who installs the network, both ways", () => {
    expect(said(shown("1.19.6"), shown("1.19.6", true))).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ cilium.chart
          is the one that RKE2 brings, and the cluster that runs has one of its own: RKE2 cannot change who installs the network
          fix: write the old one again, or describe a new cluster beside this one and move to it"
    `);
    expect(said(shown("1.19.6", true), shown("1.19.6"))).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ cilium.chart
          is one of its own, and the cluster that runs has the one that RKE2 brings: RKE2 cannot change who installs the network
          fix: write the old one again, or describe a new cluster beside this one and move to it"
    `);
});

it("refuses what an upgrade of RKE2 would do to Cilium unsaid", () => {
    expect(said(shown("1.18.6", true), shown("1.19.0", true))).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ cilium.version = "1.19.0"
          is another minor version than 1.18.6, which the cluster runs, and cilium.upgrade does not say so: all clusters would change at once, and what the step brings would not be shown
          fix: set cilium.upgrade to { from: "1.18" }"
    `);
    expect(said(shown("1.18.6", true, "1.17"), shown("1.18.6", true))).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ cilium.upgradeCompatibility
          is gone, and it was "1.17": it is the version that the cluster was first installed with, and another one changes the chart's defaults in a cluster that runs
          fix: write "1.17" again; to take over a newer default, set that value under cilium.values"
    `);
});

it("lets a patch come, and a minor version that is said", () => {
    expect(bundledChangeProblems(shown("1.19.4", true), shown("1.19.6", true), undefined)).toEqual([]);
    expect(bundledChangeProblems(shown("1.18.6", true), shown("1.19.0", true), "1.18")).toEqual([]);
    // Asked about before its release.
    expect(bundledChangeProblems(shown("1.17.16"), shown("1.19.6"), undefined)).toEqual([]);
    expect(bundledChangeProblems({}, shown("1.19.6", true), undefined)).toEqual([]);
});
