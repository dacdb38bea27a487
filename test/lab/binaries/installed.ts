import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { findCommand } from "../../../ops/find-command.ts";
import type { InstalledCommand, Program } from "./program.ts";
import { run } from "./run.ts";

/** A program of this machine, whatever its version. */
export interface Installed {
    readonly path: string;
    /** Nothing where it does not tell. */
    readonly version: string | undefined;
    readonly from: "PATH" | "plugins";
}

/** Where commands for administrators are; the PATH of other users often leaves them out. */
const ADMINISTRATORS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** What this machine has under a program's name. */
export async function findInstalled(
    { name, installed }: Program,
    env: NodeJS.ProcessEnv = process.env,
): Promise<Installed | undefined> {
    if (installed === undefined) return undefined;
    const path = findCommand(name, [env["PATH"] ?? "", ...ADMINISTRATORS].join(delimiter));
    if (installed.kind === "command") {
        return path === undefined
            ? undefined
            : { path, version: await versionOf(path, installed), from: "PATH" };
    }
    // Pulumi itself takes a plugin that is on the PATH before any other, whatever its version.
    if (path !== undefined) return { path, version: undefined, from: "PATH" };
    const { plugin, version } = installed;
    const home = env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
    const kept = findCommand(name, join(home, "plugins", `resource-${plugin}-v${version}`));
    return kept === undefined ? undefined : { path: kept, version, from: "plugins" };
}

async function versionOf(
    path: string,
    { ask, answer = /(\d+\.\d+(?:\.\d+)?)/ }: InstalledCommand,
): Promise<string | undefined> {
    // Some programs print their version and end with an error, as sshd.
    const { stdout, stderr } = await run(path, ask, {
        env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
        milliseconds: 10_000,
    });
    return answer.exec(stdout + stderr)?.[1];
}
