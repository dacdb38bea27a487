import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";

import { keepBootstrapData } from "./bootstrap-data.ts";
import type { Children } from "./child.ts";
import { requireCisHost } from "./cis-profile.ts";
import {
    newClusterKeys,
    parseKeys,
    storeClusterKeys,
    storedClusterKeys,
    type ClusterKeys,
} from "./cluster-keys.ts";
import {
    controlPlaneFiles,
    LOCAL_API,
    startApiServer,
    startControllers,
    type ControlPlaneFiles,
} from "./control-plane.ts";
import { etcdApiAt, etcdFiles, hasEtcdData, memberName, peerUrl, startEtcd, awaitVoter } from "./etcd.ts";
import type { EtcdApi } from "./etcd-api.ts";
import { joinEtcd, promote } from "./etcd-join.ts";
import { Fatal, messageOf } from "./fatal.ts";
import { readIfThere } from "./files.ts";
import { JoinSecrets } from "./join-secrets.ts";
import { KubeApi } from "./kube-api.ts";
import { writeAdminKubeconfig } from "./kubeconfig.ts";
import { linkKubectl } from "./kubectl-link.ts";
import { kubeletPublicKey, startKubelet, writeKubeletFiles } from "./kubelet.ts";
import type { Tools } from "./lab-host.ts";
import { log } from "./log.ts";
import {
    NODE_PASSWORD_REJECTED,
    ownNodePassword,
    ownsNodeName,
    secretName,
    SECRETS,
} from "./node-password.ts";
import { notifyReady } from "./notify.ts";
import { otherServer } from "./other-server.ts";
import { PATHS } from "./paths.ts";
import { pause, until } from "./pause.ts";
import { criticalConfig, mismatches, SUPERVISOR_PORT } from "./protocol.ts";
import { unseal } from "./sealed.ts";
import { ServerNode } from "./server-node.ts";
import { holdServiceAddress, kubernetesServiceAddress } from "./service-address.ts";
import type { ServerSettings } from "./settings.ts";
import { placeKubeProxyManifest, writeControlPlaneManifests } from "./static-pod.ts";
import { kubeletClientCertificate, startSupervisor } from "./supervisor.ts";
import { SupervisorClient } from "./supervisor-client.ts";
import { newSecret, parseToken, readToken, type Token } from "./token.ts";
import { recordVersion } from "./version-record.ts";

/** Nothing here is asked in a hurry: what changes, changes when a server comes or goes. */
const REFRESH_EVERY = 5_000;

/** Runs a server until it fails or is stopped. */
export async function runServer(
    version: string,
    settings: ServerSettings,
    tools: Tools,
    children: Children,
): Promise<never> {
    if (settings.profile === "cis") requireCisHost("server");
    const joins = !hasEtcdData() && settings.server !== undefined;
    const token = serverToken(settings, joins);
    const keys = joins ? await preparing(keysOfCluster(settings, token)) : await ownKeys();
    const etcd = await runEtcd(settings, keys, token, tools, children, joins);
    await keepBootstrapData(etcd, keys, token.secret);
    await recordVersion(etcd, settings.nodeName, version);
    writeControlPlaneManifests(version);
    placeKubeProxyManifest(version, settings.disableKubeProxy);
    const agentSecret = readToken(settings.agentToken, "node")?.secret ?? token.secret;
    const secrets = new JoinSecrets(keys, token.secret, agentSecret);
    if (!existsSync(PATHS.nodeToken)) symlinkSync(PATHS.token, PATHS.nodeToken);

    const files = await controlPlaneFiles(keys, settings);
    const api = adminApi(keys, files);
    await startSupervisor({
        version,
        settings,
        keys,
        serving: files.serving,
        secrets,
        etcd,
        api,
    });
    startApiServer(children, settings, files, await etcdFiles(keys, settings.advertiseAddress), tools);
    await until(async () => ((await api.ready()) ? true : undefined), {
        every: 1000,
        seconds: 24 * 3600,
        what: "the API server is not ready",
    });
    log.info("Kube API server is now running");
    startControllers(children, settings, files, tools);
    writeAccess(settings, keys, files, tools);

    await endReset(api, settings.nodeName);
    const node = new ServerNode(api, etcd, settings.nodeName, peerUrl(settings.advertiseAddress));
    await runKubelet(version, settings, keys, api, tools, children);
    await until(async () => ((await node.registered()) ? true : undefined), {
        every: 1000,
        seconds: 24 * 3600,
        what: "the kubelet has not registered the node",
    });
    await refresh(node);
    notifyReady();
    log.info("rke2 is up and running");
    for (;;) {
        await pause(REFRESH_EVERY);
        await refresh(node);
    }
}

/** The token from the configuration, or the one that this server was begun with. */
function serverToken(settings: ServerSettings, joins: boolean): Token {
    const token = readToken(settings.token, "server");
    if (token !== undefined) {
        if (token.caHash !== undefined && !joins && storedClusterKeys() === undefined) {
            throw new Fatal(
                "failed to normalize server token; must be in format K10<CA-HASH>::<USERNAME>:<PASSWORD> or <PASSWORD>: a cluster that does not exist has no CA yet",
            );
        }
        return token;
    }
    if (joins) throw new Fatal("starting kubernetes: preparing server: token is required to join a cluster");
    const known = readIfThere(PATHS.token)?.trim();
    return known === undefined ? { user: "server", secret: newSecret() } : parseToken(known, "server");
}

/** Names the phase as RKE2 does. */
async function preparing<T>(work: Promise<T>): Promise<T> {
    try {
        return await work;
    } catch (error) {
        throw new Fatal(`preparing server: ${messageOf(error)}`);
    }
}

async function ownKeys(): Promise<ClusterKeys> {
    const stored = storedClusterKeys();
    if (stored !== undefined) return stored;
    if (hasEtcdData())
        throw new Fatal(`${PATHS.etcd} has data, but ${PATHS.tls} has not all keys of its cluster`);
    const keys = await newClusterKeys();
    storeClusterKeys(keys);
    return keys;
}

/** The cluster's keys from a server that knows them, if this one may have them and fits in. */
async function keysOfCluster(settings: ServerSettings, token: Token): Promise<ClusterKeys> {
    const client = await SupervisorClient.connect(settings.server ?? "", token);
    try {
        const { sealed, critical } = await client.bootstrap();
        const differing = mismatches(criticalConfig(settings), critical);
        if (differing.length > 0) {
            log.warning(`critical configuration mismatched: ${differing.join("; ")}`);
            throw new Fatal(
                `failed to validate server configuration: critical configuration value mismatch between servers: ${differing.join("; ")}`,
            );
        }
        const keys = parseKeys(unseal(sealed, token.secret));
        storeClusterKeys(keys);
        return keys;
    } finally {
        client.close();
    }
}

/** Starts this server's member of etcd and waits until it counts. */
async function runEtcd(
    settings: ServerSettings,
    keys: ClusterKeys,
    token: Token,
    tools: Tools,
    children: Children,
    joins: boolean,
): Promise<EtcdApi> {
    const files = await etcdFiles(keys, settings.advertiseAddress);
    const me = {
        nodeName: settings.nodeName,
        memberName: memberName(settings.nodeName),
        peerUrl: peerUrl(settings.advertiseAddress),
    };
    const { server } = settings;
    // Only who joins needs another server: with data on disk, RKE2 does not look at where it once joined.
    const at = async (url: string) => etcdApiAt(await etcdAddressOf(url, settings, token), files, keys);
    const cluster =
        joins && server !== undefined
            ? await joinEtcd(await at(server), me)
            : `${me.memberName}=${me.peerUrl}`;
    startEtcd(children, settings, files, tools.etcd, { cluster, state: joins ? "existing" : "new" });
    const api = etcdApiAt("127.0.0.1", files, keys);
    await awaitVoter(api, async () => {
        if (server === undefined) return;
        const other = await at(server);
        await promote(other, me.peerUrl);
        other.close();
    });
    return api;
}

/** The password of a restored cluster may be older than this host's: after a reset, the host is noted anew. */
async function endReset(api: KubeApi, nodeName: string): Promise<void> {
    if (!existsSync(PATHS.resetFlag)) return;
    await api.delete(`${SECRETS}/${secretName(nodeName)}`);
    rmSync(PATHS.resetFlag);
}

/** Where the member is that another server runs. `url` may be an address that the servers share. */
async function etcdAddressOf(url: string, settings: ServerSettings, token: Token): Promise<string> {
    const address = await otherServer(url, settings.advertiseAddress);
    const host = address.includes(":") ? `[${address}]` : address;
    const client = await SupervisorClient.connect(`https://${host}:${SUPERVISOR_PORT}`, token);
    try {
        return (await client.bootstrap()).etcdAddress;
    } finally {
        client.close();
    }
}

async function runKubelet(
    version: string,
    settings: ServerSettings,
    keys: ClusterKeys,
    api: KubeApi,
    tools: Tools,
    children: Children,
): Promise<void> {
    if (!(await ownsNodeName(api, settings.nodeName, ownNodePassword())))
        throw new Fatal(NODE_PASSWORD_REJECTED);
    const certificate = await kubeletClientCertificate(keys, settings.nodeName, kubeletPublicKey());
    writeKubeletFiles(
        { certificate, clientCa: keys.client.certificate, serverCa: keys.server.certificate },
        LOCAL_API,
    );
    const serviceAddress = kubernetesServiceAddress(settings.serviceCidr);
    holdServiceAddress(serviceAddress);
    startKubelet(children, settings, serviceAddress, tools.node, version);
}

/** What an administrator finds: a kubeconfig and kubectl. */
function writeAccess(
    settings: ServerSettings,
    keys: ClusterKeys,
    files: ControlPlaneFiles,
    tools: Tools,
): void {
    const { admin } = files;
    for (const path of new Set([PATHS.kubeconfig, settings.kubeconfigFile ?? PATHS.kubeconfig])) {
        writeAdminKubeconfig(path, LOCAL_API, keys.server.certificate, admin, settings.kubeconfigMode);
    }
    linkKubectl(tools);
}

function adminApi(keys: ClusterKeys, { admin }: ControlPlaneFiles): KubeApi {
    return new KubeApi(LOCAL_API, {
        ca: keys.server.certificate,
        certificate: readFileSync(admin.certificateFile, "utf8"),
        key: readFileSync(admin.keyFile, "utf8"),
    });
}

async function refresh(node: ServerNode): Promise<void> {
    try {
        await node.refresh();
    } catch (error) {
        // The next round will do; until then the node says what it said.
        log.warning(`Failed to update the node: ${messageOf(error)}`);
    }
}
