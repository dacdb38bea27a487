import { connect } from "node:net";

import { nameOf, type Connection, type Endpoint } from "./connection.ts";
import { parseHostKey } from "./host-key.ts";
import { NamelessFile } from "./nameless-file.ts";
import { privateKeyFile } from "./private-key-file.ts";
import { knownHost, sshConfig, TARGET, type SshPlaces, type SshUse } from "./ssh-config.ts";

/** What ssh needs for one connection. Nothing of it is left behind, however this process ends. */
export class SshFiles {
    readonly #files: NamelessFile[] = [];
    readonly #endpoints: { readonly config: string; readonly log: NamelessFile }[] = [];

    /** Writes the files. What is wrong with a key, or an agent that does not answer, is an error at once. */
    static async write(connection: Connection, use: Omit<SshUse, "proxyCommand">): Promise<SshFiles> {
        const files = new SshFiles();
        try {
            const { proxy, ...target } = connection;
            const proxyCommand = proxy === undefined ? {} : await files.#proxyCommand(proxy, target);
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

    /** What ssh has said about the way to the host: the proxy first. */
    logs(): readonly string[] {
        return this.#endpoints.map(({ log }) => log.read());
    }

    close(): void {
        for (const file of this.#files.splice(0)) file.close();
    }

    async #proxyCommand(proxy: Endpoint, { host, port }: Endpoint): Promise<{ proxyCommand: string }> {
        await this.#add(proxy, {});
        const destination = `${host.includes(":") ? `[${host}]` : host}:${port}`;
        return { proxyCommand: ["ssh", "-W", destination, ...this.#argumentsOf(0)].join(" ") };
    }

    #argumentsOf(index: number): readonly string[] {
        const endpoint = this.#endpoints[index];
        return endpoint === undefined ? [] : ["-F", endpoint.config, "-E", endpoint.log.path, TARGET];
    }

    async #add(endpoint: Endpoint, use: SshUse): Promise<void> {
        const places = await this.#places(endpoint);
        const log = this.#keep(new NamelessFile(""));
        this.#endpoints.push({
            config: this.#keep(new NamelessFile(sshConfig(endpoint, places, use))).path,
            log,
        });
    }

    async #places(endpoint: Endpoint): Promise<SshPlaces> {
        const agent = endpoint.agentSocketPath ?? process.env["SSH_AUTH_SOCK"];
        if (agent !== undefined && agent !== "") await knock(agent, endpoint);
        const key = await privateKeyFile(endpoint);
        const hostKey = endpoint.hostKey === undefined ? undefined : parseHostKey(endpoint.hostKey);
        return {
            ...(key === undefined ? {} : { key: this.#keep(key).path }),
            ...(agent === undefined || agent === "" ? {} : { agent }),
            ...(hostKey === undefined
                ? {}
                : {
                      hostKey: {
                          key: hostKey,
                          file: this.#keep(new NamelessFile(knownHost(endpoint, hostKey))).path,
                      },
                  }),
        };
    }

    #keep(file: NamelessFile): NamelessFile {
        this.#files.push(file);
        return file;
    }
}

/** An agent that is named must answer, as with the official provider, even where a key is given. */
async function knock(socket: string, endpoint: Endpoint): Promise<void> {
    await new Promise<void>((resolve, reject) => {
        const connection = connect(socket, () => {
            connection.end();
            resolve();
        });
        connection.on("error", (cause) => {
            reject(
                new Error(
                    `connection: the SSH agent for ${nameOf(endpoint)} at ${socket} does not answer: ${cause.message}; start it, or unset SSH_AUTH_SOCK`,
                    { cause },
                ),
            );
        });
    });
}
