import { rmSync } from "node:fs";
import { join } from "node:path";

import { stringify } from "yaml";

import { writePrivate } from "./files.ts";
import { PATHS } from "./paths.ts";
import { etcdTag } from "./version.ts";

/**
 * Writes the manifests of the pods that RKE2's control plane runs in. Simulated: they only tell which images there would be,
 * as the programs are children of RKE2 itself.
 */
export function writeControlPlaneManifests(version: string): void {
    const kubernetes = kubernetesImage(version);
    const images = {
        etcd: `rancher/hardened-etcd:${etcdTag(version)}`,
        "kube-apiserver": kubernetes,
        "kube-controller-manager": kubernetes,
        "kube-scheduler": kubernetes,
    };
    for (const [name, image] of Object.entries(images)) writeManifest(name, `index.docker.io/${image}`);
}

/** Writes the manifest of the kube-proxy that a node runs, or takes it away. Simulated: it is only seen, and does nothing. */
export function placeKubeProxyManifest(version: string, isDisabled: boolean): void {
    if (isDisabled) rmSync(manifestOf("kube-proxy"), { force: true });
    else writeManifest("kube-proxy", `index.docker.io/${kubernetesImage(version)}`);
}

function kubernetesImage(version: string): string {
    return `rancher/hardened-kubernetes:${version.replace("+", "-")}-build20260126`;
}

function manifestOf(name: string): string {
    return join(PATHS.podManifests, `${name}.yaml`);
}

function writeManifest(name: string, image: string): void {
    const pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
            name,
            namespace: "kube-system",
            labels: { component: name, tier: "control-plane" },
            annotations: { "rke2.lab/simulated": "true" },
        },
        spec: {
            hostNetwork: true,
            priorityClassName: "system-cluster-critical",
            containers: [{ name, image, imagePullPolicy: "IfNotPresent" }],
        },
    };
    writePrivate(manifestOf(name), stringify(pod, { lineWidth: 0 }));
}
