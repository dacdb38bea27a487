import { z } from "zod";

import { Watched, type WatchTarget } from "../api/watched.ts";
import type { ApiClient } from "../api/client.ts";

/** Where a pod's files and variables come from. */
export type ConfigKind = "secret" | "configmap";

/** What a Secret or a ConfigMap holds. */
export type ConfigData = ReadonlyMap<string, Buffer>;

const OBJECT = z.object({
    metadata: z.object({ uid: z.string(), name: z.string() }),
    data: z.record(z.string(), z.string()).default({}),
    binaryData: z.record(z.string(), z.string()).default({}),
});
type ConfigObject = z.infer<typeof OBJECT>;

/** The Secrets and ConfigMaps that one pod uses, each followed from its first use until `stop`. */
export class ConfigObjects {
    readonly #client: ApiClient;
    readonly #namespace: string;
    readonly #changed: () => void;
    readonly #followed = new Map<string, Watched<ConfigObject>>();

    /** @param changed is called when one of them may have changed */
    constructor(client: ApiClient, namespace: string, changed: () => void) {
        this.#client = client;
        this.#namespace = namespace;
        this.#changed = changed;
    }

    /** The data of an object, or `undefined` where there is none. */
    async read(kind: ConfigKind, name: string): Promise<ConfigData | undefined> {
        const [object] = await this.#follow(kind, name).objects();
        return object === undefined ? undefined : dataOf(kind, object);
    }

    stop(): void {
        for (const watched of this.#followed.values()) watched.stop();
    }

    #follow(kind: ConfigKind, name: string): Watched<ConfigObject> {
        const key = `${kind}/${name}`;
        const known = this.#followed.get(key);
        if (known !== undefined) return known;
        // A node may read one by one what its pods use, and nothing else.
        const target: WatchTarget<ConfigObject> = {
            path: `/api/v1/namespaces/${this.#namespace}/${kind}s`,
            fieldSelector: `metadata.name=${name}`,
            schema: OBJECT,
        };
        const watched = new Watched(this.#client, target, this.#changed);
        this.#followed.set(key, watched);
        return watched;
    }
}

function dataOf(kind: ConfigKind, { data, binaryData }: ConfigObject): ConfigData {
    const decoded = (map: Readonly<Record<string, string>>, encoding: "base64" | "utf8") =>
        Object.entries(map).map(([key, value]) => [key, Buffer.from(value, encoding)] as const);
    return new Map([
        ...decoded(data, kind === "secret" ? "base64" : "utf8"),
        ...decoded(binaryData, "base64"),
    ]);
}
