import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { PodObject } from "../pod/pod-object.ts";
import { hostname } from "./environment.ts";

/** Writes the files of /etc that a pod has for itself, and returns their folder. */
export function writeEtc(folder: string, pod: PodObject, podIp: string): string {
    const etc = join(folder, "etc");
    mkdirSync(etc, { recursive: true });
    writeFileSync(join(etc, "hosts"), hostsFile(pod, podIp, readFileSync("/etc/hosts", "utf8")));
    if (existsSync("/etc/resolv.conf")) copyFileSync("/etc/resolv.conf", join(etc, "resolv.conf"));
    return etc;
}

/** A pod's /etc/hosts: the host's where the pod has the host's network, and always the aliases that it asks for. */
export function hostsFile(pod: PodObject, podIp: string, hosts: string): string {
    const own = [
        "# Kubernetes-managed hosts file.",
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
        `${podIp}\t${hostname(pod)}`,
    ];
    const aliases = pod.spec.hostAliases.map(({ ip, hostnames }) => `${ip}\t${hostnames.join("\t")}`);
    const begin = pod.spec.hostNetwork ? hosts.trimEnd().split("\n") : own;
    const added = aliases.length === 0 ? [] : ["", "# Entries added by HostAliases.", ...aliases];
    return [...begin, ...added, ""].join("\n");
}
