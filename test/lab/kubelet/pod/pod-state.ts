import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { CONTAINER_RECORD } from "../container/container-state.ts";
import { podRunFolder, RUN } from "../paths.ts";

const STATE = z.object({
    uid: z.string(),
    namespace: z.string(),
    name: z.string(),
    podIp: z.string(),
    startTime: z.string(),
    graceSeconds: z.number(),
    /** By name; no init container has the name of another. */
    containers: z.record(z.string(), CONTAINER_RECORD),
});

/** What of a pod outlives the kubelet. */
export type PodState = z.infer<typeof STATE>;

/** Writes the state of a pod, never half of it. */
export function saveState(state: PodState): void {
    const folder = podRunFolder(state.uid);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, "state.json");
    writeFileSync(`${file}.new`, JSON.stringify(state, undefined, 4));
    renameSync(`${file}.new`, file);
}

/** The pods that an earlier kubelet has run on this host, by uid. */
export function loadStates(): ReadonlyMap<string, PodState> {
    const folder = join(RUN, "pods");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const states = new Map<string, PodState>();
    for (const uid of readdirSync(folder)) {
        const text = readState(join(folder, uid, "state.json"));
        if (text !== undefined) states.set(uid, STATE.parse(JSON.parse(text)));
    }
    return states;
}

function readState(file: string): string | undefined {
    try {
        return readFileSync(file, "utf8");
    } catch {
        // The kubelet ended before it wrote one: it had started nothing yet.
        return undefined;
    }
}
