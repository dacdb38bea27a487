import { once } from "node:events";
import type { AddressInfo } from "node:net";
import * as tls from "node:tls";

/** What one side of a connection shows, and whom it trusts. */
export interface Side {
    readonly cert: string;
    readonly key: string;
    readonly ca: string;
}

/** Like Go, and unlike OpenSSL by itself, takes a CA as it is given, whether or not another one stands above it. */
const LIKE_GO = { allowPartialTrustChain: true } as const;

/** A server that admits only clients that it trusts, and tells the others why. */
export class MutualServer {
    readonly #server: tls.Server;

    private constructor(server: tls.Server) {
        this.#server = server;
    }

    static async start({ cert, key, ca }: Side): Promise<MutualServer> {
        // Node verifies what a client shows in the handshake, and leaves it to the program what follows from that.
        const context = tls.createSecureContext({ ...LIKE_GO, cert, key, ca });
        const server = tls.createServer({
            requestCert: true,
            rejectUnauthorized: false,
            // A server of its own takes no chain that is like Go's.
            SNICallback: (_, done) => {
                done(null, context);
            },
        });
        server.on("secureConnection", (socket) => {
            // A client that is gone is its own business.
            socket.on("error", () => undefined);
            socket.end(socket.authorized ? "admitted" : `refused: ${String(socket.authorizationError)}`);
        });
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        return new MutualServer(server);
    }

    /**
     * `admitted`; or why the server refuses the client, as `refused: CODE`; or why the client takes the server for somebody
     * else than who answers at `name`, as `CODE`.
     */
    async ask({ cert, key, ca }: Side, name: string): Promise<string> {
        const socket = tls.connect({
            ...LIKE_GO,
            host: "127.0.0.1",
            servername: "mesh-api",
            port: portOf(this.#server.address()),
            cert,
            key,
            ca,
            checkServerIdentity: (_, shown) => tls.checkServerIdentity(name, shown),
        });
        return new Promise((resolve) => {
            let answer = "";
            socket.on("data", (data: Buffer) => (answer += data.toString()));
            socket.on(
                "error",
                (error: Error) => (answer = "code" in error ? String(error.code) : error.message),
            );
            socket.on("close", () => {
                resolve(answer);
            });
        });
    }

    async stop(): Promise<void> {
        this.#server.close();
        await once(this.#server, "close");
    }
}

function portOf(address: string | AddressInfo | null): number {
    if (address === null || typeof address === "string") throw new Error("the server does not listen");
    return address.port;
}
