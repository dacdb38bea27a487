import { hostPort } from "../../model/net/host-port.ts";
import { answers } from "../ssh-agent.ts";
import { NamelessFile } from "./nameless-file.ts";
import { privateKeyFile } from "./private-key-file.ts";
import { knownHost, sshConfig, TARGET, type SshPlaces, type SshUse } from "./ssh-config.ts";
import { nameOf, type SshEndpoint, type SshTarget } from "./target.ts";

/** What ssh needs for one connection. Nothing of it is left behind, however this process ends. */
export class SshFiles {
    readonly #files: NamelessFile[] = [];
    readonly #endpoints: { readonly config: string; readonly log: NamelessFile }[] = [];

    /** Writes the files. What is wrong with a key, or an agent that does not answer, is an error at once. */
    static async write(
        { jumpHost, ...target }: SshTarget,
        use: Omit<SshUse, "proxyCommand">,
    ): Promise<SshFiles> {
        const files = new SshFiles();
        try {
            const proxyCommand = jumpHost === undefined ? {} : await files.#proxyCommand(jumpHost, target);
            await files.#add(target, { ...use, ...proxyCommand });
            return files;
        } catch (error) {
            files.close();
            throw error;
        }
    }

    /** The arguments of ssh for the connection. */
    get arguments(): readonly string[] {
        return this.#argumentsOf(this.#endpoints.length - 1);
    }

    /** What ssh has said about the connection to the host itself, since the time that so much had been said. */
    log(from: number): string {
        return this.#endpoints.at(-1)?.log.read().slice(from) ?? "";
    }

    /** What ssh has said about the way to the host: the jump host first. */
    logs(): readonly string[] {
        return this.#endpoints.map(({ log }) => log.read());
    }

    close(): void {
        for (const file of this.#files.splice(0)) file.close();
    }

    async #proxyCommand(
        jumpHost: SshEndpoint,
        { host, port }: SshEndpoint,
    ): Promise<{ proxyCommand: string }> {
        await this.#add(jumpHost, {});
        return { proxyCommand: ["ssh", "-W", hostPort(host, port), ...this.#argumentsOf(0)].join(" ") };
    }

    #argumentsOf(index: number): readonly string[] {
        const endpoint = this.#endpoints[index];
        return endpoint === undefined ? [] : ["-F", endpoint.config, "-E", endpoint.log.path, TARGET];
    }

    async #add(endpoint: SshEndpoint, use: SshUse): Promise<void> {
        const places = await this.#places(endpoint);
        const log = this.#keep(new NamelessFile(""));
        const config = this.#keep(new NamelessFile(sshConfig(endpoint, places, use))).path;
        this.#endpoints.push({ config, log });
    }

    async #places(endpoint: SshEndpoint): Promise<SshPlaces> {
        const key = await privateKeyFile(endpoint);
        if (key !== undefined) this.#keep(key);
        const { host, hostKey, agentSocket: agent } = endpoint;
        if (key === undefined && agent !== undefined) await knock(agent, endpoint);
        return {
            ...(key === undefined ? {} : { key: key.path }),
            ...(agent === undefined ? {} : { agent }),
            ...(hostKey === undefined
                ? {}
                : { knownHosts: this.#keep(new NamelessFile(knownHost(host, hostKey))).path }),
        };
    }

    #keep(file: NamelessFile): NamelessFile {
        this.#files.push(file);
        return file;
    }
}

/** ssh itself would go on without an agent that is gone, and only say that the login was refused. */
export async function knock(socket: string, endpoint: SshEndpoint): Promise<void> {
    if (await answers(socket)) return;
    throw new Error(
        `the SSH agent for ${nameOf(endpoint)} at ${socket} does not answer: start it, or correct SSH_AUTH_SOCK`,
    );
}
