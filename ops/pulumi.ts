/*
 * `npm run preview -- STACK` and `npm run up -- STACK`: Pulumi, with what this program wants to be true around it. Whatever
 * follows the stack's name goes to Pulumi as it is.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findCommand } from "./find-command.ts";
import { runCommand } from "./run-command.ts";
import { withoutDeadAgent } from "./ssh-agent.ts";

const USAGE =
    "usage: npm run preview -- STACK [PULUMI FLAGS]\n       npm run up -- STACK [--yes] [PULUMI FLAGS]";
const INSTALL =
    "the pulumi command is not on the PATH: install it, https://www.pulumi.com/docs/install/\n" +
    "npm run plan shows what would be made without it";

/** Runs `preview` or `up` for a stack and gives Pulumi's exit code. `up` asks before it changes anything, unless `--yes` is given. */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
    const [command, stack, ...flags] = argv;
    if ((command !== "preview" && command !== "up") || stack === undefined || stack.startsWith("-")) {
        return fail(USAGE);
    }
    const pulumi = findCommand("pulumi", env["PATH"]);
    if (pulumi === undefined) return fail(INSTALL);

    const badTypes = await runCommand("tsc", ["--noEmit"], { env });
    if (badTypes !== 0) return fail("the program has type errors: nothing was asked of Pulumi", badTypes);

    // The Kubernetes provider writes kubeconfigs into the temporary folder and leaves them there.
    const temporary = await mkdtemp(join(tmpdir(), "multicluster-"));
    try {
        const own = { env: { ...(await withoutDeadAgent(env)), TMPDIR: temporary } };
        const unknownStack = await runCommand(pulumi, ["stack", "select", stack], own);
        if (unknownStack !== 0) {
            return fail(
                `a stack that does not exist yet is made by: pulumi stack init ${stack}`,
                unknownStack,
            );
        }
        return await runCommand(pulumi, [command, "--stack", stack, "--diff", ...flags], own);
    } finally {
        await rm(temporary, { recursive: true, force: true });
    }
}

function fail(message: string, code = 1): number {
    console.error(message);
    return code;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), process.env);
