import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { Fatal } from "./fatal.ts";
import type { Role } from "./settings.ts";

const PARAMETERS: Readonly<Record<string, number>> = {
    "kernel.panic": 10,
    "kernel.panic_on_oops": 1,
    "vm.overcommit_memory": 1,
    "vm.panic_on_oom": 0,
};

/** Ends RKE2 on a host that has not been prepared for the profile, with all that is missing. */
export function requireCisHost(role: Role): void {
    const missing = [
        ...(role === "server" ? missingNames() : []),
        ...Object.entries(PARAMETERS).flatMap(([key, expected]) => {
            // The host's own, not /proc/sys: the lab simulates it.
            const found = execFileSync("sysctl", ["-n", key], { encoding: "utf8" }).trim();
            return found === String(expected)
                ? []
                : [`invalid kernel parameter value ${key}=${found} - expected ${expected}`];
        }),
    ];
    if (missing.length > 0) throw new Fatal(missing.join("\n"));
}

function missingNames(): string[] {
    const has = (file: string) => /^etcd:/m.test(readFileSync(file, "utf8"));
    return [
        ...(has("/etc/passwd") ? [] : ["missing required: user: unknown user etcd"]),
        ...(has("/etc/group") ? [] : ["missing required: group: unknown group etcd"]),
    ];
}
