import { release } from "node:os";

import { z } from "zod";

import type { KubeletArguments } from "../arguments.ts";
import { timestamp } from "../timestamp.ts";

/** What is read of a Node. */
export const NODE = z.object({
    metadata: z.object({ uid: z.string(), name: z.string() }),
    spec: z.object({ podCIDR: z.string().optional() }).default({}),
});

export type NodeObject = z.infer<typeof NODE>;

/** One line of a node's health. */
export interface NodeCondition {
    readonly type: string;
    readonly status: "True" | "False";
    readonly reason: string;
    readonly message: string;
}

// Nothing is measured or limited: these only let the scheduler place what a small real machine would hold.
const CAPACITY = { cpu: "4", memory: "8Gi", "ephemeral-storage": "50Gi", pods: "110" };

/** The Node as a kubelet registers it. */
export function newNode({ nodeName, labels, taints }: KubeletArguments): unknown {
    const arch = architecture();
    return {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
            name: nodeName,
            labels: {
                "kubernetes.io/hostname": nodeName,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": arch,
                "beta.kubernetes.io/os": "linux",
                "beta.kubernetes.io/arch": arch,
                ...labels,
            },
        },
        spec: { taints },
    };
}

/** What a kubelet says of its node, as a patch of the Node's status. */
export function nodeStatus(
    { nodeName, nodeIp, version }: KubeletArguments,
    conditions: readonly (NodeCondition & { lastTransitionTime: string })[],
): unknown {
    const now = timestamp();
    return {
        status: {
            addresses: [
                { type: "InternalIP", address: nodeIp },
                { type: "Hostname", address: nodeName },
            ],
            capacity: CAPACITY,
            allocatable: CAPACITY,
            daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
            nodeInfo: {
                kubeletVersion: version,
                kubeProxyVersion: "",
                containerRuntimeVersion: "lab://simulated",
                kernelVersion: release(),
                osImage: "multicluster lab (simulated kubelet)",
                operatingSystem: "linux",
                architecture: architecture(),
                machineID: nodeName,
                systemUUID: nodeName,
                bootID: nodeName,
            },
            conditions: conditions.map((condition) => ({ ...condition, lastHeartbeatTime: now })),
        },
    };
}

/** What a kubelet finds of its host, and whether pods can have a network on it. */
export function nodeConditions(networkReady: boolean): NodeCondition[] {
    const enough = (type: string, reason: string, what: string): NodeCondition => ({
        type,
        status: "False",
        reason,
        message: `kubelet has ${what} available`,
    });
    return [
        enough("MemoryPressure", "KubeletHasSufficientMemory", "sufficient memory"),
        enough("DiskPressure", "KubeletHasNoDiskPressure", "no disk pressure"),
        enough("PIDPressure", "KubeletHasSufficientPID", "sufficient PID"),
        networkReady
            ? {
                  type: "Ready",
                  status: "True",
                  reason: "KubeletReady",
                  message: "kubelet is posting ready status",
              }
            : {
                  type: "Ready",
                  status: "False",
                  reason: "KubeletNotReady",
                  message:
                      "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized",
              },
    ];
}

function architecture(): string {
    return process.arch === "x64" ? "amd64" : process.arch;
}
