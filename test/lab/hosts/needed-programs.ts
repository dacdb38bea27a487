import { accessSync, constants } from "node:fs";
import { join } from "node:path";

import { SYSTEM_PATH } from "./run.ts";

/** What a lab is made with, and the Debian package that has it. */
const NEEDED: readonly (readonly [string, string])[] = [
    ["unshare", "util-linux"],
    ["nsenter", "util-linux"],
    ["setsid", "util-linux"],
    ["setpriv", "util-linux"],
    ["pivot_root", "util-linux"],
    ["mount", "mount"],
    ["umount", "mount"],
    ["ip", "iproute2"],
    ["bash", "bash"],
    ["env", "coreutils"],
    ["mknod", "coreutils"],
    ["realpath", "coreutils"],
    ["sshd", "openssh-server"],
    ["ssh", "openssh-client"],
    ["curl", "curl"],
];

/** Says what a lab needs of the machine and does not find; an empty list is good. */
export function machineProblems(): string[] {
    const problems: string[] = [];
    if (process.getuid?.() !== 0) problems.push("a lab is made of namespaces and mounts: run it as root");
    const missing = NEEDED.filter(([program]) => find(program) === undefined);
    if (missing.length > 0) {
        const packages = [...new Set(missing.map(([, name]) => name))];
        problems.push(
            `${missing.map(([program]) => program).join(", ")} not found in ${SYSTEM_PATH}: apt-get install ${packages.join(" ")}`,
        );
    }
    return problems;
}

function find(program: string): string | undefined {
    return SYSTEM_PATH.split(":")
        .map((folder) => join(folder, program))
        .find(isExecutable);
}

function isExecutable(path: string): boolean {
    try {
        accessSync(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}
