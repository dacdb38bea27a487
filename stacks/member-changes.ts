import { z } from "zod";

import { show, type Problem } from "../model/problem.ts";

const shown = z.object({
    rke2Version: z.string().optional(),
    kubernetesVersion: z.string().optional(),
    certgen: z.boolean().optional(),
});

/**
 * Why a member cannot become what it is now described as: RKE2 would be taken off the machines, or put on them, under what runs
 * in the cluster; or its certificates would go. `before` and `after` are what its component shows.
 */
export function memberChangeProblems(before: unknown, after: unknown): Problem[] {
    const [old, next] = [shown.safeParse(before).data, shown.safeParse(after).data];
    return old === undefined || next === undefined
        ? []
        : [...kubernetesProblems(old, next), ...methodProblems(old, next)];
}

type Shown = z.infer<typeof shown>;

function kubernetesProblems(old: Shown, next: Shown): Problem[] {
    const fix = "describe it as before, or describe a new cluster beside this one and move to it";
    if (old.rke2Version !== undefined && next.kubernetesVersion !== undefined) {
        return [
            {
                path: "kubernetes",
                rule: "says that the cluster is there already, and it is this program's own: RKE2 would be taken off its machines",
                fix,
            },
        ];
    }
    return old.kubernetesVersion !== undefined && next.rke2Version !== undefined
        ? [
              {
                  path: "servers",
                  rule: "makes another cluster of the name of one that is there already, and that this program has its network in",
                  fix,
              },
          ]
        : [];
}

/** The engine deletes last what is no longer described: by then, the others have written into it. */
function methodProblems(old: Shown, next: Shown): Problem[] {
    const [was, is] = [old, next].map(({ certgen }) => (certgen === true ? "certgen" : "pulumi"));
    return was === is
        ? []
        : [
              {
                  path: "certificates.method",
                  value: show(is),
                  rule: `was ${show(was)} when the cluster was made: both keep certificates in Secrets of the same names, and those that one has made would go, or be in the way, when the other begins`,
                  fix: `write ${show(was)} again, or describe a new mesh beside this one and move to it`,
              },
          ];
}
