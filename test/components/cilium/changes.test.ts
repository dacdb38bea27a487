/* What this does not show: that the engine has the inputs of the last release at hand; the lab's upgrade does. */
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";

import { ciliumChangeProblems } from "../../../components/cilium/changes.ts";
import { Cilium } from "../../../components/cilium/cilium.ts";
import { formatProblems } from "../../../model/problem.ts";
import { record } from "../../../plan/record.ts";
import { plain } from "./fixtures.ts";

/** What a chart's release shows of itself, as far as it matters. */
const release = (version: string, upgradeCompatibility?: string) => ({
    chart: "cilium",
    version,
    values: { cluster: { id: 1 }, ...(upgradeCompatibility === undefined ? {} : { upgradeCompatibility }) },
});

const change = (before: string, after: string, upgradeFrom?: string) =>
    formatProblems(
        "clusters.east",
        ciliumChangeProblems(release(before, "1.16"), release(after, "1.16"), upgradeFrom),
    );

it("refuses to skip a minor version, on the way there and back, whatever is said", () => {
    expect(change("1.18.11", "1.20.2", "1.18")).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ cilium.version = "1.20.2"
          is 2 minor versions after 1.18.11, which the cluster runs: Cilium is upgraded by one at a time
          fix: go to the newest patch of 1.19 first"
    `);
    expect(change("1.20.2", "1.17.16", "1.18")).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ cilium.version = "1.17.16"
          is 3 minor versions before 1.20.2, which the cluster runs: Cilium goes back by one at a time
          fix: go to the newest patch of 1.19 first"
    `);
});

it("refuses another minor version where no upgrade is said to be under way", () => {
    expect(change("1.18.11", "1.19.6")).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ cilium.version = "1.19.6"
          is another minor version than 1.18.11, which the cluster runs, and cilium.upgrade does not say so: all clusters would change at once, and what the step brings would not be shown
          fix: set cilium.upgrade to { from: "1.18" }"
    `);
    expect(change("1.19.6", "1.18.11")).toContain('set cilium.upgrade to { from: "1.19" }');
});

it("refuses another minor version where an upgrade is said to be under way from elsewhere", () => {
    expect(change("1.18.11", "1.19.6", "1.17")).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ cilium.version = "1.19.6"
          is another minor version than 1.18.11, which the cluster runs, and cilium.upgrade.from is "1.17"
          fix: set cilium.upgrade.from to "1.18""
    `);
});

it.each([
    ["1.18.11", "1.19.6", "1.18"],
    ["1.19.6", "1.18.11", "1.19"],
    ["1.19.5", "1.19.6", undefined],
    ["1.19.6", "1.19.5", undefined],
    ["1.19.6", "1.19.6", "1.18"],
])("lets %s become %s with an upgrade from %s", (before, after, from) => {
    expect(ciliumChangeProblems(release(before), release(after), from)).toEqual([]);
});

it("refuses another version first installed, and to forget it", () => {
    const first = (before: string | undefined, after: string | undefined) =>
        ciliumChangeProblems(release("1.19.6", before), release("1.19.6", after), undefined);
    expect(formatProblems("clusters.east", first("1.16", "1.19"))).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ cilium.upgradeCompatibility = "1.19"
          was "1.16": it is the version that the cluster was first installed with, and another one changes the chart's defaults in a cluster that runs
          fix: write "1.16" again; to take over a newer default, set that value under cilium.values"
    `);
    expect(formatProblems("clusters.east", first("1.16", undefined))).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ cilium.upgradeCompatibility
          is gone, and it was "1.16": it is the version that the cluster was first installed with, and another one changes the chart's defaults in a cluster that runs
          fix: write "1.16" again; to take over a newer default, set that value under cilium.values"
    `);
    expect(first(undefined, "1.16")).toEqual([]);
});

it("says nothing of what it cannot read", () => {
    expect(ciliumChangeProblems({}, release("1.19.6"), undefined)).toEqual([]);
    expect(ciliumChangeProblems({ version: "1.17.16" }, { version: "1.18.11" }, "1.17")).toEqual([]);
});

it("is asked before the chart's release changes, in previews too, beside what is done before it is created", async () => {
    const hooks = new Map<string, pulumi.ResourceHookBinding>();
    const note: pulumi.ResourceTransformation = ({ name, opts }) => {
        if ("hooks" in opts && opts.hooks !== undefined) hooks.set(name, opts.hooks);
        return undefined;
    };
    await record(
        () => {
            const args = { ...plain("1.19.6"), kubeconfig: "{}", upgradeFrom: "1.17" };
            new Cilium("east-cilium", args, { transformations: [note] });
            return {};
        },
        { project: "multicluster", stack: "test" },
    );
    expect([...hooks.keys()]).toEqual(["east-cilium-chart"]);
    const { beforeCreate = [], beforeUpdate = [] } = hooks.get("east-cilium-chart") ?? {};
    expect(beforeCreate).toHaveLength(1);
    const [guard] = beforeUpdate;
    if (!(guard instanceof pulumi.ResourceHook)) throw new Error("there is no hook");
    expect([guard.name, guard.opts]).toEqual(["east-cilium-unchangeable", { onDryRun: true }]);
    const ask = (before: string) =>
        guard.callback({
            urn: "",
            id: "",
            name: "east-cilium-chart",
            type: "kubernetes:helm.sh/v3:Release",
            oldInputs: release(before),
            newInputs: release("1.19.6"),
        });
    expect(() => ask("1.18.11")).toThrow(/^clusters\.east: 1 problem\n.*cilium\.version = "1\.19\.6"/);
    expect(() => ask("1.19.5")).not.toThrow();
});
