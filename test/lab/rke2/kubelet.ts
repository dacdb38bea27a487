import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { newKey, publicHalf } from "./certificate.ts";
import type { Children } from "./child.ts";
import { readIfThere, writePrivate } from "./files.ts";
import { writeComponentKubeconfig } from "./kubeconfig.ts";
import { PATHS } from "./paths.ts";
import type { NodeSettings } from "./settings.ts";

const MAIN = fileURLToPath(new URL("../kubelet/main.ts", import.meta.url));
const KEY_FILE = join(PATHS.agent, "client-kubelet.key");

/** The public half of the kubelet's key, which is made here and goes nowhere. */
export function kubeletPublicKey(): string {
    const known = readIfThere(KEY_FILE);
    if (known !== undefined) return publicHalf(known);
    const key = newKey();
    writePrivate(KEY_FILE, key);
    return publicHalf(key);
}

/** What the kubelet needs to be let in. */
export interface KubeletCredentials {
    readonly certificate: string;
    readonly clientCa: string;
    readonly serverCa: string;
}

/** Writes the kubelet's files; with its kubeconfig there, this host has become a node. */
export function writeKubeletFiles(credentials: KubeletCredentials, api: string): void {
    const certificateFile = join(PATHS.agent, "client-kubelet.crt");
    const serverCa = join(PATHS.agent, "server-ca.crt");
    writePrivate(certificateFile, credentials.certificate);
    writePrivate(join(PATHS.agent, "client-ca.crt"), credentials.clientCa);
    writePrivate(serverCa, credentials.serverCa);
    writeComponentKubeconfig(PATHS.kubeletKubeconfig, api, serverCa, { certificateFile, keyFile: KEY_FILE });
}

/** Starts the simulated kubelet. `apiAddress` is where pods find the API. */
export function startKubelet(
    children: Children,
    settings: NodeSettings,
    apiAddress: string,
    node: string,
    version: string,
): void {
    children.start({
        name: "kubelet",
        command: node,
        args: [
            MAIN,
            "--kubeconfig",
            PATHS.kubeletKubeconfig,
            "--node-name",
            settings.nodeName,
            "--node-ip",
            settings.nodeIps[0] ?? "",
            "--api-address",
            apiAddress,
            "--kubelet-version",
            version,
            `--labels=${settings.labels.join(",")}`,
            `--taints=${settings.taints.join(",")}`,
        ],
        logFile: join(PATHS.agentLogs, "kubelet.log"),
        again: false,
        stopSeconds: 5,
    });
}
