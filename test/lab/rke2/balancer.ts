import { connect, createServer, type Server, type Socket } from "node:net";

import { Fatal } from "./fatal.ts";
import { log } from "./log.ts";

/** A server is given up for another one after this many milliseconds. */
const CONNECT_MAX = 3000;

/** An agent's way to the API: a local port that leads to whichever API server answers. */
export class Balancer {
    #servers: readonly string[];
    /** What is open, by server: a server that has gone takes its connections with it. */
    readonly #open = new Map<Socket, string>();

    readonly #port: number;

    /** `port` is that of the API on all servers. */
    constructor(servers: readonly string[], port: number) {
        this.#servers = servers;
        this.#port = port;
    }

    /** Listens on every address of this host, as pods come from outside of it. */
    async listen(port: number): Promise<Server> {
        const server = createServer((client) => {
            this.#lead(client, this.#servers);
        });
        await new Promise<void>((resolve, reject) => {
            server.once("error", (error) => {
                reject(new Fatal(`failed to start the load balancer on port ${port}: ${error.message}`));
            });
            server.listen(port, "0.0.0.0", resolve);
        });
        log.info(
            `Running load balancer rke2-api-server-agent-load-balancer 0.0.0.0:${port} -> [${this.#servers.join(" ")}]`,
        );
        return server;
    }

    /** The servers from now on, of which those that answered last stay first. */
    update(servers: readonly string[]): void {
        if (servers.length === 0 || sameItems(servers, this.#servers)) return;
        const kept = this.#servers.filter((server) => servers.includes(server));
        this.#servers = [...kept, ...servers.filter((server) => !kept.includes(server))];
        log.info(
            `Updated load balancer rke2-api-server-agent-load-balancer server addresses -> [${this.#servers.join(" ")}]`,
        );
        for (const [socket, server] of this.#open) if (!servers.includes(server)) socket.destroy();
    }

    get servers(): readonly string[] {
        return this.#servers;
    }

    #lead(client: Socket, candidates: readonly string[]): void {
        const [server, ...others] = candidates;
        // Nobody is left: the client hears of it at once, and asks again.
        if (server === undefined || client.destroyed) {
            client.destroy();
            return;
        }
        client.pause();
        const upstream = connect({ host: server, port: this.#port });
        const next = () => {
            upstream.destroy();
            this.#putLast(server);
            this.#lead(client, others);
        };
        upstream.setTimeout(CONNECT_MAX, next);
        upstream.once("error", next);
        upstream.once("connect", () => {
            upstream.setTimeout(0);
            upstream.off("error", next);
            this.#join(client, upstream, server);
        });
    }

    #join(client: Socket, upstream: Socket, server: string): void {
        this.#open.set(upstream, server);
        // What one side loses the other one loses, too; why does not matter.
        const end = () => {
            this.#open.delete(upstream);
            client.destroy();
            upstream.destroy();
        };
        for (const socket of [client, upstream]) {
            socket.setKeepAlive(true, 10_000);
            socket.on("error", end);
            socket.on("close", end);
        }
        client.pipe(upstream);
        upstream.pipe(client);
    }

    #putLast(server: string): void {
        if (this.#servers[0] !== server) return;
        this.#servers = [...this.#servers.slice(1), server];
    }
}

function sameItems(one: readonly string[], other: readonly string[]): boolean {
    return one.length === other.length && one.every((item) => other.includes(item));
}
