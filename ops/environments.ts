/*
 * `node ops/environments.ts`: which stacks a workflow is to preview or deploy, as a JSON list in its output `stacks`, and one
 * clear line where there are none. From the environment: PULUMI_STACKS, the stacks' names separated by commas or spaces in
 * the order of their turn; CREDENTIALS, "false" where the run has no way to Pulumi's state.
 */
import { appendFileSync } from "node:fs";

import { stackNames } from "../stacks/load.ts";

export interface Environments {
    readonly stacks: readonly string[];
    /** Why there are none. */
    readonly reason?: string;
}

/** The stacks that are named and described. A name without a description is a mistake, and ends the run. */
export function environments(
    env: Readonly<Record<string, string | undefined>>,
    described: readonly string[],
): Environments {
    const stacks = (env["PULUMI_STACKS"] ?? "").split(/[\s,]+/).filter((name) => name !== "");
    const unknown = stacks.filter((name) => !described.includes(name));
    if (unknown.length > 0) {
        throw new Error(
            `PULUMI_STACKS names ${unknown.join(", ")}, but stacks/ describes only ${described.join(", ")}`,
        );
    }
    if (stacks.length === 0) {
        return { stacks, reason: "no stack: the repository's variable PULUMI_STACKS names none" };
    }
    return env["CREDENTIALS"] === "false"
        ? {
              stacks: [],
              reason: "no stack: this run has neither the secret PULUMI_ACCESS_TOKEN nor PULUMI_CONFIG_PASSPHRASE",
          }
        : { stacks };
}

if (import.meta.main) {
    const described = await stackNames();
    try {
        const { stacks, reason } = environments(process.env, described);
        console.log(reason === undefined ? `stacks: ${stacks.join(", ")}` : `::notice::${reason}`);
        const output = process.env["GITHUB_OUTPUT"];
        if (output !== undefined) appendFileSync(output, `stacks=${JSON.stringify(stacks)}\n`);
    } catch (error) {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 1;
    }
}
