import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import { readOr, readStat } from "./process-record.ts";

/** A process of a lab. */
export interface LabProcess {
    /** Its id as the lab sees it, not the machine. */
    readonly pid: number;
    /** The host that it runs on; `undefined` for the lab's own. */
    readonly host: string | undefined;
    readonly argv: readonly string[];
}

/** All processes in a /proc. `inits` names hosts by the ids of their first processes. */
export function processesIn(proc: string, inits: ReadonlyMap<number, string>): LabProcess[] {
    const hostOfSpace = new Map([...inits].map(([pid, host]) => [spaceOf(proc, pid), host]));
    const hostOf = (pid: number): string | undefined => {
        const stat = readStat(proc, pid);
        if (stat === undefined) return undefined;
        // Who has entered a host has no parent there; and a pod's processes are in a space of their own below the host's.
        const space = spaceOf(proc, pid);
        const host = space === "" ? undefined : hostOfSpace.get(space);
        return host ?? (stat.parent === 0 ? undefined : hostOf(stat.parent));
    };
    return readdirSync(proc)
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter((pid) => !["Z", "X", undefined].includes(readStat(proc, pid)?.state))
        .sort((a, b) => a - b)
        .map((pid) => ({ pid, host: hostOf(pid), argv: argvOf(proc, pid) }));
}

function argvOf(proc: string, pid: number): string[] {
    return readOr(join(proc, String(pid), "cmdline"), "")
        .split("\0")
        .slice(0, -1);
}

/** Which space of process ids it is in; nothing if it has just ended. */
function spaceOf(proc: string, pid: number): string {
    try {
        return readlinkSync(join(proc, String(pid), "ns/pid"));
    } catch {
        return "";
    }
}
