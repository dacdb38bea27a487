import { z } from "zod";

import { show, type Problem } from "../../model/problem.ts";
import { minorOf } from "../../model/support/version.ts";

/*
 * What a running Cilium cannot become at once. The inputs of the chart's release are all that is needed: the engine has those
 * of the last one that Helm took, whatever became of a run since, and asks before anything is touched, in previews too.
 */

const shownRelease = z.object({
    version: z.string(),
    values: z.object({ upgradeCompatibility: z.string().optional() }).optional(),
});

/** Why the Cilium of a cluster cannot become what it is now described as. `upgradeFrom` is what an upgrade under way comes from. */
export function ciliumChangeProblems(
    before: unknown,
    after: unknown,
    upgradeFrom: string | undefined,
): Problem[] {
    const [old, next] = [shownRelease.safeParse(before).data, shownRelease.safeParse(after).data];
    if (old === undefined || next === undefined) return [];
    return [
        ...versionProblems(old.version, next.version, upgradeFrom),
        ...firstVersionProblems(old.values?.upgradeCompatibility, next.values?.upgradeCompatibility),
    ];
}

function versionProblems(old: string, next: string, upgradeFrom: string | undefined): Problem[] {
    const [ran, runs] = [minorOf(old), minorOf(next)];
    const problem = (rule: string, fix: string): Problem[] => [
        { path: "cilium.version", value: show(next), rule, fix },
    ];
    // Patches of a minor version may come and go.
    if (ran === runs) return [];
    if (Math.abs(runs - ran) > 1) {
        const [where, how, via] =
            runs > ran ? ["after", "is upgraded", ran + 1] : ["before", "goes back", ran - 1];
        return problem(
            `is ${Math.abs(runs - ran)} minor versions ${where} ${old}, which the cluster runs: Cilium ${how} by one at a time`,
            `go to the newest patch of 1.${via} first`,
        );
    }
    if (upgradeFrom === undefined) {
        return problem(
            `is another minor version than ${old}, which the cluster runs, and cilium.upgrade does not say so: all clusters would change at once, and what the step brings would not be shown`,
            `set cilium.upgrade to { from: "1.${ran}" }`,
        );
    }
    return minorOf(upgradeFrom) === ran
        ? []
        : problem(
              `is another minor version than ${old}, which the cluster runs, and cilium.upgrade.from is ${show(upgradeFrom)}`,
              `set cilium.upgrade.from to "1.${ran}"`,
          );
}

/** Not said before, it may be said now: the chart's defaults were then those of the version. */
function firstVersionProblems(old: string | undefined, next: string | undefined): Problem[] {
    return old === undefined || old === next
        ? []
        : [
              {
                  path: "cilium.upgradeCompatibility",
                  ...(next === undefined ? {} : { value: show(next) }),
                  rule: `${next === undefined ? "is gone, and it was" : "was"} ${show(old)}: it is the version that the cluster was first installed with, and another one changes the chart's defaults in a cluster that runs`,
                  fix: `write ${show(old)} again; to take over a newer default, set that value under cilium.values`,
              },
          ];
}

const shownCluster = z.object({
    ciliumVersion: z.string(),
    ciliumBundled: z.boolean().optional(),
    upgradeCompatibility: z.string().optional(),
});

/**
 * Why the Cilium of a cluster cannot become what it is now described as, where RKE2 brings it: that is decided before RKE2's
 * nodes change, so the cluster as a whole shows it. Nor does RKE2 change who brings the network.
 */
export function bundledChangeProblems(
    before: unknown,
    after: unknown,
    upgradeFrom: string | undefined,
): Problem[] {
    const [old, next] = [shownCluster.safeParse(before).data, shownCluster.safeParse(after).data];
    if (old === undefined || next === undefined) return [];
    const [was, is] = [old, next].map(({ ciliumBundled }) => ciliumBundled === true);
    if (was !== is) {
        return [
            {
                path: "cilium.chart",
                rule: `is ${is === true ? "the one that RKE2 brings" : "one of its own"}, and the cluster that runs has ${is === true ? "one of its own" : "the one that RKE2 brings"}: RKE2 cannot change who installs the network`,
                fix: "write the old one again, or describe a new cluster beside this one and move to it",
            },
        ];
    }
    // A chart of its own is asked about before its release.
    return is === true
        ? [
              ...versionProblems(old.ciliumVersion, next.ciliumVersion, upgradeFrom),
              ...firstVersionProblems(old.upgradeCompatibility, next.upgradeCompatibility),
          ]
        : [];
}
