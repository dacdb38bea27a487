import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { labsFolder } from "./lab-folder.ts";
import { labNameProblems } from "./lab-spec.ts";
import { isAlive, readRecord } from "./process-record.ts";

const SECONDS_MAX = 30;

/**
 * Ends everything of a lab and removes its folder, whatever state it is in; a name that no lab has is fine. It ends the one
 * process that the lab has recorded as its first: the kernel then ends all others, and takes mounts and links with them.
 */
export async function closeLab(name: string): Promise<void> {
    const [problem] = labNameProblems(name);
    if (problem !== undefined) throw new Error(problem);
    const folder = join(labsFolder(), name);
    // Under another name at first: a lab that is just starting, its opener killed, can no longer write its record and gives up.
    if (existsSync(folder)) renameSync(folder, join(labsFolder(), `.${name}.${process.pid}.${Date.now()}`));
    for (const closing of halfClosed(name)) {
        await endInit(name, join(closing, "init"));
        rmSync(closing, { recursive: true, force: true });
    }
}

/** What this lab, or an earlier one of its name, has left when closing it was interrupted. */
function halfClosed(name: string): string[] {
    if (!existsSync(labsFolder())) return [];
    return readdirSync(labsFolder())
        .filter((entry) => entry.startsWith(`.${name}.`))
        .map((entry) => join(labsFolder(), entry));
}

async function endInit(name: string, file: string): Promise<void> {
    const init = readRecord(file);
    if (init === undefined || !isAlive(init)) return;
    process.kill(init.pid, "SIGKILL");
    const end = Date.now() + SECONDS_MAX * 1000;
    while (isAlive(init)) {
        if (Date.now() > end) {
            throw new Error(
                `process ${init.pid} of the lab ${name} has not ended ${SECONDS_MAX} s after it was killed`,
            );
        }
        await pause(10);
    }
}
