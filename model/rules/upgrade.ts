import { show, type Problem } from "../problem.ts";
import { stepNotes } from "../support/cilium-steps.ts";
import { minorOf } from "../support/version.ts";
import { forEachCluster, repeated, type Rule } from "./rule.ts";

/*
 * An upgrade of Cilium that is under way. What is described is compared with what it says that runs; the engine compares it
 * with what does run: components/cilium/changes.ts.
 */

/** https://docs.cilium.io/en/stable/operations/upgrade/ */
export const upgradeByOneMinor: Rule = forEachCluster(({ cilium: { version } }, at, { ciliumUpgrade }) => {
    if (ciliumUpgrade === undefined) return [];
    const { from } = ciliumUpgrade;
    const step = minorOf(version) - minorOf(from);
    if (Math.abs(step) <= 1) return [];
    return [
        {
            path: `${at}.cilium.version`,
            value: show(version),
            rule: `is ${Math.abs(step)} minor versions ${step > 0 ? "after" : "before"} ${from}, which clusters come from by cilium.upgrade.from: Cilium ${step > 0 ? "is upgraded" : "goes back"} by one at a time`,
            fix: `go to the newest patch of 1.${minorOf(from) + Math.sign(step)} first`,
        },
    ];
});

export const upgradeOrderIsWhole: Rule = ({ ciliumUpgrade, clusters }) => {
    const order = ciliumUpgrade?.order ?? [];
    if (order.length === 0) return [];
    const names = clusters.map(({ name }) => name);
    const problem = (rule: string, fix: string): Problem => ({
        path: "cilium.upgrade.order",
        value: show(order),
        rule,
        fix,
    });
    return [
        ...order
            .filter((name) => !names.includes(name))
            .map((name) => problem(`names ${name}, which is no cluster`, `use some of ${names.join(", ")}`)),
        ...repeated(order, (name) => name).map(({ item }) =>
            problem(`names ${item} twice`, "name each cluster once"),
        ),
        ...names
            .filter((name) => !order.includes(name))
            .map((name) =>
                problem(
                    `leaves out ${name}: nobody could say when it changes`,
                    "name every cluster, or leave the order out",
                ),
            ),
    ];
};

/** The charts' defaults change with the version that a cluster was first installed with, where that is not said. */
export const upgradeKeepsFirstVersion: Rule = forEachCluster(({ cilium }, at, { ciliumUpgrade }) =>
    ciliumUpgrade === undefined || cilium.upgradeCompatibility !== undefined
        ? []
        : [
              {
                  path: `${at}.cilium.upgradeCompatibility`,
                  rule: "is not said, and cilium.upgrade is: the new chart's defaults would replace those that the cluster was installed with",
                  fix: `write the minor version that the cluster was first installed with: ${show(ciliumUpgrade.from)}, or an older one`,
              },
          ],
);

/** What the step brings that is seen from outside, with what keeps the old. */
export const upgradeNotes: Rule = forEachCluster((cluster, at, mesh) =>
    mesh.ciliumUpgrade !== undefined &&
    !mesh.ciliumUpgrade.notesRead &&
    minorOf(cluster.cilium.version) === minorOf(mesh.ciliumUpgrade.from) + 1
        ? stepNotes(cluster, mesh).map(({ path, note, keep }) => ({
              path: `${at}.${path}`,
              rule: `Cilium 1.${minorOf(cluster.cilium.version)}: ${note}`,
              fix: keep,
          }))
        : [],
);
