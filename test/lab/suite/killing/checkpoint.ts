import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { LabMesh } from "../../mesh/lab-mesh.ts";

const resource = z.object({
    urn: z.string(),
    type: z.string(),
    custom: z.boolean().default(false),
    delete: z.boolean().default(false),
    outputs: z.record(z.string(), z.json()).default({}),
});
const file = z.object({
    checkpoint: z.object({
        latest: z
            .object({
                resources: z.array(resource).default([]),
                pending_operations: z.array(z.object({ resource, type: z.string() })).default([]),
            })
            .nullish(),
    }),
});

/** A resource, as a checkpoint names it. */
export type Recorded = z.infer<typeof resource>;

/** What the engine notes while it works, on disk before it asks a provider for anything: what is left of it after a kill. */
export interface Checkpoint {
    /** What is there. */
    readonly resources: readonly Recorded[];
    /**
     * What was begun and has not ended, where a provider has to do something for it. The engine keeps those of earlier runs
     * too, until a refresh clears them.
     */
    readonly creating: readonly Recorded[];
}

function checkpointFile(lab: LabMesh): string {
    return join(lab.lab.folder, "engine/state/.pulumi/stacks/multicluster/lab.json");
}

/** Reads the checkpoint of a lab. */
export function readCheckpoint(lab: LabMesh): Checkpoint {
    const { latest } = file.parse(JSON.parse(readFileSync(checkpointFile(lab), "utf8"))).checkpoint;
    return {
        resources: latest?.resources ?? [],
        creating: (latest?.pending_operations ?? []).flatMap(({ resource: one, type }) =>
            type === "creating" && isWork(one) ? [one] : [],
        ),
    };
}

/** Whether a provider makes it. Components and providers are the engine's own: it makes them in its notes only. */
export function isWork({ custom, type }: Recorded): boolean {
    return custom && !type.startsWith("pulumi:");
}

/** What a checkpoint has begun that an earlier one had not: a resource is named once more each time it is begun. */
export function begunSince(earlier: Checkpoint, later: Checkpoint): readonly Recorded[] {
    const before = earlier.creating.map(({ urn }) => urn);
    return later.creating.filter(({ urn }) => {
        const at = before.indexOf(urn);
        if (at >= 0) before.splice(at, 1);
        return at < 0;
    });
}

/** Calls back for each checkpoint that the engine writes. Gives what ends that. */
export function onCheckpoint(lab: LabMesh, then: (checkpoint: Checkpoint) => void): () => void {
    const path = checkpointFile(lab);
    let seen = statSync(path, { bigint: true }).mtimeNs;
    // By asking: the kernel has few watches, and the programs of several labs use them up.
    const timer = setInterval(() => {
        // While the engine replaces the file there is none.
        const found = statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? seen;
        if (found === seen) return;
        const checkpoint = readIfThere(lab);
        if (checkpoint === undefined) return;
        seen = found;
        then(checkpoint);
    }, 3);
    return () => {
        clearInterval(timer);
    };
}

function readIfThere(lab: LabMesh): Checkpoint | undefined {
    try {
        return readCheckpoint(lab);
    } catch (error) {
        // It is replaced, or just written.
        if (error instanceof SyntaxError) return undefined;
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
    }
}
