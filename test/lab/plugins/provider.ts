import type {
    CheckResult,
    CreateResult,
    DiffResult,
    Provider,
    ReadResult,
    UpdateResult,
} from "@pulumi/pulumi/provider/index.js";

import { propertiesOf } from "./property.ts";
import type { ResourceType } from "./resource-type.ts";

/** A provider of a few types of resources, by their tokens, for Pulumi's own server of providers. */
export class StandInProvider implements Provider {
    readonly version: string;
    readonly #package: string;
    readonly #types: Readonly<Record<string, ResourceType>>;

    readonly #running = new Set<Promise<unknown>>();

    constructor(packageName: string, version: string, types: Readonly<Record<string, ResourceType>>) {
        this.#package = packageName;
        this.version = version;
        this.#types = types;
    }

    async check(urn: string, _olds: unknown, news: unknown): Promise<CheckResult> {
        return Promise.resolve(this.#typeOf(urn).check(propertiesOf(news)));
    }

    async diff(_id: string, urn: string, olds: unknown, news: unknown): Promise<DiffResult> {
        return Promise.resolve(this.#typeOf(urn).diff(propertiesOf(olds), propertiesOf(news)));
    }

    async create(urn: string, inputs: unknown): Promise<CreateResult> {
        const { id, outputs } = await this.#run(this.#typeOf(urn).create(propertiesOf(inputs)));
        return { id, outs: outputs };
    }

    async update(_id: string, urn: string, olds: unknown, news: unknown): Promise<UpdateResult> {
        return { outs: await this.#run(this.#typeOf(urn).update(propertiesOf(olds), propertiesOf(news))) };
    }

    async delete(_id: string, urn: string, recorded: unknown): Promise<void> {
        await this.#run(this.#typeOf(urn).delete(propertiesOf(recorded)));
    }

    async read(id: string, urn: string, recorded: unknown): Promise<ReadResult> {
        if (Object.keys(propertiesOf(recorded)).length === 0) {
            throw new Error(`${urn}: the lab's stand-in for the ${this.#package} provider imports nothing`);
        }
        return Promise.resolve({ id, props: this.#typeOf(urn).read(propertiesOf(recorded)) });
    }

    async cancel(): Promise<void> {
        for (const type of Object.values(this.#types)) type.cancel?.();
        return Promise.resolve();
    }

    /** Begins nothing that may go on for long, and waits for what runs. */
    async finish(): Promise<void> {
        await this.cancel();
        await Promise.allSettled(this.#running);
    }

    async #run<T>(work: Promise<T>): Promise<T> {
        this.#running.add(work);
        return await work.finally(() => this.#running.delete(work));
    }

    #typeOf(urn: string): ResourceType {
        const token = urn.split("::")[2]?.split("$").at(-1) ?? "";
        const type = this.#types[token];
        if (type === undefined) {
            throw new Error(
                `${token}: the lab's stand-in for the ${this.#package} provider has only ${Object.keys(this.#types).join(", ")}; put the official plugin on PATH`,
            );
        }
        return type;
    }
}
