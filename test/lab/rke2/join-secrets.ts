import { replaceBootstrapData } from "./bootstrap-data.ts";
import { serializeKeys, type ClusterKeys } from "./cluster-keys.ts";
import type { EtcdApi } from "./etcd-api.ts";
import { writePrivate } from "./files.ts";
import { PATHS } from "./paths.ts";
import { seal } from "./sealed.ts";
import { fullToken, parseToken, sameSecret } from "./token.ts";

/** With what servers and agents join here, until it is changed. */
export class JoinSecrets {
    readonly #keys: ClusterKeys;
    #server: string;
    #agent: string;
    #sealed: string;

    constructor(keys: ClusterKeys, server: string, agent: string) {
        this.#keys = keys;
        this.#server = server;
        this.#agent = agent;
        // Once: the same text for everyone, and sealing is meant to be slow.
        this.#sealed = seal(serializeKeys(keys), server);
        this.#write();
    }

    /** The cluster's keys for a server that knows the token. */
    get sealed(): string {
        return this.#sealed;
    }

    isServers(secret: string): boolean {
        return sameSecret(secret, this.#server);
    }

    isNodes(secret: string): boolean {
        return this.isServers(secret) || sameSecret(secret, this.#agent);
    }

    /** Takes another token. The other servers go on with the old one, until they are started again with the new one. */
    async rotate(etcd: EtcdApi, token: string): Promise<void> {
        const { secret } = parseToken(token, "server");
        await replaceBootstrapData(etcd, this.#keys, secret);
        // Agents have a token of their own, or the servers'.
        if (this.#agent === this.#server) this.#agent = secret;
        this.#server = secret;
        this.#sealed = seal(serializeKeys(this.#keys), secret);
        this.#write();
    }

    #write(): void {
        const { certificate } = this.#keys.server;
        writePrivate(PATHS.token, `${fullToken("server", this.#server, certificate)}\n`);
        writePrivate(PATHS.agentTokenFile, `${fullToken("node", this.#agent, certificate)}\n`);
    }
}
