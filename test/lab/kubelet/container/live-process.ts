import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

import { z } from "zod";

/** A process that cannot be mistaken for a later one with the same number. */
export const PROCESS_ID = z.object({ pid: z.number(), startTime: z.string() });
export type ProcessId = z.infer<typeof PROCESS_ID>;

/** How a process ended. Of one that this program did not start, nothing is known. */
export interface Exit {
    readonly code: number | undefined;
    readonly signal: NodeJS.Signals | undefined;
}

/** A process of a container, whether it was started by this kubelet or by an earlier one. */
export interface LiveProcess {
    readonly id: ProcessId;
    readonly exited: Promise<Exit>;
}

const LOOK_EVERY_MS = 1_000;

/** Starts a program that outlives this one, with a group of its own. Its output goes to the end of a file. */
export async function startProcess(
    file: string,
    args: readonly string[],
    { env, log }: { env: ReadonlyMap<string, string>; log: string },
): Promise<LiveProcess> {
    const output = openSync(log, "a", 0o640);
    try {
        const child = spawn(file, args, {
            detached: true,
            stdio: ["ignore", output, output],
            env: Object.fromEntries(env),
        });
        const exited = new Promise<Exit>((resolve) => {
            child.on("exit", (code, signal) => {
                resolve({ code: code ?? undefined, signal: signal ?? undefined });
            });
        });
        await new Promise<void>((resolve, reject) => child.on("spawn", resolve).on("error", reject));
        const { pid } = child;
        if (pid === undefined) throw new Error(`${file} was not started`);
        child.unref();
        return { id: processId(pid), exited };
    } finally {
        closeSync(output);
    }
}

/** The process that an earlier kubelet has started, if it is still there. */
export function adoptProcess(id: ProcessId): LiveProcess | undefined {
    if (!isAlive(id)) return undefined;
    const exited = new Promise<Exit>((resolve) => {
        const timer = setInterval(() => {
            if (isAlive(id)) return;
            clearInterval(timer);
            resolve({ code: undefined, signal: undefined });
        }, LOOK_EVERY_MS);
    });
    return { id, exited };
}

/** Whether it still runs. What has ended and waits to be collected does not. */
export function isAlive({ pid, startTime: expected }: ProcessId): boolean {
    return startTime(pid) === expected;
}

/** A process of this host as it can be known again, even if it ends. */
export function processId(pid: number): ProcessId {
    return { pid, startTime: startTime(pid) ?? "" };
}

/** Sends a signal to a process and what it has started, if it is still there. */
export function signalGroup(id: ProcessId, signal: NodeJS.Signals): void {
    if (!isAlive(id)) return;
    try {
        process.kill(-id.pid, signal);
    } catch (error) {
        // It has ended in between.
        if (isAlive(id)) throw error;
    }
}

/** When a process was started, in ticks since the machine booted; `undefined` if there is none or it has ended. */
function startTime(pid: number): string | undefined {
    let stat: string;
    try {
        stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    } catch {
        return undefined;
    }
    // The second field is the command's name in brackets, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}
