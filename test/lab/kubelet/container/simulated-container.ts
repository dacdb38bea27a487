import { randomUUID } from "node:crypto";

import type { ContainerSpec } from "../pod/pod-object.ts";
import { timestamp } from "../timestamp.ts";
import {
    CONTAINER_RECORD,
    type ContainerRecord,
    type ContainerState,
    type Ended,
    type PodContainer,
} from "./container-state.ts";

/** What is to happen to a container that is simulated. */
export interface SimulatedContainerArgs {
    readonly spec: ContainerSpec;
    readonly record: ContainerRecord | undefined;
    /** It is one that does its work and ends: an init container, or one of a Job. */
    readonly ends: boolean;
    /** Resolves as soon as it may be called ready. */
    readonly canBeReady: () => Promise<void>;
    readonly changed: () => void;
}

/** Simulated: a container without a process. It is called ready as soon as it can be, and does nothing. */
export class SimulatedContainer implements PodContainer {
    readonly #args: SimulatedContainerArgs;
    readonly #over = Promise.withResolvers<undefined>();
    #ready = false;
    #record: ContainerRecord;

    constructor(args: SimulatedContainerArgs) {
        this.#args = args;
        this.#record = args.record ?? CONTAINER_RECORD.parse({ restartCount: 0 });
        this.#ready = this.#record.ready;
    }

    get name(): string {
        return this.#args.spec.name;
    }

    get image(): string {
        return this.#args.spec.image;
    }

    get state(): ContainerState {
        const { ended, startedAt } = this.#record;
        if (ended !== undefined) return { kind: "terminated", ended };
        return startedAt === ""
            ? { kind: "waiting", reason: "PodInitializing" }
            : { kind: "running", startedAt };
    }

    get started(): boolean {
        return this.state.kind === "running";
    }

    get ready(): boolean {
        return this.#args.ends ? this.#record.ended !== undefined : this.started && this.#ready;
    }

    get record(): ContainerRecord {
        return this.#record;
    }

    async run(): Promise<void> {
        if (this.#record.ended !== undefined) return;
        if (this.#record.startedAt === "") {
            this.#record = {
                ...this.#record,
                startedAt: timestamp(),
                containerID: `lab://simulated-${randomUUID()}`,
            };
            this.#args.changed();
        }
        await Promise.race([this.#args.canBeReady(), this.#over.promise]);
        this.#ready = true;
        this.#record = { ...this.#record, ready: true };
        if (this.#args.ends) this.end();
        this.#args.changed();
        await this.#over.promise;
    }

    end(): void {
        const { startedAt, containerID, ended } = this.#record;
        if (ended === undefined && startedAt !== "") {
            this.#record = { ...this.#record, ended: this.#completed(startedAt, containerID) };
        }
        this.#over.resolve(undefined);
        this.#args.changed();
    }

    #completed(startedAt: string, containerID: string): Ended {
        return { exitCode: 0, reason: "Completed", startedAt, finishedAt: timestamp(), containerID };
    }
}
