import * as pulumi from "@pulumi/pulumi";

import { sourceProblems } from "../components/chart-source.ts";
import { checkMesh, saidOnce } from "../model/check.ts";
import { clusterPath } from "../model/paths.ts";
import { formatProblems, type Problem } from "../model/problem.ts";
import type { Mesh } from "../model/resolved.ts";
import { broughtCaProblems } from "./certificate-end.ts";
import { secretProblems, type SecretSource } from "./secrets.ts";

export interface Acceptance {
    readonly secrets: SecretSource;
    /** Whether warnings stop everything too. */
    readonly refuseWarnings: boolean;
}

export interface Accepted {
    readonly mesh: Mesh;
    readonly warnings: readonly Problem[];
}

/**
 * The mesh that a description means, or one `pulumi.RunError` with every reason why it is none: its shape, the rules, and
 * what it names on this machine. Nothing is registered before.
 */
export function accept(
    name: string,
    description: unknown,
    { secrets, refuseWarnings }: Acceptance,
): Accepted {
    const { mesh, problems, warnings } = checkMesh(description);
    const refused = [
        ...problems,
        ...(mesh === undefined
            ? []
            : saidOnce(mesh, [
                  ...secretProblems(mesh, secrets),
                  ...broughtCaProblems(mesh.certificates, Date.now()),
                  ...chartProblems(mesh),
              ])),
        ...(refuseWarnings ? warnings : []),
    ];
    if (refused.length > 0 || mesh === undefined) throw new pulumi.RunError(formatProblems(name, refused));
    return { mesh, warnings };
}

function chartProblems({ clusters }: Mesh): Problem[] {
    return clusters.flatMap((cluster) => [
        ...sourceProblems(`${clusterPath(cluster)}.cilium.chart`, cluster.cilium.chart),
        ...cluster.loadBalancers.flatMap(({ at, metalLb }) =>
            metalLb === undefined ? [] : sourceProblems(`${clusterPath(cluster)}.${at}.chart`, metalLb.chart),
        ),
    ]);
}
