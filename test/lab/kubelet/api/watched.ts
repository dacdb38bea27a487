import { z } from "zod";

import { Backoff } from "../backoff.ts";
import { reason, say } from "../log.ts";
import { pause } from "../pause.ts";
import { ApiError, NoAnswer, type ApiClient } from "./client.ts";

/** What every object has. */
export interface Identified {
    readonly metadata: { readonly uid: string; readonly name: string };
}

/** Which objects are watched. */
export interface WatchTarget<T extends Identified> {
    /** As `/api/v1/pods`. */
    readonly path: string;
    readonly fieldSelector?: string;
    readonly schema: z.ZodType<T>;
}

const LIST = z.object({ metadata: z.object({ resourceVersion: z.string() }), items: z.array(z.unknown()) });
const EVENT = z.object({
    type: z.string(),
    object: z.looseObject({
        metadata: z
            .looseObject({ uid: z.string().optional(), resourceVersion: z.string().optional() })
            .optional(),
        code: z.number().optional(),
        message: z.string().optional(),
    }),
});

/** A server whose host has lost its power says nothing more; so a watch is begun again now and then. */
const WATCH_SECONDS = 45;

/** The objects of one kind, always as the API server has them, over all its restarts. */
export class Watched<T extends Identified> {
    readonly #client: ApiClient;
    readonly #target: WatchTarget<T>;
    readonly #changed: (objects: readonly T[]) => void;
    readonly #ending = new AbortController();
    readonly #objects = new Map<string, T>();
    readonly #listed = Promise.withResolvers<undefined>();
    #version: string | undefined;

    /** @param changed is called after the first list and after each change */
    constructor(client: ApiClient, target: WatchTarget<T>, changed: (objects: readonly T[]) => void) {
        this.#client = client;
        this.#target = target;
        this.#changed = changed;
        void this.#follow();
    }

    /** The objects, once they have been listed for the first time; or none, if it is stopped before. */
    async objects(): Promise<readonly T[]> {
        await this.#listed.promise;
        return [...this.#objects.values()];
    }

    stop(): void {
        this.#ending.abort();
        this.#listed.resolve(undefined);
    }

    /** It never throws: whatever fails is said once and tried again. */
    async #follow(): Promise<void> {
        const { signal } = this.#ending;
        const backoff = new Backoff(200, 5_000);
        let said = "";
        while (!signal.aborted) {
            try {
                this.#version ??= await this.#list();
                await this.#watch(this.#version);
                backoff.reset();
                said = "";
            } catch (error) {
                // The next try begins with a list, whatever it was.
                this.#version = undefined;
                const isKnown =
                    error instanceof NoAnswer || (error instanceof ApiError && error.status === 410);
                if (!isKnown && said !== reason(error) && !this.#stopped()) say((said = reason(error)));
                await pause(backoff.next(), signal);
            }
        }
    }

    #stopped(): boolean {
        return this.#ending.signal.aborted;
    }

    #query(more: Readonly<Record<string, string>>): string {
        const { path, fieldSelector } = this.#target;
        const query = new URLSearchParams({
            ...(fieldSelector === undefined ? {} : { fieldSelector }),
            ...more,
        });
        return `${path}?${query.toString()}`;
    }

    async #list(): Promise<string> {
        const { metadata, items } = LIST.parse(await this.#client.get(this.#query({})));
        this.#objects.clear();
        for (const item of items) this.#keep(item);
        this.#announce();
        return metadata.resourceVersion;
    }

    async #watch(resourceVersion: string): Promise<void> {
        const path = this.#query({
            watch: "true",
            allowWatchBookmarks: "true",
            timeoutSeconds: String(WATCH_SECONDS),
            resourceVersion,
        });
        const silent = AbortSignal.timeout((WATCH_SECONDS + 10) * 1000);
        let refused: ApiError | undefined;
        await this.#client.lines(path, AbortSignal.any([this.#ending.signal, silent]), (line) => {
            refused ??= this.#take(EVENT.parse(JSON.parse(line)));
        });
        if (silent.aborted) throw new NoAnswer(`${this.#target.path}: the API server has gone silent`);
        if (refused !== undefined) throw refused;
    }

    /** Takes over one event. It returns what the server refuses to go on for. */
    #take({ type, object }: z.infer<typeof EVENT>): ApiError | undefined {
        if (type === "ERROR") return new ApiError(object.message ?? "the watch failed", object.code ?? 500);
        this.#version = object.metadata?.resourceVersion ?? this.#version;
        if (type === "BOOKMARK") return undefined;
        if (type === "DELETED") this.#objects.delete(object.metadata?.uid ?? "");
        else this.#keep(object);
        this.#announce();
        return undefined;
    }

    #keep(item: unknown): void {
        const { success, data, error } = this.#target.schema.safeParse(item);
        if (success) this.#objects.set(data.metadata.uid, data);
        else
            say(
                `${this.#target.path}: an object was left out, as it is not understood: ${z.prettifyError(error)}`,
            );
    }

    #announce(): void {
        if (this.#stopped()) return;
        this.#listed.resolve(undefined);
        this.#changed([...this.#objects.values()]);
    }
}
