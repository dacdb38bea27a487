import type { z } from "zod";

import { Fatal, messageOf } from "./fatal.ts";
import { HttpsClient, type Question } from "./https-client.ts";
import { log } from "./log.ts";
import { AgentConfig, ApiServers, Bootstrap, KubeletCertificate, NODE_HEADERS, ROUTES } from "./protocol.ts";
import { checkCa, type Token } from "./token.ts";

/** A supervisor whose CA has been checked against the token. */
export class SupervisorClient {
    /** The cluster's CA. */
    readonly ca: string;
    readonly #url: string;
    readonly #token: Token;
    readonly #client: HttpsClient;

    private constructor(url: string, ca: string, token: Token) {
        this.ca = ca;
        this.#url = url;
        this.#token = token;
        this.#client = new HttpsClient({ ca });
    }

    /** Asks for the CA first, as everything else depends on it. */
    static async connect(url: string, token: Token): Promise<SupervisorClient> {
        const anyone = new HttpsClient({});
        try {
            const { status, body } = await anyone.ask(url + ROUTES.ca);
            if (status !== 200) throw new Error(`${url}${ROUTES.ca}: ${status}`);
            checkCa(token, body);
            if (token.caHash === undefined) {
                log.warning(
                    "Cluster CA certificate is not trusted by the host CA bundle, but the token does not include a CA hash. Use the full token from the server's node-token file to enable Cluster CA validation.",
                );
            }
            return new SupervisorClient(url, body, token);
        } catch (error) {
            if (error instanceof Fatal) throw error;
            throw new Fatal(`failed to get CA certs: ${messageOf(error)}`);
        } finally {
            anyone.close();
        }
    }

    async bootstrap(): Promise<Bootstrap> {
        return this.#ask(ROUTES.bootstrap, Bootstrap);
    }

    async config(): Promise<AgentConfig> {
        return this.#ask(ROUTES.config, AgentConfig);
    }

    async apiServers(): Promise<string[]> {
        return this.#ask(ROUTES.apiServers, ApiServers);
    }

    /** A certificate for the kubelet's key, which stays here. */
    async kubeletCertificate(
        nodeName: string,
        password: string,
        publicKey: string,
    ): Promise<KubeletCertificate> {
        return this.#ask(ROUTES.kubeletCertificate, KubeletCertificate, {
            headers: { [NODE_HEADERS.name]: nodeName, [NODE_HEADERS.password]: password },
            body: publicKey,
        });
    }

    /** Has the server take another token. */
    async rotateToken(newToken: string | undefined): Promise<void> {
        await this.#tell(ROUTES.token, { method: "PUT", body: JSON.stringify({ newToken }) });
    }

    close(): void {
        this.#client.close();
    }

    async #ask<T>(
        route: string,
        schema: z.ZodType<T>,
        more: Pick<Question, "headers" | "body"> = {},
    ): Promise<T> {
        return schema.parse(JSON.parse(await this.#tell(route, more)));
    }

    async #tell(route: string, more: Question): Promise<string> {
        const { user, secret } = this.#token;
        const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
        const { status, body } = await this.#client.ask(this.#url + route, {
            method: more.body === undefined ? "GET" : "POST",
            ...more,
            headers: { ...more.headers, authorization },
        });
        if (status === 200) return body;
        if (status === 401) {
            throw new Fatal(
                `failed to validate token: ${this.#url}${route}: 401 Unauthorized (not authorized)`,
            );
        }
        if (status === 403) throw new Fatal(body);
        throw new Error(`${this.#url}${route}: ${status}: ${body}`);
    }
}
