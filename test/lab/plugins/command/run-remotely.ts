import { setTimeout as sleep } from "node:timers/promises";

import { nameOf, type Connection } from "./connection.ts";
import { attempt } from "./ssh-attempt.ts";
import { SshFiles } from "./ssh-files.ts";

/** A command for the other end. */
export interface RemoteWork {
    readonly command: string;
    readonly stdin: string;
    /** Variables that are sent; a server takes only those that it is told to. */
    readonly environment: Readonly<Record<string, string>>;
}

/** What a command that went well printed, each without its last line break. */
export interface RemoteOutput {
    readonly stdout: string;
    readonly stderr: string;
}

const FIRST_PAUSE_MS = 100;
const PAUSE_GROWTH = 1.5;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Runs a command on a host. Until somebody is logged in every error is tried again, a refused key too, as often as the
 * connection allows; a command that has begun is never repeated. A signal ends the dialing only.
 */
export async function runRemotely(
    connection: Connection,
    { command, stdin, environment }: RemoteWork,
    signal: AbortSignal,
): Promise<RemoteOutput> {
    const files = await SshFiles.write(connection, { command, sendEnv: Object.keys(environment) });
    try {
        const result = await dial();
        if (result.failure !== undefined) {
            throw new Error(`${result.failure}: running ${JSON.stringify(command)}:\n${result.output}`);
        }
        return { stdout: trimmed(result.stdout), stderr: trimmed(result.stderr) };
    } finally {
        files.close();
    }

    async function dial() {
        let pause = FIRST_PAUSE_MS;
        for (let dials = 1; ; dials += 1) {
            if (signal.aborted) throw cancelled(connection);
            const result = await attempt(files, { stdin, environment, signal });
            if (result.kind === "ended") return result;
            if (connection.dialErrorLimit !== -1 && dials > connection.dialErrorLimit) {
                throw new Error(
                    `after ${dials} failed attempts to connect to ${routeTo(connection)}: ${result.reason}; look at the host, its sshd, and the connection's key and hostKey`,
                );
            }
            await sleep(pause, undefined, { signal }).catch(() => {
                throw cancelled(connection);
            });
            pause = Math.min(pause * PAUSE_GROWTH, LONGEST_PAUSE_MS);
        }
    }
}

function routeTo({ proxy, ...target }: Connection): string {
    return `${nameOf(target)}${proxy === undefined ? "" : ` through ${nameOf(proxy)}`}`;
}

function cancelled(connection: Connection): Error {
    return new Error(`cancelled while connecting to ${routeTo(connection)}`);
}

function trimmed(text: string): string {
    return text.endsWith("\n") ? text.slice(0, -1) : text;
}
