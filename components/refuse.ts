import * as pulumi from "@pulumi/pulumi";

import { formatProblems, type Problem } from "../model/problem.ts";

/** Ends the program with one message where there are problems. Called before `super()`, so that nothing is registered. */
export function refuse(subject: string, problems: readonly Problem[]): void {
    if (problems.length > 0) throw new pulumi.RunError(formatProblems(subject, problems));
}
