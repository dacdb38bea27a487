import { readCommandLine, withFlags } from "./command-line.ts";
import type { ConfigValues } from "./config-file.ts";
import { Fatal, messageOf } from "./fatal.ts";
import { HttpsClient } from "./https-client.ts";
import type { Tools } from "./lab-host.ts";
import { log } from "./log.ts";
import { PATHS } from "./paths.ts";
import { ROUTES, SUPERVISOR_PORT } from "./protocol.ts";
import { deleteSnapshot, listSnapshots, saveSnapshot } from "./snapshots.ts";

const FLAGS = [
    "name",
    "dir",
    "etcd-snapshot-dir",
    "snapshot-compress",
    "etcd-snapshot-compress",
    "etcd-s3",
    "s3",
];
const MORE_FLAGS = [
    "data-dir",
    "node-name",
    "snapshot-retention",
    "output",
    "config",
    "token",
    "server",
    "debug",
];
const SWITCHES = ["snapshot-compress", "etcd-snapshot-compress", "etcd-s3", "s3", "debug"];

/** `rke2 etcd-snapshot save|list|delete|prune`, on a server that runs. */
export async function snapshotCommand(
    args: readonly string[],
    config: ConfigValues,
    hostName: string,
    tools: Tools,
): Promise<void> {
    const known = (flag: string) => [...FLAGS, ...MORE_FLAGS].includes(flag);
    const { flags, words } = readCommandLine(args, known, SWITCHES);
    const [action = "save", ...names] = words;
    const all = withFlags(config, flags);
    const value = (...keys: readonly string[]) =>
        keys.map((key) => all.get(key)?.at(-1)).find((found) => found !== undefined && found !== "");
    const folder = value("dir", "etcd-snapshot-dir") ?? PATHS.snapshots;
    if (value("etcd-s3", "s3") === "true") {
        log.warning("the simulated RKE2 has no S3: snapshots stay on this server");
    }
    await requireServer();
    switch (action) {
        case "save": {
            const name = saveSnapshot(tools, {
                folder,
                name: flags.get("name")?.at(-1) ?? "on-demand",
                nodeName: value("node-name") ?? hostName,
                compress: value("snapshot-compress", "etcd-snapshot-compress") === "true",
            });
            log.info(`Snapshot ${name} saved.`);
            return;
        }
        case "list":
        case "ls":
            print(folder);
            return;
        case "delete":
            if (names.length === 0) throw new Fatal("no snapshots given for removal");
            for (const name of names) {
                deleteSnapshot(folder, name);
                log.info(`Snapshot ${name} deleted.`);
            }
            return;
        case "prune": {
            const prefix = flags.get("name")?.at(-1) ?? "on-demand";
            const kept = Number(value("snapshot-retention") ?? "5");
            const found = listSnapshots(folder).filter(({ name }) => name.startsWith(`${prefix}-`));
            for (const { name } of found.slice(0, Math.max(0, found.length - kept))) {
                deleteSnapshot(folder, name);
                log.info(`Snapshot ${name} deleted.`);
            }
            return;
        }
        default:
            throw new Fatal(
                `the simulated RKE2 knows etcd-snapshot save, list, delete and prune, not ${action}`,
            );
    }
}

function print(folder: string): void {
    const rows = listSnapshots(folder).map(({ name, size, created }) => [
        name,
        `file://${folder}/${name}`,
        String(size),
        created.toISOString().replace(/\.\d+Z$/, "Z"),
    ]);
    const table = [["Name", "Location", "Size", "Created"], ...rows];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
    for (const row of table) {
        console.log(
            row
                .map((cell, column) => cell.padEnd(widths[column] ?? 0))
                .join(" ")
                .trimEnd(),
        );
    }
}

/** RKE2 has the server itself do it. */
async function requireServer(): Promise<void> {
    const client = new HttpsClient({});
    try {
        await client.ask(`https://127.0.0.1:${SUPERVISOR_PORT}${ROUTES.ping}`);
    } catch (error) {
        throw new Fatal(`see server log for details: ${messageOf(error)}`);
    } finally {
        client.close();
    }
}
