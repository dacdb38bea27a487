import { readFileSync } from "node:fs";

import { clusterPath } from "../model/paths.ts";
import type { Problem } from "../model/problem.ts";
import type { Mesh, SecretRef, SshAuth, SshTarget } from "../model/resolved.ts";
import { neededKeyFiles, neededSecrets, type NeededSecret } from "../model/secrets.ts";
import { parseHostKey } from "../model/support/host-key.ts";
import { keyFilePath, keyFileProblems, secretValueProblems } from "../stacks/secret-problems.ts";
import { answers } from "./ssh-agent.ts";
import type { SshEndpoint } from "./ssh/target.ts";
import { ConfigError, stackConfig, type ConfigValue } from "./stack-secrets-config.ts";

/** The secrets that a mesh names, as far as they were read: from the stack's configuration, and from key files. */
export class StackStore {
    readonly #env: NodeJS.ProcessEnv;
    readonly #config = new Map<string, string>();
    readonly #keyFiles = new Map<string, string>();

    constructor(env: NodeJS.ProcessEnv) {
        this.#env = env;
    }

    /** Reads what a mesh names, and says what cannot be used. */
    async read(stack: string, mesh: Mesh): Promise<Problem[]> {
        return [
            ...(await this.#readConfig(stack, neededSecrets(mesh))),
            ...neededKeyFiles(mesh).flatMap(({ file, path }) => this.#readKeyFile(file, path)),
            ...(await this.#agentProblems(mesh)),
        ];
    }

    get({ fromConfig: key }: SecretRef): string {
        return found(this.#config, key);
    }

    endpoint({ host, port, user, auth, hostKey: line }: SshTarget): SshEndpoint {
        const hostKey = line === undefined ? undefined : parseHostKey(line);
        return { host, port, user, ...this.#login(auth), ...(hostKey === undefined ? {} : { hostKey }) };
    }

    #login(auth: SshAuth): Partial<SshEndpoint> {
        if ("agent" in auth) {
            const agentSocket = this.#env["SSH_AUTH_SOCK"];
            return agentSocket === undefined || agentSocket === "" ? {} : { agentSocket };
        }
        return {
            privateKey:
                "privateKey" in auth ? this.get(auth.privateKey) : found(this.#keyFiles, auth.privateKeyFile),
            ...(auth.passphrase === undefined ? {} : { passphrase: this.get(auth.passphrase) }),
        };
    }

    async #readConfig(stack: string, needed: readonly NeededSecret[]): Promise<Problem[]> {
        if (needed.length === 0) return [];
        try {
            const config = await stackConfig(stack, this.#env);
            return needed.flatMap((secret) => this.#take(secret, config.get(secret.key)));
        } catch (error) {
            if (!(error instanceof ConfigError)) throw error;
            const keys = needed.map(({ key }) => key).join(", ");
            return [{ path: "the stack's configuration", value: keys, rule: error.message, fix: error.fix }];
        }
    }

    async #agentProblems({ clusters }: Mesh): Promise<Problem[]> {
        const asking = clusters.filter((cluster) =>
            [...cluster.servers, ...cluster.agents].some(({ ssh: { auth, jumpHost } }) =>
                [auth, jumpHost?.auth].some((way) => way !== undefined && "agent" in way),
            ),
        );
        const socket = this.#env["SSH_AUTH_SOCK"] ?? "";
        if (asking.length === 0 || (socket !== "" && (await answers(socket)))) return [];
        return asking.map((cluster) => ({
            path: `${clusterPath(cluster)}.ssh.auth`,
            value: "agent",
            rule:
                socket === ""
                    ? "needs an SSH agent, and SSH_AUTH_SOCK names none"
                    : `needs an SSH agent, and none answers at SSH_AUTH_SOCK, ${socket}`,
            fix: "start one and give it the key (eval $(ssh-agent) && ssh-add), or describe the key: auth: { privateKeyFile: ... }",
        }));
    }

    #take(needed: NeededSecret, found: ConfigValue | undefined): Problem[] {
        const problems = secretValueProblems(needed, found?.value, found?.secret === true);
        if (found !== undefined && problems.length === 0) this.#config.set(needed.key, found.value);
        return problems;
    }

    #readKeyFile(file: string, path: string): Problem[] {
        const problems = keyFileProblems(file, path);
        if (problems.length === 0) this.#keyFiles.set(file, readFileSync(keyFilePath(file), "utf8"));
        return problems;
    }
}

function found(texts: ReadonlyMap<string, string>, name: string): string {
    const text = texts.get(name);
    if (text === undefined) throw new Error(`${name} was not read: model/secrets.ts does not list it`);
    return text;
}
