import { z } from "zod";

import { HttpsClient, type Answer, type Identity } from "./https-client.ts";

const Status = z.object({ message: z.string() });

/** The Kubernetes API, as much of it as RKE2 itself asks. */
export class KubeApi {
    readonly #client: HttpsClient;
    readonly #url: string;

    constructor(url: string, identity: Identity) {
        this.#url = url;
        this.#client = new HttpsClient(identity);
    }

    /** Whether it answers and is ready. */
    async ready(): Promise<boolean> {
        try {
            return (await this.#client.ask(`${this.#url}/readyz`, { seconds: 5 })).status === 200;
        } catch {
            // Not yet listening, which is all that is asked.
            return false;
        }
    }

    /** An object as this schema sees it, or `undefined` if there is none. */
    async get<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
        const answer = await this.#client.ask(this.#url + path);
        return answer.status === 404 ? undefined : schema.parse(accepted(path, answer));
    }

    /** Creates an object; whether it was not there. */
    async create(collection: string, object: unknown): Promise<boolean> {
        const answer = await this.#send("POST", collection, "application/json", object);
        if (answer.status === 409) return false;
        accepted(collection, answer);
        return true;
    }

    /** Changes an object, as strategic merges do: lists of named items are merged. */
    async patch(path: string, change: unknown): Promise<void> {
        accepted(path, await this.#send("PATCH", path, "application/strategic-merge-patch+json", change));
    }

    /** Deletes an object, if it is there. */
    async delete(path: string): Promise<void> {
        const answer = await this.#client.ask(this.#url + path, { method: "DELETE" });
        if (answer.status !== 404) accepted(path, answer);
    }

    close(): void {
        this.#client.close();
    }

    async #send(method: string, path: string, type: string, object: unknown): Promise<Answer> {
        return this.#client.ask(this.#url + path, {
            method,
            headers: { "content-type": type },
            body: JSON.stringify(object),
        });
    }
}

function accepted(path: string, { status, body }: Answer): unknown {
    if (status >= 200 && status < 300) return JSON.parse(body);
    let reason = "";
    try {
        reason = Status.safeParse(JSON.parse(body)).data?.message ?? "";
    } catch {
        reason = body.slice(0, 200);
    }
    throw new Error(`${path}: the API answers ${status}: ${reason}`);
}
