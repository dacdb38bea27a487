import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One process for good: an id alone may belong to another one tomorrow. record.sh writes such a line. */
export interface ProcessRecord {
    /** The machine's boot. */
    readonly boot: string;
    readonly pid: number;
    /** When it started, in clock ticks since the boot. */
    readonly start: string;
}

/** The record in a file, or `undefined` where there is none. */
export function readRecord(file: string): ProcessRecord | undefined {
    if (!existsSync(file)) return undefined;
    const [boot, pid, start] = readFileSync(file, "utf8").trim().split(" ");
    if (boot === undefined || pid === undefined || start === undefined || !/^\d+$/.test(pid)) {
        throw new Error(`${file} is no record of a process: remove it when you have ended what runs there`);
    }
    return { boot, pid: Number(pid), start };
}

/** Whether the very process of the record still runs. `proc` is the /proc that knows its id. */
export function isAlive({ boot, pid, start }: ProcessRecord, proc = "/proc"): boolean {
    if (readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() !== boot) return false;
    const stat = readStat(proc, pid);
    return stat !== undefined && stat.start === start && !["Z", "X"].includes(stat.state);
}

/** What the kernel says of a process. */
export interface Stat {
    readonly state: string;
    readonly parent: number;
    readonly start: string;
}

/** What the kernel says of a process, or `undefined` where there is none. */
export function readStat(proc: string, pid: number): Stat | undefined {
    const text = readOr(join(proc, String(pid), "stat"), "");
    // The name is in brackets, and may hold brackets and spaces itself.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, parent, start] = [fields[0], fields[1], fields[19]];
    if (state === undefined || parent === undefined || start === undefined) return undefined;
    return { state, parent: Number(parent), start };
}

/** The text of a file of a process, or what to take when the process has just ended. */
export function readOr(file: string, otherwise: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch (error) {
        if (error instanceof Error && "code" in error && GONE.includes(error.code)) return otherwise;
        throw error;
    }
}
const GONE: readonly unknown[] = ["ENOENT", "ESRCH"];
