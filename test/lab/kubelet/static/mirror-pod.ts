import { z } from "zod";

import type { NodeObject } from "../node/node-object.ts";
import { timestamp } from "../timestamp.ts";
import type { Manifest } from "./manifest.ts";

/** On the API's picture of a static pod. */
export const MIRROR = "kubernetes.io/config.mirror";

const Spec = z.looseObject({ tolerations: z.array(z.unknown()).default([]) });

/** The picture of a static pod that a kubelet gives the API, where everybody sees it and nobody can change it. */
export function mirrorPod({ raw, pod, hash }: Manifest, node: NodeObject): unknown {
    const { name, uid } = node.metadata;
    const spec = Spec.parse(raw["spec"]);
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
            ...pod.metadata,
            name: mirrorName(pod.metadata.name, name),
            annotations: {
                ...pod.metadata.annotations,
                "kubernetes.io/config.hash": hash,
                [MIRROR]: hash,
                "kubernetes.io/config.seen": timestamp(),
                "kubernetes.io/config.source": "file",
            },
            ownerReferences: [{ apiVersion: "v1", kind: "Node", name, uid, controller: true }],
        },
        spec: {
            ...spec,
            nodeName: name,
            // A static pod stays whatever its node is tainted with.
            tolerations: [...spec.tolerations, { operator: "Exists", effect: "NoExecute" }],
        },
    };
}

/** What a static pod is called in the API. */
export function mirrorName(name: string, nodeName: string): string {
    return `${name}-${nodeName}`;
}

/** What the API is told of a static pod: it runs. */
export function mirrorStatus({ pod }: Manifest, nodeIp: string): unknown {
    const now = timestamp();
    const condition = (type: string) => ({ type, status: "True", lastTransitionTime: now });
    return {
        status: {
            phase: "Running",
            hostIP: nodeIp,
            podIP: nodeIp,
            podIPs: [{ ip: nodeIp }],
            startTime: now,
            conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map(condition),
            containerStatuses: pod.spec.containers.map(({ name, image }) => ({
                name,
                image,
                imageID: "lab://simulated",
                containerID: `lab://simulated-${name}`,
                ready: true,
                started: true,
                restartCount: 0,
                state: { running: { startedAt: now } },
            })),
        },
    };
}
