import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { Machine } from "./machine.ts";

export const SCRIPT = new URL("../../components/rke2/scripts/restore.sh", import.meta.url);
const FAKES = new URL("restore-fakes/", import.meta.url);

export const DB = "/var/lib/rancher/rke2/server/db";
export const SNAPSHOT = "on-demand-east-1-1700000000";
export const TOKEN = "0f1e2d3c4b5a";
/** Under which RKE2 keeps the cluster's keys in etcd. */
const OWN_KEY = `/bootstrap/${createHash("sha256").update(TOKEN).digest("hex").slice(0, 12)}`;

/** The server that has the snapshot. */
export function firstServer(): Machine {
    const machine = server("");
    machine.file(`${DB}/snapshots/${SNAPSHOT}`, `\0junk${OWN_KEY}junk`);
    return machine;
}

/** A server that joins it again. */
export function otherServer(): Machine {
    const machine = server('server: "https://10.0.0.1:9345"\n');
    machine.file(`${DB}/snapshots/its-own`, "text");
    return machine;
}

/** A server of a cluster that runs. */
function server(config: string): Machine {
    const made = new Machine();
    made.file("/etc/rancher/rke2/config.yaml", `node-name: "east"\n${config}etcd-s3-config-secret: "x"\n`);
    made.file("/etc/rancher/rke2/token", `${TOKEN}\n`, 0o600);
    made.file("/etc/rancher/rke2/rke2.yaml", "{}");
    for (const name of ["rke2", "rke2-killall.sh"]) {
        made.file(`/usr/local/bin/${name}`, readFileSync(new URL(name, FAKES), "utf8"), 0o755);
    }
    made.file("/usr/local/lib/systemd/system/rke2-server.service", "");
    made.file(`${DB}/etcd/from`, "the old cluster");
    made.file(`${DB}/etcd/member/wal/0.wal`, "");
    made.world("units/rke2-server/state", "active\n");
    return made;
}

const COMMON = { ROLE: "server", NODE_NAME: "east-1", SECONDS_MAX: "5", RESTORE: "one" };
const OWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    look: { SNAPSHOT },
    reset: { SNAPSHOT },
    rejoin: { SERVER_URL: "https://10.0.0.1:9345" },
};

/** What a step is told, unless a test says otherwise. */
export function variables(
    STEP: string,
    others: Readonly<Record<string, string>> = {},
): Record<string, string> {
    return { ...COMMON, ...(OWN[STEP] ?? {}), STEP, ...others };
}
