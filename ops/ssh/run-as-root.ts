import { runOnHost, type HostRun } from "./run-on-host.ts";
import type { SshTarget } from "./target.ts";

/** A script for a host. */
export interface RootWork {
    readonly target: SshTarget;
    /** For bash, under `set -euo pipefail`. It travels on standard input, so it may hold secrets. */
    readonly script: string;
    /** When the host ends it. */
    readonly timeoutSeconds: number;
}

/** Beyond its limit a script has 10 seconds to end by itself; the rest is for the network. */
const GRACE_SECONDS = 30;

/** The status of `timeout` where it had to end the script: by a signal, or by force. */
const TIMED_OUT = [124, 137];

/** Runs a script on a host as root: directly, or over `sudo` without a password where somebody else logs in. */
export async function runAsRoot({ target, script, timeoutSeconds }: RootWork): Promise<HostRun> {
    const sudo = target.user === "root" ? "" : "sudo -n ";
    const run = await runOnHost({
        target,
        command: `${sudo}timeout -k 10 ${timeoutSeconds} bash -euo pipefail -s`,
        stdin: script,
        timeoutSeconds: timeoutSeconds + GRACE_SECONDS,
    });
    return run.kind === "ended" && run.end.how === "exit" && TIMED_OUT.includes(run.end.status)
        ? { ...run, end: { how: "time limit", seconds: timeoutSeconds } }
        : run;
}
