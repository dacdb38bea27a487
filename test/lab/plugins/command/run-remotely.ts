import { setTimeout as sleep } from "node:timers/promises";

import { attempt } from "../../../../ops/ssh/ssh-attempt.ts";
import { knock, SshFiles } from "../../../../ops/ssh/ssh-files.ts";
import type { End } from "../../../../ops/ssh/ssh-log.ts";
import { routeTo, type SshTarget } from "../../../../ops/ssh/target.ts";
import { trimmed, type CommandOutput, type Work } from "./command-resource.ts";
import { sshTarget, type Connection } from "./connection.ts";

const FIRST_PAUSE_MS = 100;
const PAUSE_GROWTH = 1.5;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Runs a command on a host. Until somebody is logged in every error is tried again, a refused key too, as often as the
 * connection allows; a command that has begun is never repeated. Variables are sent, and a server takes only those that it is
 * told to. A signal ends the dialing only.
 */
export async function runRemotely(
    connection: Connection,
    { command, stdin, environment }: Work,
    signal: AbortSignal,
): Promise<CommandOutput> {
    const target = sshTarget(connection);
    const files = await openFiles(target, { command, sendEnv: Object.keys(environment) });
    try {
        const result = await dial();
        const failure = failureOf(result.end);
        if (failure !== undefined) {
            throw new Error(`${failure}: running ${JSON.stringify(command)}:\n${result.output}`);
        }
        return { stdout: trimmed(result.stdout), stderr: trimmed(result.stderr) };
    } finally {
        files.close();
    }

    async function dial() {
        let pause = FIRST_PAUSE_MS;
        for (let dials = 1; ; dials += 1) {
            if (signal.aborted) throw cancelled(target);
            const result = await attempt(files, { stdin, environment, signal });
            if (result.kind === "ended") return result;
            if (connection.dialErrorLimit !== -1 && dials > connection.dialErrorLimit) {
                throw new Error(
                    `after ${dials} failed attempts to connect to ${routeTo(target)}: ${result.reason}; look at the host, its sshd, and the connection's key and hostKey`,
                );
            }
            await sleep(pause, undefined, { signal }).catch(() => {
                throw cancelled(target);
            });
            pause = Math.min(pause * PAUSE_GROWTH, LONGEST_PAUSE_MS);
        }
    }
}

async function openFiles(target: SshTarget, use: Parameters<typeof SshFiles.write>[1]): Promise<SshFiles> {
    try {
        // An agent that is named must answer, as with the official provider, even where a key is given.
        for (const endpoint of [target, target.jumpHost]) {
            if (endpoint?.agentSocket !== undefined) await knock(endpoint.agentSocket, endpoint);
        }
        return await SshFiles.write(target, use);
    } catch (cause) {
        throw new Error(`connection: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
}

/** How a command ended, in the official provider's words; `undefined` if all went well. */
function failureOf(end: End): string | undefined {
    switch (end.how) {
        case "exit":
            return end.status === 0 ? undefined : `Process exited with status ${end.status}`;
        case "signal":
            return "Process exited from a signal";
        case "lost":
            return ["wait: remote command exited without exit status or exit signal", end.reason]
                .filter((part) => part !== "")
                .join(": ");
        case "time limit":
            return `wait: given up after ${end.seconds} s`;
    }
}

function cancelled(target: SshTarget): Error {
    return new Error(`cancelled while connecting to ${routeTo(target)}`);
}
