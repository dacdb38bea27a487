import { z } from "zod";

import type { Problem } from "../model/problem.ts";

const shown = z.object({ rke2Version: z.string().optional(), kubernetesVersion: z.string().optional() });

/**
 * Why a member cannot become what it is now described as: RKE2 would be taken off the machines, or put on them, under what runs
 * in the cluster. `before` and `after` are what its component shows.
 */
export function memberChangeProblems(before: unknown, after: unknown): Problem[] {
    const [old, next] = [shown.safeParse(before).data, shown.safeParse(after).data];
    const fix = "describe it as before, or describe a new cluster beside this one and move to it";
    if (old?.rke2Version !== undefined && next?.kubernetesVersion !== undefined) {
        return [
            {
                path: "kubernetes",
                rule: "says that the cluster is there already, and it is this program's own: RKE2 would be taken off its machines",
                fix,
            },
        ];
    }
    return old?.kubernetesVersion !== undefined && next?.rke2Version !== undefined
        ? [
              {
                  path: "servers",
                  rule: "makes another cluster of the name of one that is there already, and that this program has its network in",
                  fix,
              },
          ]
        : [];
}
