import { Agent, request as httpsRequest } from "node:https";

/** Whom to trust and who we are. */
export interface Identity {
    /** The CA of the other side. @default - not verified, as for the very first question */
    readonly ca?: string;
    readonly certificate?: string;
    readonly key?: string;
}

/** One question. */
export interface Question {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** @default 10 */
    readonly seconds?: number;
}

/** One answer, whatever its status. */
export interface Answer {
    readonly status: number;
    readonly body: string;
}

/** Asks over HTTPS, on connections that are kept for the next question. */
export class HttpsClient {
    readonly #agent: Agent;

    constructor({ ca, certificate, key }: Identity) {
        this.#agent = new Agent({
            keepAlive: true,
            maxSockets: 4,
            ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
            ...(certificate === undefined ? {} : { cert: certificate }),
            ...(key === undefined ? {} : { key }),
        });
    }

    async ask(
        url: string,
        { method = "GET", headers = {}, body, seconds = 10 }: Question = {},
    ): Promise<Answer> {
        return new Promise((resolve, reject) => {
            const failed = (error: Error) => {
                reject(new Error(`${method === "GET" ? "Get" : method} "${url}": ${error.message}`));
            };
            const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
            const asked = httpsRequest(
                url,
                { method, headers: { ...headers, ...length }, agent: this.#agent, timeout: seconds * 1000 },
                (response) => {
                    let text = "";
                    response.setEncoding("utf8");
                    response.on("data", (part: string) => (text += part));
                    response.on("error", failed);
                    response.on("end", () => {
                        resolve({ status: response.statusCode ?? 0, body: text });
                    });
                },
            );
            asked.on("timeout", () => asked.destroy(new Error(`no answer within ${seconds} s`)));
            asked.on("error", failed);
            asked.end(body);
        });
    }

    close(): void {
        this.#agent.destroy();
    }
}
