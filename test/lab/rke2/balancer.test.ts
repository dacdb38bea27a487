import { createServer, connect, type AddressInfo, type Server } from "node:net";

import { afterEach, expect, test } from "vitest";

import { Balancer } from "./balancer.ts";

const open: Server[] = [];
afterEach(() => {
    for (const server of open.splice(0)) server.close();
});

/** A server on an address of loopback that says who it is. */
function api(address: string, port: number): Promise<number> {
    const server = createServer((socket) => socket.end(address));
    open.push(server);
    return new Promise((resolve) => {
        server.listen(port, address, () => {
            resolve(port);
        });
    });
}

function freePort(): Promise<number> {
    const server = createServer();
    return new Promise((resolve, reject) => {
        server.listen(0, "127.0.0.1", () => {
            const address: AddressInfo | string | null = server.address();
            server.close(() => {
                if (address === null || typeof address === "string") reject(new Error("no port"));
                else resolve(address.port);
            });
        });
    });
}

function ask(port: number): Promise<string> {
    return new Promise((resolve) => {
        let text = "";
        const socket = connect(port, "127.0.0.1");
        socket.on("data", (part) => (text += part.toString()));
        socket.on("error", () => undefined);
        socket.on("close", () => {
            resolve(text);
        });
    });
}

test("an agent reaches whichever server answers, and the one that answered last first", async () => {
    const [local, upstream] = [await freePort(), await freePort()];
    const balancer = new Balancer(["127.0.0.2", "127.0.0.3"], upstream);
    open.push(await balancer.listen(local));
    expect(await ask(local)).toBe("");
    await api("127.0.0.3", upstream);
    expect(await ask(local)).toBe("127.0.0.3");
    expect(balancer.servers).toEqual(["127.0.0.3", "127.0.0.2"]);
});

test("servers come and go", async () => {
    const [local, upstream] = [await freePort(), await freePort()];
    await api("127.0.0.3", upstream);
    const balancer = new Balancer(["127.0.0.2"], upstream);
    open.push(await balancer.listen(local));
    balancer.update(["127.0.0.3"]);
    expect(await ask(local)).toBe("127.0.0.3");
    balancer.update([]);
    expect(balancer.servers).toEqual(["127.0.0.3"]);
});
