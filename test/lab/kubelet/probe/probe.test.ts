import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { PROBE } from "../pod/pod-object.ts";
import { attempt, portNumber } from "./attempt.ts";
import { Tally } from "./tally.ts";

test("a probe changes its mind only after enough answers alike", () => {
    const tally = new Tally({ successThreshold: 1, failureThreshold: 3 });
    expect(tally.verdict).toBe("unknown");
    const answers = [true, false, false, true, false, false, false, true];
    expect(answers.map((answer) => tally.add(answer))).toEqual([
        ...["success", "success", "success", "success"],
        ...["success", "success", "failure", "success"],
    ]);
});

test("a port is known by its number or by its name", () => {
    const ports = [{ name: "health", containerPort: 9880 }];
    expect([portNumber(80, ports), portNumber("health", ports), portNumber("81", ports)]).toEqual([
        80, 9880, 81,
    ]);
    expect(() => portNumber("other", ports)).toThrow('the container has no port "other"');
});

describe("asking", () => {
    const server = createServer((request, response) => {
        response.writeHead(request.url === "/readyz" ? 200 : 500).end();
    });
    const target = { podIp: "127.0.0.1", ports: [], pid: 1 };
    let port = 0;
    beforeAll(async () => {
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const address: AddressInfo | string | null = server.address();
        port = typeof address === "object" && address !== null ? address.port : 0;
    });
    afterAll(() => {
        server.close();
    });

    test("a server that is well", async () => {
        await attempt(PROBE.parse({ httpGet: { path: "/readyz", port } }), target);
        await attempt(PROBE.parse({ tcpSocket: { port } }), target);
        await attempt(PROBE.parse({ grpc: { port } }), target);
    });

    test("one that is not, and nobody", async () => {
        const unwell = attempt(PROBE.parse({ httpGet: { path: "/", port } }), target);
        await expect(unwell).rejects.toThrow("HTTP probe failed with statuscode: 500");
        await expect(attempt(PROBE.parse({ tcpSocket: { port: 1 } }), target)).rejects.toThrow(
            "ECONNREFUSED",
        );
    });
});
