import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isAlive, PROCESS_ID, processId, type ProcessId } from "./container/live-process.ts";
import { RUN } from "./paths.ts";

const FILE = join(RUN, "kubelet.json");

/** Makes this process the one kubelet of its host. It throws if another one is at work: two would start every pod twice. */
export function becomeOnlyKubelet(): void {
    const other = readOther();
    if (other !== undefined && other.pid !== process.pid && isAlive(other)) {
        throw new Error(`a kubelet runs on this host already, as process ${other.pid}: stop it first`);
    }
    mkdirSync(RUN, { recursive: true, mode: 0o700 });
    writeFileSync(FILE, JSON.stringify(processId(process.pid)));
}

function readOther(): ProcessId | undefined {
    try {
        return PROCESS_ID.parse(JSON.parse(readFileSync(FILE, "utf8")));
    } catch {
        // None has run here yet, or it was ended while it wrote this.
        return undefined;
    }
}
