import { z } from "zod";

import { HttpsClient, type Identity } from "./https-client.ts";

const Member = z.object({
    ID: z.string(),
    /** Empty until the member has started. */
    name: z.string().default(""),
    peerURLs: z.array(z.string()).default([]),
    clientURLs: z.array(z.string()).default([]),
    isLearner: z.boolean().default(false),
});

/** A member of etcd's cluster. */
export type Member = z.infer<typeof Member>;

const MemberList = z.object({ members: z.array(Member).default([]) });
const Status = z.object({ isLearner: z.boolean().default(false), leader: z.string().default("0") });
const Range = z.object({
    kvs: z.array(z.object({ key: z.string(), value: z.string().default("") })).default([]),
});
const Failure = z.object({ error: z.string().optional(), message: z.string().optional() });

/** etcd's own API, through its JSON gateway: starting etcdctl for each question would cost more than the question. */
export class EtcdApi {
    readonly #client: HttpsClient;
    readonly #url: string;

    constructor(url: string, identity: Identity) {
        this.#url = url;
        this.#client = new HttpsClient(identity);
    }

    /** Whether this member has a leader, and whether it only learns. */
    async status(): Promise<z.infer<typeof Status>> {
        return Status.parse(await this.#ask("maintenance/status", {}));
    }

    async members(): Promise<Member[]> {
        return MemberList.parse(await this.#ask("cluster/member/list", {})).members;
    }

    /** A member that only learns, until it is promoted; all members then. */
    async addLearner(peerUrl: string): Promise<Member[]> {
        return MemberList.parse(
            await this.#ask("cluster/member/add", { peerURLs: [peerUrl], isLearner: true }),
        ).members;
    }

    async promote(id: string): Promise<void> {
        await this.#ask("cluster/member/promote", { ID: id });
    }

    async remove(id: string): Promise<void> {
        await this.#ask("cluster/member/remove", { ID: id });
    }

    /** All keys that begin so, with their values. */
    async range(prefix: string): Promise<Map<string, string>> {
        const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
        const { kvs } = Range.parse(
            await this.#ask("kv/range", { key: base64(prefix), range_end: base64(end) }),
        );
        return new Map(kvs.map(({ key, value }) => [text(key), text(value)]));
    }

    async put(key: string, value: string): Promise<void> {
        await this.#ask("kv/put", { key: base64(key), value: base64(value) });
    }

    async delete(key: string): Promise<void> {
        await this.#ask("kv/deleterange", { key: base64(key) });
    }

    close(): void {
        this.#client.close();
    }

    async #ask(method: string, question: unknown): Promise<unknown> {
        const { status, body } = await this.#client.ask(`${this.#url}/v3/${method}`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(question),
        });
        if (status === 200) return JSON.parse(body);
        let reason = `etcd answers ${status}`;
        try {
            const failure = Failure.parse(JSON.parse(body));
            reason = failure.message ?? failure.error ?? reason;
        } catch {
            // No JSON: the status is all there is to say.
        }
        throw new Error(reason);
    }
}

function base64(value: string): string {
    return Buffer.from(value).toString("base64");
}

function text(value: string): string {
    return Buffer.from(value, "base64").toString("utf8");
}
