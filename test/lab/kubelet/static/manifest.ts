import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import { reason, say } from "../log.ts";
import { CONTAINER, VOLUME } from "../pod/pod-object.ts";

/** Where RKE2's kubelet finds the pods that no API server has to name. */
export const MANIFESTS = "/var/lib/rancher/rke2/agent/pod-manifests";

const POD = z.looseObject({
    metadata: z.looseObject({
        name: z.string(),
        namespace: z.string().default("default"),
        annotations: z.record(z.string(), z.string()).default({}),
    }),
    spec: z.looseObject({
        containers: z.array(z.looseObject(CONTAINER.shape)),
        volumes: z.array(VOLUME).default([]),
    }),
});

/** A pod in a file. */
export interface Manifest {
    /** What it says, as it is passed on. */
    readonly raw: Readonly<Record<string, unknown>>;
    readonly pod: z.infer<typeof POD>;
    /** Changes with the file. */
    readonly hash: string;
}

const Raw = z.record(z.string(), z.unknown());

/** The pods in a folder, by their file. What is no pod is said and left out. */
export function readManifests(folder = MANIFESTS): Map<string, Manifest> {
    const found = new Map<string, Manifest>();
    if (!existsSync(folder)) return found;
    for (const name of readdirSync(folder).sort()) {
        if (!/^[^.].*\.(?:ya?ml|json)$/.test(name)) continue;
        try {
            found.set(name, parseManifest(readFileSync(join(folder, name), "utf8")));
        } catch (error) {
            say(`${join(folder, name)}: is no pod: ${reason(error)}`);
        }
    }
    return found;
}

/** One file. */
export function parseManifest(text: string): Manifest {
    const raw = Raw.parse(parse(text));
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 32);
    return { raw, pod: POD.parse(raw), hash };
}
