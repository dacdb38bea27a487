import * as pulumi from "@pulumi/pulumi";

import { formatProblems, type Problem } from "../model/problem.ts";

/** Why a resource cannot become what it is now described as: its inputs of before and now, and what the last run left of it. */
export type ChangeProblems = (before: unknown, after: unknown, outputs: unknown) => readonly Problem[];

/** Asks before a resource changes, in previews and in `up`, before anything is touched. What cannot be ends the run. */
export function refuseChanges(
    name: string,
    subject: string,
    problemsOf: ChangeProblems,
): Pick<pulumi.ResourceOptions, "hooks"> {
    const hook = new pulumi.ResourceHook(
        `${name}-unchangeable`,
        ({ oldInputs, newInputs, oldOutputs }) => {
            const problems = problemsOf(oldInputs, newInputs, oldOutputs);
            if (problems.length > 0) throw new Error(formatProblems(subject, problems));
        },
        { onDryRun: true },
    );
    return { hooks: { beforeUpdate: [hook] } };
}

/** Only a component that has the output `made` is there to be kept: what has never come up may still be described anew. */
export function onceMade(made: string, problemsOf: ChangeProblems): ChangeProblems {
    return (before, after, outputs) =>
        typeof outputs === "object" && outputs !== null && made in outputs
            ? problemsOf(before, after, outputs)
            : [];
}
