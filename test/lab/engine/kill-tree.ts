import { readdirSync, readFileSync } from "node:fs";

/**
 * Ends a process and all that came from it at once, without a chance to tidy up: the engine, its program and its providers,
 * as when their machine loses its power. What they had started on hosts goes on.
 */
export function killTree(pid: number | undefined): void {
    if (pid === undefined) return;
    const parents = parentsOfProcesses();
    const tree = [pid];
    // The array grows while it is walked: children follow their parents.
    for (const parent of tree) {
        tree.push(...[...parents].flatMap(([child, of]) => (of === parent ? [child] : [])));
    }
    // Parents first: a program that sees its engine die would say so.
    for (const one of tree) kill(one);
}

function kill(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
}

function parentsOfProcesses(): Map<number, number> {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return new Map(
        pids.flatMap((pid) => {
            const parent = parentOf(pid);
            return parent === undefined ? [] : [[Number(pid), parent] as const];
        }),
    );
}

/** Nothing for a process that has ended in between. */
function parentOf(pid: string): number | undefined {
    try {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
    } catch {
        return undefined;
    }
}
