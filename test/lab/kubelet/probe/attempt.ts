import { get, type RequestOptions } from "node:http";
import { get as getSecurely } from "node:https";
import { connect } from "node:net";

import { command } from "../command.ts";
import type { ContainerSpec, ProbeSpec } from "../pod/pod-object.ts";

/** Whom a probe asks. */
export interface ProbeTarget {
    readonly podIp: string;
    readonly ports: ContainerSpec["ports"];
    /** A process of the container. */
    readonly pid: number;
}

/** Asks once, from the host as the kubelet does. It throws what is wrong. A gRPC probe only connects. */
export async function attempt(probe: ProbeSpec, target: ProbeTarget): Promise<void> {
    const timeoutMs = probe.timeoutSeconds * 1000;
    const { httpGet, tcpSocket, grpc, exec } = probe;
    if (httpGet !== undefined) {
        await ask(httpGet, httpGet.host ?? target.podIp, portNumber(httpGet.port, target.ports), timeoutMs);
    } else if (tcpSocket !== undefined) {
        await open(tcpSocket.host ?? target.podIp, portNumber(tcpSocket.port, target.ports), timeoutMs);
    } else if (grpc !== undefined) {
        await open(target.podIp, grpc.port, timeoutMs);
    } else if (exec !== undefined) {
        const inside = ["-t", String(target.pid), "--mount", "--net", "--uts", "--root", "--wd=/", "--"];
        await command("nsenter", [...inside, ...exec.command], { timeoutMs });
    }
}

/** The number of a port that a probe gives by its number or by its name. */
export function portNumber(port: number | string, ports: ContainerSpec["ports"]): number {
    if (typeof port === "number") return port;
    const named = ports.find(({ name }) => name === port);
    if (named !== undefined) return named.containerPort;
    if (/^\d+$/.test(port)) return Number(port);
    throw new Error(`the container has no port "${port}"`);
}

async function ask(
    { path, scheme, httpHeaders }: NonNullable<ProbeSpec["httpGet"]>,
    host: string,
    port: number,
    timeoutMs: number,
): Promise<void> {
    const options: RequestOptions & { rejectUnauthorized: boolean } = {
        host,
        port,
        path,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
            "user-agent": "kube-probe/1.35",
            ...Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value])),
        },
        // Kubernetes does not look at the certificate either.
        rejectUnauthorized: false,
    };
    const status = await new Promise<number>((resolve, reject) => {
        const call = scheme === "HTTPS" ? getSecurely(options) : get(options);
        call.on("error", reject).on("response", (response) => {
            response.resume();
            resolve(response.statusCode ?? 0);
        });
    });
    if (status < 200 || status >= 400) throw new Error(`HTTP probe failed with statuscode: ${status}`);
}

async function open(host: string, port: number, timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
        const socket = connect({ host, port, timeout: timeoutMs });
        socket.on("connect", () => {
            socket.destroy();
            resolve();
        });
        socket.on("timeout", () => socket.destroy(new Error(`no answer from port ${port} in time`)));
        socket.on("error", reject);
    });
}
