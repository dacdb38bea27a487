import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";

import { z } from "zod";

import { reason, say } from "../log.ts";
import { readKubeconfig, type Credentials } from "./kubeconfig.ts";

/** What the API server answered instead of what it was asked for. */
export class ApiError extends Error {
    readonly status: number;

    constructor(message: string, status: number) {
        super(message);
        this.name = "ApiError";
        this.status = status;
    }
}

/** The API server could not be asked, or has broken off. */
export class NoAnswer extends Error {}

/** How a patch is to be merged. */
export type PatchKind = "merge" | "strategic-merge";

/** What is asked of the API server. */
interface Call {
    readonly method: string;
    readonly path: string;
    readonly contentType?: string;
    readonly body?: unknown;
}

const STATUS = z.object({ message: z.string() });
const ANSWER_WITHIN_MS = 15_000;

/** A client of one API server, for JSON objects of any kind. */
export class ApiClient {
    readonly #credentials: () => Promise<Credentials>;
    readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 4 });

    /** Whether it did not answer when it was last asked. */
    #isLost = false;

    private constructor(credentials: () => Promise<Credentials>) {
        this.#credentials = credentials;
    }

    /** The client whose credentials are in a file. The file is read again for each call: certificates are renewed. */
    static fromKubeconfig(file: string): ApiClient {
        return new ApiClient(() => readKubeconfig(file));
    }

    /** A client of the same server, as somebody else. */
    withToken(token: () => Promise<string>): ApiClient {
        return new ApiClient(async () => {
            const { server, ca } = await this.#credentials();
            return { server, ca, token: await token() };
        });
    }

    async get(path: string): Promise<unknown> {
        return this.#json({ method: "GET", path });
    }

    /** The object at the path, or `undefined` where there is none. */
    async find(path: string): Promise<unknown> {
        try {
            return await this.get(path);
        } catch (error) {
            if (error instanceof ApiError && error.status === 404) return undefined;
            throw error;
        }
    }

    async post(path: string, body: unknown): Promise<unknown> {
        return this.#json({ method: "POST", path, contentType: "application/json", body });
    }

    async patch(path: string, kind: PatchKind, body: unknown): Promise<unknown> {
        return this.#json({ method: "PATCH", path, contentType: `application/${kind}-patch+json`, body });
    }

    async delete(path: string, body: unknown): Promise<unknown> {
        return this.#json({ method: "DELETE", path, contentType: "application/json", body });
    }

    /** Reads an answer line by line until the server ends it or the signal aborts. */
    async lines(path: string, signal: AbortSignal, line: (text: string) => void): Promise<void> {
        const response = await this.#send({ method: "GET", path }, signal);
        let rest = "";
        response.setEncoding("utf8");
        try {
            for await (const part of response) {
                const complete = (rest + String(part)).split("\n");
                rest = complete.pop() ?? "";
                for (const text of complete) line(text);
            }
        } catch (error) {
            if (!signal.aborted) throw this.#lost(new NoAnswer(`GET ${path}: broken off: ${reason(error)}`));
        }
    }

    /** Says it once, for all that is asked at the same time. */
    #lost(error: NoAnswer): NoAnswer {
        if (!this.#isLost) say(`the API server does not answer: ${error.message}`);
        this.#isLost = true;
        return error;
    }

    async #json(call: Call): Promise<unknown> {
        const answer = await this.#send(call, AbortSignal.timeout(ANSWER_WITHIN_MS));
        const body = await text(answer).catch((error: unknown) => {
            throw this.#lost(new NoAnswer(`${call.method} ${call.path}: broken off: ${reason(error)}`));
        });
        const value: unknown = JSON.parse(body);
        return value;
    }

    /** Sends a call and returns the beginning of its answer, or throws what the server refuses it for. */
    async #send({ method, path, contentType, body }: Call, signal: AbortSignal): Promise<IncomingMessage> {
        const { server, ca, certificate, key, token } = await this.#credentials();
        const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
        const response = await new Promise<IncomingMessage>((resolve, reject) => {
            const call = request(new URL(path, server), {
                method,
                agent: this.#agent,
                ca,
                cert: certificate,
                key,
                signal,
                headers: {
                    accept: "application/json",
                    // Node itself would leave it out for a DELETE.
                    ...(payload === undefined ? {} : { "content-length": payload.length }),
                    ...(contentType === undefined ? {} : { "content-type": contentType }),
                    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
                },
            });
            call.on("response", resolve).on("error", (error) => {
                const lost = new NoAnswer(
                    `${method} ${path}: ${isLate(signal) ? "no answer in time" : error.message}`,
                );
                // What is broken off from here says nothing of the server.
                reject(signal.aborted && !isLate(signal) ? lost : this.#lost(lost));
            });
            call.end(payload);
        });
        if (this.#isLost) say("the API server answers again");
        this.#isLost = false;
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 300) return response;
        throw new ApiError(
            `${method} ${path}: ${statusCode} ${explanation(await text(response))}`,
            statusCode,
        );
    }
}

function isLate({ reason: why }: AbortSignal): boolean {
    return why instanceof DOMException && why.name === "TimeoutError";
}

async function text(response: IncomingMessage): Promise<string> {
    let all = "";
    response.setEncoding("utf8");
    for await (const part of response) all += String(part);
    return all;
}

function explanation(body: string): string {
    try {
        return STATUS.parse(JSON.parse(body)).message;
    } catch {
        // Not from the API server itself: a proxy, or a handler that speaks plain text.
        return body.slice(0, 300);
    }
}
