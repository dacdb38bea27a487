import { z } from "zod";

import { PROCESS_ID } from "./live-process.ts";

const ENDED = z.object({
    exitCode: z.number(),
    reason: z.string(),
    message: z.string().optional(),
    startedAt: z.string(),
    finishedAt: z.string(),
    containerID: z.string(),
});

/** What of a container outlives the kubelet. */
export const CONTAINER_RECORD = z.object({
    restartCount: z.number(),
    containerID: z.string().default(""),
    startedAt: z.string().default(""),
    /** So that a kubelet that takes it over does not call it unready before it has asked. */
    ready: z.boolean().default(false),
    process: PROCESS_ID.optional(),
    ended: ENDED.optional(),
    endedBefore: ENDED.optional(),
});

export type ContainerRecord = z.infer<typeof CONTAINER_RECORD>;

/** How a container ended. */
export type Ended = z.infer<typeof ENDED>;

/** What a container does now. */
export type ContainerState =
    | { readonly kind: "waiting"; readonly reason: string; readonly message?: string }
    | { readonly kind: "running"; readonly startedAt: string }
    | { readonly kind: "terminated"; readonly ended: Ended };

/** A container of a pod, whether it is a process or only called one. */
export interface PodContainer {
    readonly name: string;
    readonly image: string;
    readonly state: ContainerState;
    readonly started: boolean;
    readonly ready: boolean;
    readonly record: ContainerRecord;
    /** Runs the container, again if need be, until it is to run no more. */
    run(): Promise<void>;
    /** Ends it for good. Called again, it may only make that sooner. */
    end(graceSeconds: number): void;
}
