import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";

import { z } from "zod";

import { sign } from "./certificate.ts";
import type { ClusterKeys } from "./cluster-keys.ts";
import { Fatal, messageOf } from "./fatal.ts";
import type { EtcdApi } from "./etcd-api.ts";
import type { JoinSecrets } from "./join-secrets.ts";
import type { KubeApi } from "./kube-api.ts";
import type { LeafFiles } from "./leaf-files.ts";
import { log } from "./log.ts";
import { NODE_PASSWORD_REJECTED, ownsNodeName } from "./node-password.ts";
import { criticalConfig, NODE_HEADERS, ROUTES, SUPERVISOR_PORT, TokenRotation } from "./protocol.ts";
import type { AgentConfig, Bootstrap, KubeletCertificate } from "./protocol.ts";
import { kubernetesServiceAddress } from "./service-address.ts";
import type { ServerSettings } from "./settings.ts";
import { newSecret } from "./token.ts";

/** What the supervisor serves from. */
export interface SupervisorArgs {
    readonly version: string;
    readonly settings: ServerSettings;
    readonly keys: ClusterKeys;
    readonly serving: LeafFiles;
    readonly secrets: JoinSecrets;
    readonly etcd: EtcdApi;
    readonly api: KubeApi;
}

interface Reply {
    readonly status: number;
    readonly body: string;
}

const EndpointSlice = z.object({
    endpoints: z.array(z.object({ addresses: z.array(z.string()) })).nullish(),
});

/** Where nodes register: RKE2's own server beside the API server. */
export async function startSupervisor(args: SupervisorArgs): Promise<void> {
    const { serving } = args;
    const server = createServer(
        { cert: readFileSync(serving.certificateFile), key: readFileSync(serving.keyFile) },
        (request, response) => {
            void handle(args, request, response);
        },
    );
    await new Promise<void>((resolve, reject) => {
        server.once("error", (error) => {
            reject(new Fatal(`failed to listen on port ${SUPERVISOR_PORT}: ${error.message}`));
        });
        server.listen(SUPERVISOR_PORT, args.settings.bindAddress ?? "0.0.0.0", resolve);
    });
    log.info(`Handling of supervisor requests on :${SUPERVISOR_PORT} has started`);
}

async function handle(
    args: SupervisorArgs,
    request: IncomingMessage,
    response: ServerResponse,
): Promise<void> {
    let reply: Reply;
    try {
        reply = await answer(args, request);
    } catch (error) {
        reply = { status: 503, body: `server is not ready: ${messageOf(error)}` };
    }
    response.writeHead(reply.status, { "content-type": "text/plain" }).end(reply.body);
}

async function answer(args: SupervisorArgs, request: IncomingMessage): Promise<Reply> {
    const { keys, settings, api } = args;
    switch (request.url ?? "") {
        case ROUTES.ping:
            return ok("pong");
        case ROUTES.ca:
            return ok(keys.server.certificate);
        case ROUTES.bootstrap: {
            if (!provesServer(args, request)) return UNAUTHORIZED;
            const bootstrap: Bootstrap = {
                sealed: args.secrets.sealed,
                critical: criticalConfig(settings),
                etcdAddress: settings.advertiseAddress,
            };
            return ok(JSON.stringify(bootstrap));
        }
        case ROUTES.config: {
            if (!provesNode(args, request)) return UNAUTHORIZED;
            const config: AgentConfig = {
                version: args.version,
                kubernetesServiceAddress: kubernetesServiceAddress(settings.serviceCidr),
                disableKubeProxy: settings.disableKubeProxy,
            };
            return ok(JSON.stringify(config));
        }
        case ROUTES.apiServers:
            return provesNode(args, request) ? ok(JSON.stringify(await apiServers(api))) : UNAUTHORIZED;
        case ROUTES.kubeletCertificate:
            return provesNode(args, request) ? await kubeletCertificate(args, request) : UNAUTHORIZED;
        case ROUTES.token:
            return provesServer(args, request) ? await rotateToken(args, request) : UNAUTHORIZED;
        default:
            return { status: 404, body: "404 page not found" };
    }
}

async function rotateToken({ secrets, etcd }: SupervisorArgs, request: IncomingMessage): Promise<Reply> {
    if (request.method !== "PUT") return { status: 405, body: "method not allowed" };
    const { newToken = newSecret() } = TokenRotation.parse(JSON.parse(await bodyOf(request)));
    await secrets.rotate(etcd, newToken === "" ? newSecret() : newToken);
    log.info("The token has been rotated");
    return ok("");
}

async function kubeletCertificate({ keys, api }: SupervisorArgs, request: IncomingMessage): Promise<Reply> {
    const name = header(request, NODE_HEADERS.name);
    const password = header(request, NODE_HEADERS.password);
    if (name === "" || password === "") return { status: 400, body: "node name and password are required" };
    if (!(await ownsNodeName(api, name, password))) {
        log.error(`unable to verify password for node ${name}: hash does not match`);
        return { status: 403, body: NODE_PASSWORD_REJECTED };
    }
    const reply: KubeletCertificate = {
        certificate: await kubeletClientCertificate(keys, name, await bodyOf(request)),
        clientCa: keys.client.certificate,
    };
    return ok(JSON.stringify(reply));
}

/** What makes a key the kubelet's of a node. */
export async function kubeletClientCertificate(
    keys: ClusterKeys,
    nodeName: string,
    publicKey: string,
): Promise<string> {
    return sign(keys.client, publicKey, {
        commonName: `system:node:${nodeName}`,
        organization: "system:nodes",
    });
}

/** The addresses of all API servers, as they report them themselves. */
async function apiServers(api: KubeApi): Promise<string[]> {
    const slice = await api.get(
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes",
        EndpointSlice,
    );
    return (slice?.endpoints ?? []).flatMap(({ addresses }) => addresses);
}

function provesServer({ secrets }: SupervisorArgs, request: IncomingMessage): boolean {
    return secretsOf(request).some((secret) => secrets.isServers(secret));
}

function provesNode({ secrets }: SupervisorArgs, request: IncomingMessage): boolean {
    return secretsOf(request).some((secret) => secrets.isNodes(secret));
}

function secretsOf(request: IncomingMessage): string[] {
    const [, encoded] = /^Basic (.+)$/.exec(request.headers.authorization ?? "") ?? [];
    if (encoded === undefined) return [];
    const text = Buffer.from(encoded, "base64").toString("utf8");
    return [text.slice(text.indexOf(":") + 1)];
}

function header(request: IncomingMessage, name: string): string {
    const value = request.headers[name];
    return typeof value === "string" ? value : "";
}

async function bodyOf(request: IncomingMessage): Promise<string> {
    let text = "";
    for await (const part of request) {
        text += String(part);
        if (text.length > 10_000) throw new Error("the request is too long");
    }
    return text;
}

const UNAUTHORIZED: Reply = { status: 401, body: "Unauthorized" };

function ok(body: string): Reply {
    return { status: 200, body };
}
