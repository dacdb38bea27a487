import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";

import { BRIDGE, type LabSpec } from "./lab-spec.ts";

/** The text of /etc/hosts, the same on every host. */
export function hostsFile({ name, hosts, sites, names = {} }: LabSpec): string {
    const lines = [
        `# The hosts of the lab ${name}.`,
        "127.0.0.1 localhost",
        "::1 localhost ip6-localhost ip6-loopback",
        ...sites.map((site) => `${BRIDGE} ${site}`),
        ...hosts.map((host) => `${host.address} ${host.name}`),
        ...Object.entries(names).flatMap(([other, addresses]) => addresses.map((a) => `${a} ${other}`)),
    ];
    return `${lines.join("\n")}\n`;
}

/** Writes the file in place: every host has this very file mounted, and would not see another one of the same name. */
export function overwrite(file: string, text: string): void {
    const descriptor = openSync(file, "r+");
    try {
        // At no time is it empty.
        ftruncateSync(descriptor, writeSync(descriptor, text, 0));
    } finally {
        closeSync(descriptor);
    }
}
