import { setTimeout } from "node:timers/promises";

import { ApiError, type ApiClient } from "../api/client.ts";
import { Backoff } from "../backoff.ts";
import { reason, say } from "../log.ts";
import { timestamp } from "../timestamp.ts";
import type { PodCondition } from "./pod-status.ts";
import { podTitle, type PodObject } from "./pod-object.ts";

/** A pod's status as it is now. */
export interface PodStatus {
    readonly status: Readonly<Record<string, unknown>>;
    readonly conditions: readonly PodCondition[];
}

/** Changes that come together are reported together. */
const TOGETHER_MS = 50;

/** Brings the status of one pod to the API server, again and again until it is there. */
export class StatusReporter {
    readonly #client: ApiClient;
    readonly #pod: PodObject;
    readonly #current: () => PodStatus;
    readonly #since = new Map<string, { status: string; time: string }>();
    #isOutdated = false;
    #sending: Promise<void> | undefined;

    constructor(client: ApiClient, pod: PodObject, current: () => PodStatus) {
        this.#client = client;
        this.#pod = pod;
        this.#current = current;
        for (const { type, status, lastTransitionTime } of pod.status.conditions) {
            this.#since.set(type, { status, time: lastTransitionTime ?? timestamp() });
        }
    }

    /** Something has changed. */
    mark(): void {
        this.#isOutdated = true;
        this.#sending ??= this.#send().finally(() => {
            this.#sending = undefined;
        });
    }

    /** Resolves when the API server knows all that was marked. */
    async settled(): Promise<void> {
        await this.#sending;
    }

    async #send(): Promise<void> {
        const { namespace, name, uid } = this.#pod.metadata;
        const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
        const backoff = new Backoff(200, 5_000);
        let said = "";
        await setTimeout(TOGETHER_MS);
        while (this.#isOutdated) {
            this.#isOutdated = false;
            const { status, conditions } = this.#current();
            try {
                await this.#client.patch(path, "strategic-merge", {
                    metadata: { uid },
                    status: { ...status, conditions: conditions.map((condition) => this.#dated(condition)) },
                });
            } catch (error) {
                // The pod is gone, or another one has its name by now.
                if (error instanceof ApiError && [404, 409].includes(error.status)) return;
                if (said !== reason(error)) say(`${podTitle(this.#pod)}: ${(said = reason(error))}`);
                this.#isOutdated = true;
                await setTimeout(backoff.next());
            }
        }
    }

    #dated(condition: PodCondition): unknown {
        const before = this.#since.get(condition.type);
        const time = before?.status === condition.status ? before.time : timestamp();
        this.#since.set(condition.type, { status: condition.status, time });
        // In a merge, what is left out stays; an old reason must not.
        return { reason: null, message: null, ...condition, lastTransitionTime: time };
    }
}
