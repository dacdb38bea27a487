import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";

import { readCommandLine } from "./command-line.ts";
import { Fatal } from "./fatal.ts";
import { log } from "./log.ts";
import { PATHS } from "./paths.ts";

const FLAGS = ["service", "data-dir", "config", "debug"];
/** What a rotation leaves: the cluster's own keys, which are in etcd, too. */
const KEPT = /^(?:(?:server|client|request-header)-ca|etcd\/(?:server|peer)-ca|service)\.(?:crt|key)$/;

/** `rke2 certificate rotate`: takes the certificates away, so that the next start issues new ones. */
export function certificateCommand(args: readonly string[], isRunning: boolean): void {
    const { flags, words } = readCommandLine(args, (flag) => FLAGS.includes(flag), ["debug"]);
    const [action = ""] = words;
    if (action !== "rotate") {
        throw new Fatal(`the simulated RKE2 knows certificate rotate, not certificate ${action}`);
    }
    if (flags.has("service"))
        throw new Fatal("the simulated RKE2 rotates the certificates of all services only");
    if (isRunning) {
        throw new Fatal(
            "RKE2 is running, and would go on with its old certificates: stop it first, with systemctl stop rke2-server or rke2-agent (the real one goes on without a word)",
        );
    }
    const isServer = existsSync(PATHS.tls);
    log.info(
        isServer
            ? "Server detected, rotating agent and server certificates"
            : "Agent detected, rotating agent certificates",
    );
    const backup = join(isServer ? PATHS.server : PATHS.agent, `tls-${Math.floor(Date.now() / 1000)}`);
    if (isServer) {
        cpSync(PATHS.tls, backup, { recursive: true });
        log.info("Rotating dynamic listener certificate");
        for (const file of leavesOf(PATHS.tls)) rmSync(join(PATHS.tls, file));
    }
    for (const file of ["client-kubelet.crt", "client-kubelet.key"]) {
        const path = join(PATHS.agent, file);
        if (!existsSync(path)) continue;
        cpSync(path, join(backup, file));
        rmSync(path);
    }
    log.info(
        `Successfully backed up certificates to ${backup}, please restart rke2 server or agent to rotate certificates`,
    );
}

/** The certificates and keys in a folder of a server that are issued again. */
export function leavesOf(folder: string): string[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.(?:crt|key)$/.test(entry.name))
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
        .filter((file) => !KEPT.test(file));
}
