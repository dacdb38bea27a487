import { join } from "node:path";

import { z } from "zod";

import { Balancer } from "./balancer.ts";
import type { Children } from "./child.ts";
import { requireCisHost } from "./cis-profile.ts";
import { messageOf } from "./fatal.ts";
import { readIfThere, writePrivate } from "./files.ts";
import { linkKubectl } from "./kubectl-link.ts";
import { kubeletPublicKey, startKubelet, writeKubeletFiles } from "./kubelet.ts";
import type { Tools } from "./lab-host.ts";
import { log } from "./log.ts";
import { ownNodePassword } from "./node-password.ts";
import { notifyReady } from "./notify.ts";
import { PATHS } from "./paths.ts";
import { pause } from "./pause.ts";
import { SUPERVISOR_PORT } from "./protocol.ts";
import { holdServiceAddress } from "./service-address.ts";
import type { NodeSettings } from "./settings.ts";
import { placeKubeProxyManifest } from "./static-pod.ts";
import { SupervisorClient } from "./supervisor-client.ts";
import { readToken, type Token } from "./token.ts";
import { NewerKubelet, refuseNewerKubelet } from "./version.ts";

const API_PORT = 6443;
const RETRY_EVERY = 5000;
const REFRESH_EVERY = 30_000;
const SERVERS_FILE = join(PATHS.agent, "etc/rke2-api-server-agent-load-balancer.json");
const Servers = z.object({ addresses: z.array(z.string()) });

/** Runs an agent until it fails or is stopped. */
export async function runAgent(
    version: string,
    settings: NodeSettings,
    tools: Tools,
    children: Children,
): Promise<never> {
    if (settings.profile === "cis") requireCisHost("agent");
    const token = readToken(settings.token, "node") ?? { user: "node", secret: "" };
    const joined = await joinCluster(version, settings, token);
    linkKubectl(tools);
    const balancer = new Balancer(joined.servers, API_PORT);
    await balancer.listen(settings.apiPort);
    holdServiceAddress(joined.serviceAddress);
    startKubelet(children, settings, joined.serviceAddress, tools.node, version);
    notifyReady();
    log.info("rke2 agent is up and running");
    for (;;) {
        await pause(REFRESH_EVERY);
        await refreshServers(balancer, settings, token);
    }
}

interface Joined {
    readonly servers: readonly string[];
    readonly serviceAddress: string;
}

/** Asks until it is let in: servers may still be starting, and RKE2's agents never give up. */
async function joinCluster(version: string, settings: NodeSettings, token: Token): Promise<Joined> {
    for (;;) {
        for (const url of supervisors(settings, storedServers())) {
            try {
                return await joinAt(url, version, settings, token);
            } catch (error) {
                if (error instanceof NewerKubelet) throw error;
                log.error(`Failed to validate connection to cluster at ${url}: ${messageOf(error)}`);
            }
        }
        await pause(RETRY_EVERY);
    }
}

async function joinAt(url: string, version: string, settings: NodeSettings, token: Token): Promise<Joined> {
    const client = await SupervisorClient.connect(url, token);
    try {
        const config = await client.config();
        refuseNewerKubelet(version, config.version);
        placeKubeProxyManifest(version, config.disableKubeProxy);
        const { certificate, clientCa } = await client.kubeletCertificate(
            settings.nodeName,
            ownNodePassword(),
            kubeletPublicKey(),
        );
        const servers = await client.apiServers();
        storeServers(servers);
        writeKubeletFiles(
            { certificate, clientCa, serverCa: client.ca },
            `https://127.0.0.1:${settings.apiPort}`,
        );
        return { servers, serviceAddress: config.kubernetesServiceAddress };
    } finally {
        client.close();
    }
}

async function refreshServers(balancer: Balancer, settings: NodeSettings, token: Token): Promise<void> {
    for (const url of supervisors(settings, balancer.servers)) {
        try {
            const client = await SupervisorClient.connect(url, token);
            try {
                const servers = await client.apiServers();
                balancer.update(servers);
                if (servers.length > 0) storeServers(servers);
                return;
            } finally {
                client.close();
            }
        } catch (error) {
            log.warning(`Failed to get the list of API servers from ${url}: ${messageOf(error)}`);
        }
    }
}

/** Where to ask: the address of the configuration, then every server that is known. */
function supervisors({ server }: NodeSettings, known: readonly string[]): string[] {
    const urls = known.map((address) =>
        address.includes(":")
            ? `https://[${address}]:${SUPERVISOR_PORT}`
            : `https://${address}:${SUPERVISOR_PORT}`,
    );
    return [...new Set([...(server === undefined ? [] : [server]), ...urls])];
}

function storedServers(): readonly string[] {
    const text = readIfThere(SERVERS_FILE);
    return text === undefined ? [] : Servers.parse(JSON.parse(text)).addresses;
}

function storeServers(addresses: readonly string[]): void {
    writePrivate(SERVERS_FILE, `${JSON.stringify({ addresses })}\n`);
}
