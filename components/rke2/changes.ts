import { z } from "zod";

import { show, type Problem } from "../../model/problem.ts";
import { compareVersions, minorOf } from "../../model/support/version.ts";

/*
 * What RKE2 cannot change in a cluster that runs. The arguments that a component shows are all that is needed: the engine
 * has those of the last run, and asks before anything is touched, in previews too.
 */

const shownCluster = z.object({
    version: z.string(),
    podCidrs: z.array(z.string()),
    serviceCidrs: z.array(z.string()),
    // Not shown by the first versions of this program.
    clusterDomain: z.string().optional(),
    servers: z.array(z.string()).optional(),
});

const shownNode = z.object({ role: z.string(), addresses: z.array(z.string()) });

/** Why a cluster cannot become what it is now described as. */
export function clusterChangeProblems(before: unknown, after: unknown): Problem[] {
    const [old, next] = [shownCluster.safeParse(before).data, shownCluster.safeParse(after).data];
    if (old === undefined || next === undefined) return [];
    const fixed = (path: string, was: unknown, is: unknown): Problem[] =>
        was === undefined || show(was) === show(is)
            ? []
            : [
                  {
                      path,
                      value: show(is),
                      rule: `is ${show(was)} in the cluster that runs, and RKE2 cannot change it`,
                      fix: "write the old one again, or describe a new cluster beside this one and move to it",
                  },
              ];
    return [
        ...fixed("podCidr", old.podCidrs, next.podCidrs),
        ...fixed("serviceCidr", old.serviceCidrs, next.serviceCidrs),
        ...fixed("clusterDomain", old.clusterDomain, next.clusterDomain),
        ...versionProblems(old.version, next.version),
        ...serverProblems(old.servers ?? [], next.servers ?? []),
    ];
}

/** The cluster is where its servers are: with none of them left, those that come would begin another one. */
function serverProblems(old: readonly string[], next: readonly string[]): Problem[] {
    return old.length === 0 || next.length === 0 || next.some((name) => old.includes(name))
        ? []
        : [
              {
                  path: "servers",
                  value: show(next),
                  rule: `are all others than those of the cluster that runs (${old.join(", ")}): no one would be there whom they could join`,
                  fix: "keep one of the old servers in this change, and take it out in the next",
              },
          ];
}

function versionProblems(old: string, next: string): Problem[] {
    const problem = (rule: string, fix: string) => [{ path: "rke2.version", value: show(next), rule, fix }];
    if (compareVersions(next, old) < 0) {
        return problem(
            `is older than ${old}, which the cluster runs: etcd and Kubernetes do not go back`,
            `write ${show(old)}; to go back all the same, restore a snapshot of that version`,
        );
    }
    return minorOf(next) - minorOf(old) > 1
        ? problem(
              `is ${minorOf(next) - minorOf(old)} minor versions after ${old}, which the cluster runs: Kubernetes is upgraded by one at a time`,
              `upgrade to the newest release of v1.${minorOf(old) + 1} first`,
          )
        : [];
}

/** Why a node cannot become what it is now described as. */
export function nodeChangeProblems(before: unknown, after: unknown): Problem[] {
    const [old, next] = [shownNode.safeParse(before).data, shownNode.safeParse(after).data];
    if (old === undefined || next === undefined) return [];
    const fix =
        "write the old one again; or take the node out, run pulumi up, and describe it anew in a change of its own";
    return [
        ...(old.role === next.role
            ? []
            : [{ path: "role", value: next.role, rule: `is ${old.role} on the node that runs`, fix }]),
        ...(show(old.addresses) === show(next.addresses)
            ? []
            : [
                  {
                      path: "address",
                      value: show(next.addresses),
                      rule: `is ${show(old.addresses)} on the node that runs, which its certificates and etcd know it by`,
                      fix,
                  },
              ]),
    ];
}
