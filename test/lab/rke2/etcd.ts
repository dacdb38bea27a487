import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Children } from "./child.ts";
import type { ClusterKeys } from "./cluster-keys.ts";
import { EtcdApi } from "./etcd-api.ts";
import { readIfThere, writePrivate } from "./files.ts";
import { leafFiles, type LeafFiles } from "./leaf-files.ts";
import { PATHS } from "./paths.ts";
import { until } from "./pause.ts";
import type { ServerSettings } from "./settings.ts";

/** What this server needs to run etcd and to talk to it. */
export interface EtcdFiles {
    readonly server: LeafFiles;
    readonly peer: LeafFiles;
    readonly client: LeafFiles;
}

/** Whether this server has its part of etcd already. */
export function hasEtcdData(): boolean {
    return existsSync(join(PATHS.etcd, "member/wal"));
}

/** The certificates of etcd on this server. */
export async function etcdFiles(keys: ClusterKeys, address: string): Promise<EtcdFiles> {
    const names = [address, "127.0.0.1", "localhost"];
    return {
        server: await leafFiles("etcd/server-client", keys.etcdServer, { commonName: "etcd-server", names }),
        peer: await leafFiles("etcd/peer-server-client", keys.etcdPeer, { commonName: "etcd-peer", names }),
        client: await leafFiles("etcd/client", keys.etcdServer, { commonName: "etcd-client" }),
    };
}

/** The name of this server's member: the node's and something that another disk does not have. */
export function memberName(nodeName: string): string {
    const file = join(PATHS.etcd, "name");
    const known = readIfThere(file);
    if (known !== undefined) return known;
    const name = `${nodeName}-${randomBytes(4).toString("hex")}`;
    writePrivate(file, name);
    return name;
}

/** Where other members reach the member at an address. */
export function peerUrl(address: string): string {
    return `https://${bracketed(address)}:2380`;
}

/** A connection to the member at an address. */
export function etcdApiAt(address: string, files: EtcdFiles, keys: ClusterKeys): EtcdApi {
    return new EtcdApi(`https://${bracketed(address)}:2379`, {
        ca: keys.etcdServer.certificate,
        certificate: readFileSync(files.client.certificateFile, "utf8"),
        key: readFileSync(files.client.keyFile, "utf8"),
    });
}

/** How a member without data begins. */
export interface Beginning {
    /** Every member, as `name=url`, with commas. */
    readonly cluster: string;
    readonly state: "new" | "existing";
}

/** Starts etcd. With data on disk it goes on from there, and its beginning is not looked at. */
export function startEtcd(
    children: Children,
    settings: ServerSettings,
    files: EtcdFiles,
    etcd: string,
    beginning: Beginning,
): void {
    const address = bracketed(settings.advertiseAddress);
    mkdirSync(PATHS.etcd, { recursive: true, mode: 0o700 });
    children.start({
        name: "etcd",
        command: etcd,
        args: [
            `--name=${memberName(settings.nodeName)}`,
            `--data-dir=${PATHS.etcd}`,
            `--listen-client-urls=https://127.0.0.1:2379,https://${address}:2379`,
            `--advertise-client-urls=https://${address}:2379`,
            `--listen-peer-urls=https://127.0.0.1:2380,https://${address}:2380`,
            `--initial-advertise-peer-urls=https://${address}:2380`,
            `--listen-metrics-urls=http://127.0.0.1:2381`,
            `--initial-cluster=${beginning.cluster}`,
            `--initial-cluster-state=${beginning.state}`,
            "--client-cert-auth",
            `--trusted-ca-file=${join(PATHS.tls, "etcd/server-ca.crt")}`,
            `--cert-file=${files.server.certificateFile}`,
            `--key-file=${files.server.keyFile}`,
            "--peer-client-cert-auth",
            `--peer-trusted-ca-file=${join(PATHS.tls, "etcd/peer-ca.crt")}`,
            `--peer-cert-file=${files.peer.certificateFile}`,
            `--peer-key-file=${files.peer.keyFile}`,
            // Half of what RKE2 has: the network is not slow here, but the machine may be.
            "--heartbeat-interval=250",
            "--election-timeout=2500",
            "--snapshot-count=10000",
            "--logger=zap",
            "--log-outputs=stderr",
            "--log-level=warn",
            ...settings.etcdArgs,
        ],
        logFile: join(PATHS.serverLogs, "etcd.log"),
        again: false,
        stopSeconds: 5,
    });
}

/** Waits until this server's member has a leader and counts: without the others it may take until they start, too. */
export async function awaitVoter(api: EtcdApi, promote: () => Promise<void>): Promise<void> {
    await until(
        async () => {
            try {
                const { leader, isLearner } = await api.status();
                if (leader === "0") return undefined;
                if (!isLearner) return true;
            } catch {
                // Not yet listening.
                return undefined;
            }
            await promote();
            return undefined;
        },
        // systemd does not wait for a moment less than for ever either.
        { every: 1000, seconds: 24 * 3600, what: "etcd has no leader" },
    );
}

function bracketed(address: string): string {
    return address.includes(":") ? `[${address}]` : address;
}
