import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

import { findCommand } from "../../../ops/find-command.ts";
import type { Say } from "./say.ts";

/** Prints a line once it has the lock, and keeps it until its input ends: with the process that started it, however that ends. */
const KEEP = "echo held; exec cat >/dev/null";

/**
 * Does the work while this process alone holds a lock, and tells the work whether it does. A machine without util-linux has
 * no such lock: then two runs may do the same work, which costs time and nothing else.
 */
export async function holding<T>(file: string, say: Say, work: (held: boolean) => Promise<T>): Promise<T> {
    const flock = findCommand("flock", process.env["PATH"]);
    if (flock === undefined) return await work(false);
    const keeper = (await keep(flock, ["--nonblock", file])) ?? (await waitFor(flock, file, say));
    try {
        return await work(true);
    } finally {
        await release(keeper);
    }
}

async function waitFor(flock: string, file: string, say: Say): Promise<ChildProcess> {
    say(`another run is getting programs; waiting for it (${file})`);
    const keeper = await keep(flock, [file]);
    if (keeper === undefined) throw new Error(`no lock on ${file}: flock gave up; is the folder writable?`);
    return keeper;
}

async function release(keeper: ChildProcess): Promise<void> {
    if (keeper.exitCode !== null || keeper.signalCode !== null) return;
    const ended = once(keeper, "exit");
    keeper.stdin?.end();
    await ended;
}

/** The process that holds the lock; nothing where it could not get it. */
async function keep(flock: string, args: readonly string[]): Promise<ChildProcess | undefined> {
    const keeper = spawn(flock, [...args, "sh", "-c", KEEP], { stdio: ["pipe", "pipe", "ignore"] });
    const held = once(keeper.stdout, "data").then(() => true);
    const ended = once(keeper, "exit").then(() => false);
    return (await Promise.race([held, ended])) ? keeper : undefined;
}
