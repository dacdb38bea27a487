import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { etcdctl } from "./etcdctl.ts";
import { Fatal } from "./fatal.ts";
import { writePrivate } from "./files.ts";
import type { Tools } from "./lab-host.ts";
import { PATHS } from "./paths.ts";
import { unzipped, zipped } from "./zip.ts";

const ZIP = ".zip";

/** A snapshot of etcd on this server's disk. */
export interface Snapshot {
    readonly name: string;
    readonly size: number;
    readonly created: Date;
}

/** How a snapshot is to be made. */
export interface SnapshotOptions {
    readonly folder: string;
    /** What its name begins with; the node and the time follow. */
    readonly name: string;
    readonly nodeName: string;
    readonly compress: boolean;
}

/** Saves a snapshot of what this server's etcd has, and gives its name. */
export function saveSnapshot(tools: Tools, { folder, name, nodeName, compress }: SnapshotOptions): string {
    const full = `${name}-${nodeName}-${Math.floor(Date.now() / 1000)}`;
    const file = join(folder, full);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    etcdctl(tools, [
        "--endpoints=https://127.0.0.1:2379",
        `--cacert=${join(PATHS.tls, "etcd/server-ca.crt")}`,
        `--cert=${join(PATHS.tls, "etcd/client.crt")}`,
        `--key=${join(PATHS.tls, "etcd/client.key")}`,
        ...["snapshot", "save", `${file}.part`],
    ]);
    if (!compress) {
        renameSync(`${file}.part`, file);
        return full;
    }
    writeFileSync(`${file}${ZIP}.part`, zipped(full, readFileSync(`${file}.part`)), { mode: 0o600 });
    renameSync(`${file}${ZIP}.part`, file + ZIP);
    rmSync(`${file}.part`);
    return full + ZIP;
}

/** The snapshots in a folder, the oldest first. */
export function listSnapshots(folder: string): Snapshot[] {
    let names: string[];
    try {
        names = readdirSync(folder);
    } catch {
        // None has been made yet.
        return [];
    }
    return names
        .filter((name) => !name.endsWith(".part"))
        .map((name) => {
            const { size, mtime } = statSync(join(folder, name));
            return { name, size, created: mtime };
        })
        .sort((a, b) => a.created.getTime() - b.created.getTime());
}

/** Deletes a snapshot. */
export function deleteSnapshot(folder: string, name: string): void {
    if (!listSnapshots(folder).some((snapshot) => snapshot.name === name)) {
        throw new Fatal(`snapshot ${name} not found in ${folder}`);
    }
    rmSync(join(folder, name));
}

/** Makes etcd's data of this server from a snapshot, for a member that is alone. */
export function restoreSnapshot(
    tools: Tools,
    path: string,
    { memberName, peerUrl }: { readonly memberName: string; readonly peerUrl: string },
): void {
    const plain = path.endsWith(ZIP) ? `${PATHS.db}/restored.part` : path;
    if (plain !== path) {
        mkdirSync(PATHS.db, { recursive: true, mode: 0o700 });
        writeFileSync(plain, unzipped(readFileSync(path)), { mode: 0o600 });
    }
    try {
        etcdctl(tools, [
            ...["snapshot", "restore", plain],
            `--data-dir=${PATHS.etcd}`,
            `--name=${memberName}`,
            `--initial-cluster=${memberName}=${peerUrl}`,
            `--initial-advertise-peer-urls=${peerUrl}`,
        ]);
    } finally {
        if (plain !== path) rmSync(plain);
    }
    writePrivate(join(PATHS.etcd, "name"), memberName);
}
