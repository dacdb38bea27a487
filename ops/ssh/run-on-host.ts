import { setTimeout as sleep } from "node:timers/promises";

import { attempt, type Attempt } from "./ssh-attempt.ts";
import { SshFiles } from "./ssh-files.ts";
import type { SshTarget } from "./target.ts";

/** A command for a host. */
export interface HostWork {
    readonly target: SshTarget;
    /** One line for the login's shell. Every user of the host can read it: what is secret goes to `stdin`. */
    readonly command: string;
    /** What the command reads. @default - nothing */
    readonly stdin?: string;
    /** When it is given up, counted from the login. The command itself may go on: it should have a limit of its own. */
    readonly timeoutSeconds: number;
}

/** What a command on a host came to: nobody was logged in, and why; or it was run, and how it ended. */
export type HostRun = Attempt;

/** For a key that asks to be touched, and for a way of several hosts. */
const LOGIN_SECONDS = 60;

/** What a server says that has as many logins going on as it takes (`MaxStartups`, 10 by default): a jump host mostly. */
const CROWDED = /kex_exchange_identification|Connection (?:closed|reset) by|banner exchange/;
const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000];

/**
 * Runs a command on a host over the system's ssh, with nobody's own configuration and with the described key, host key and jump
 * host only. Nothing secret is in an argument or in a file that outlives the call. Whatever keeps it from a login is a reason in
 * the result, and no exception: a caller has other hosts to ask.
 */
export async function runOnHost({ target, command, stdin = "", timeoutSeconds }: HostWork): Promise<HostRun> {
    let files: SshFiles;
    try {
        files = await SshFiles.write(target, { command });
    } catch (error) {
        return { kind: "not connected", reason: error instanceof Error ? error.message : String(error) };
    }
    try {
        const options = { stdin, loginSeconds: LOGIN_SECONDS, timeoutSeconds };
        let run = await attempt(files, options);
        for (const pause of PAUSES_MS) {
            if (run.kind === "ended" || !CROWDED.test(run.reason)) break;
            await sleep(pause);
            run = await attempt(files, options);
        }
        return run;
    } finally {
        files.close();
    }
}
