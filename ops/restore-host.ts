import type { Node } from "../model/resolved.ts";
import { STEP_SECONDS } from "./restore-steps.ts";
import { runAsRoot } from "./ssh/run-as-root.ts";
import type { HostRun } from "./ssh/run-on-host.ts";
import type { OpenStack } from "./stack-secrets.ts";

/** Waiting for another run that is at work, then the step itself, and some time to say so. */
const LIMIT_SECONDS = 2 * STEP_SECONDS + 60;

/** A reset that failed shows as many lines of RKE2. */
const MOST_LINES = 20;

/** What a host answered: what it said, or why it did not do what it was asked. */
export type Answer =
    { readonly done: true; readonly said: string } | { readonly done: false; readonly why: string };

/** Runs a script of a restore on a host. What is named as secret is in no answer. */
export async function askHost(
    stack: OpenStack,
    { ssh }: Node,
    script: string,
    secrets: readonly string[] = [],
): Promise<Answer> {
    const run = await runAsRoot({ target: stack.target(ssh), script, timeoutSeconds: LIMIT_SECONDS });
    const clean = (text: string) =>
        secrets
            .filter((secret) => secret !== "")
            .reduce((said, secret) => said.replaceAll(secret, "[secret]"), text);
    const why = failureOf(run);
    if (why !== undefined) return { done: false, why: clean(why) };
    return { done: true, said: clean(run.kind === "ended" ? run.stdout.trimEnd() : "") };
}

function failureOf(run: HostRun): string | undefined {
    if (run.kind === "not connected") return `it cannot be reached: ${run.reason}`;
    const said = lastLines(run.stderr);
    switch (run.end.how) {
        case "exit":
            if (run.end.status === 0) return undefined;
            return said || lastLines(run.stdout) || `status ${run.end.status}, and it said nothing`;
        case "signal":
            return join("a signal ended the script", said);
        case "lost":
            return join(
                `the connection was lost (${run.end.reason || "ssh gave no reason"}); the script may still be at work there, and the next run waits for it`,
                said,
            );
        case "time limit":
            return join(`it did not end within ${run.end.seconds} s`, said);
    }
}

function join(reason: string, said: string): string {
    return said === "" ? reason : `${reason}\n${said}`;
}

function lastLines(text: string): string {
    return text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .slice(-MOST_LINES)
        .join("\n");
}
