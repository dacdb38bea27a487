import { readFileSync } from "node:fs";

import { stringify } from "yaml";

import { writePrivate } from "./files.ts";
import type { LeafFiles } from "./leaf-files.ts";

/** Writes a kubeconfig with everything in it, as RKE2 writes rke2.yaml. */
export function writeAdminKubeconfig(
    path: string,
    api: string,
    ca: string,
    leaf: LeafFiles,
    mode: number,
): void {
    const data = (text: string) => Buffer.from(text).toString("base64");
    const user = {
        "client-certificate-data": data(readFileSync(leaf.certificateFile, "utf8")),
        "client-key-data": data(readFileSync(leaf.keyFile, "utf8")),
    };
    write(path, "default", { "certificate-authority-data": data(ca), server: api }, user, mode);
}

/** Writes a kubeconfig that names files, as those of RKE2's own components. */
export function writeComponentKubeconfig(path: string, api: string, caFile: string, leaf: LeafFiles): void {
    const user = { "client-certificate": leaf.certificateFile, "client-key": leaf.keyFile };
    write(path, "local", { "certificate-authority": caFile, server: api }, user, 0o600);
}

function write(
    path: string,
    name: string,
    cluster: Readonly<Record<string, string>>,
    user: Readonly<Record<string, string>>,
    mode: number,
): void {
    const config = {
        apiVersion: "v1",
        clusters: [{ cluster, name }],
        contexts: [{ context: { cluster: name, user: name }, name }],
        "current-context": name,
        kind: "Config",
        preferences: {},
        users: [{ name, user }],
    };
    writePrivate(path, stringify(config, { lineWidth: 0 }), mode);
}
