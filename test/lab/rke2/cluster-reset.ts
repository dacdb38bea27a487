import { randomBytes } from "node:crypto";
import { existsSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { openBootstrapData } from "./bootstrap-data.ts";
import type { Children } from "./child.ts";
import { storeClusterKeys } from "./cluster-keys.ts";
import { hasEtcdData, peerUrl } from "./etcd.ts";
import { etcdctl } from "./etcdctl.ts";
import { Fatal } from "./fatal.ts";
import { readIfThere, writePrivate } from "./files.ts";
import { HttpsClient } from "./https-client.ts";
import type { Tools } from "./lab-host.ts";
import { log } from "./log.ts";
import { PATHS } from "./paths.ts";
import { until } from "./pause.ts";
import { ROUTES, SUPERVISOR_PORT } from "./protocol.ts";
import { restoreSnapshot } from "./snapshots.ts";
import type { ServerSettings } from "./settings.ts";
import { parseToken, readToken } from "./token.ts";
import { VERSIONS } from "./version-record.ts";

/** On loopback and without TLS, for as long as a reset takes, where no member ever listens. */
const CLIENT_URL = "http://127.0.0.1:2399";
const PEER_URL = "http://127.0.0.1:2398";
const Members = z.object({ members: z.array(z.object({ name: z.string().default("") })) });
const Keys = z.object({ kvs: z.array(z.object({ key: z.string(), value: z.string() })).default([]) });

/** Makes this server the only member of etcd, with the data that it has or that a snapshot has, and returns. */
export async function resetCluster(
    settings: ServerSettings,
    tools: Tools,
    children: Children,
): Promise<void> {
    if (settings.server !== undefined) {
        throw new Fatal(
            "cannot perform cluster-reset while server URL is set - remove server from configuration before resetting",
        );
    }
    await refuseRunning();
    const secret = resetSecret(settings);
    const memberName = `${settings.nodeName}-${randomBytes(4).toString("hex")}`;
    if (settings.restorePath !== undefined) {
        restore(settings.restorePath, memberName, settings, tools);
    } else if (existsSync(PATHS.resetFlag)) {
        throw new Fatal(
            `Managed etcd cluster membership was previously reset, please remove the cluster-reset flag and start rke2 normally. If you need to perform another cluster reset, you must first manually delete the file at ${PATHS.resetFlag}`,
        );
    } else if (!hasEtcdData()) {
        throw new Fatal(`etcd: there is no data to reset at ${PATHS.etcd}`);
    } else {
        writePrivate(join(PATHS.etcd, "name"), memberName);
    }
    await beAlone(memberName, tools, children);
    storeClusterKeys(openBootstrapData(readAll(tools, "/bootstrap/"), secret));
    forgetOthers(tools, settings.nodeName);
    writePrivate(PATHS.resetFlag, "");
    log.info(
        "Managed etcd cluster membership has been reset, restart without --cluster-reset flag now. Backup and delete ${datadir}/server/db on each peer etcd server and rejoin the nodes",
    );
}

/** The token that the data was sealed with: from the configuration, or the one that this server was begun with. */
function resetSecret(settings: ServerSettings): string {
    const given = readToken(settings.token, "server");
    if (given !== undefined) return given.secret;
    const known = readIfThere(PATHS.token)?.trim();
    if (known === undefined) {
        throw new Fatal(`${PATHS.token} does not exist, please pass --token to complete the restoration`);
    }
    return parseToken(known, "server").secret;
}

function restore(path: string, memberName: string, settings: ServerSettings, tools: Tools): void {
    if (!existsSync(path)) throw new Fatal(`etcd: snapshot path does not exist: ${path}`);
    if (statSync(path).isDirectory()) {
        throw new Fatal(`etcd: snapshot path must be a file, not a directory: ${path}`);
    }
    if (existsSync(PATHS.etcd)) {
        const old = `${PATHS.etcd}-old-${Math.floor(Date.now() / 1000)}`;
        renameSync(PATHS.etcd, old);
        log.info(`Pre-restore etcd database moved to ${old}`);
    }
    restoreSnapshot(tools, path, { memberName, peerUrl: peerUrl(settings.advertiseAddress) });
}

/** Starts etcd as a cluster of one, and waits until it is that. */
async function beAlone(memberName: string, tools: Tools, children: Children): Promise<void> {
    children.start({
        name: "etcd",
        command: tools.etcd,
        args: [
            `--name=${memberName}`,
            `--data-dir=${PATHS.etcd}`,
            `--listen-client-urls=${CLIENT_URL}`,
            `--advertise-client-urls=${CLIENT_URL}`,
            `--listen-peer-urls=${PEER_URL}`,
            `--initial-advertise-peer-urls=${PEER_URL}`,
            `--initial-cluster=${memberName}=${PEER_URL}`,
            "--force-new-cluster",
            "--logger=zap",
            "--log-outputs=stderr",
            "--log-level=warn",
        ],
        logFile: join(PATHS.serverLogs, "etcd.log"),
        again: false,
        stopSeconds: 10,
    });
    await until(
        () => {
            try {
                const list = ask(tools, ["member", "list", "--write-out=json"]);
                const { members } = Members.parse(JSON.parse(list));
                return Promise.resolve(
                    members.length === 1 && members[0]?.name === memberName ? true : undefined,
                );
            } catch {
                // Not yet listening.
                return Promise.resolve(undefined);
            }
        },
        { every: 500, seconds: 120, what: "etcd has not become a cluster of this one server" },
    );
}

function readAll(tools: Tools, prefix: string): Map<string, string> {
    const { kvs } = Keys.parse(JSON.parse(ask(tools, ["get", "--prefix", prefix, "--write-out=json"])));
    const text = (base64: string) => Buffer.from(base64, "base64").toString("utf8");
    return new Map(kvs.map(({ key, value }) => [text(key), text(value)]));
}

function forgetOthers(tools: Tools, nodeName: string): void {
    for (const key of readAll(tools, VERSIONS).keys()) {
        if (key !== VERSIONS + nodeName) ask(tools, ["del", key]);
    }
}

function ask(tools: Tools, args: readonly string[]): string {
    return etcdctl(tools, [`--endpoints=${CLIENT_URL}`, ...args]);
}

async function refuseRunning(): Promise<void> {
    const client = new HttpsClient({});
    try {
        await client.ask(`https://127.0.0.1:${SUPERVISOR_PORT}${ROUTES.ping}`, { seconds: 5 });
    } catch {
        // Nobody is there, as it should be.
        return;
    } finally {
        client.close();
    }
    throw new Fatal(`listen tcp :${SUPERVISOR_PORT}: bind: address already in use (stop rke2-server first)`);
}
