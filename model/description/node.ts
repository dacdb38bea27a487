import { z } from "zod";

import { address, labelKey, labels, labelValue } from "./scalars.ts";
import { nodeSsh } from "./ssh.ts";
import { strict } from "./strict.ts";

export const taint = strict({
    /** The taint's key, which has the form of a label's key. */
    key: labelKey,
    /** Its value, which has the form of a label's value. @default - none */
    value: labelValue.optional(),
    /** What it does to pods that do not tolerate it. */
    effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

/** One machine. Its key is its Kubernetes name: at most 63 lower-case letters, digits, hyphens and dots. */
export const node = strict({
    /** The address other nodes reach it at (its Kubernetes InternalIP); one of each family in dual stack, IPv4 first. */
    address: z.union([address, z.array(address).min(1).max(2)]),
    /** How its SSH differs from the cluster's. @default - in nothing */
    ssh: nodeSsh.optional(),
    /** Kubernetes labels. A later change restarts the node's RKE2, and gives the node the new ones in the place of the old. A kubelet may give itself few labels of kubernetes.io and k8s.io. @default - none */
    labels: labels.optional(),
    /** Keys of config.yaml for this node alone. @default - none */
    config: z.record(z.string(), z.json()).optional(),
    /** Its host no longer answers: the node is taken out of the cluster and nothing is asked of the host. A later change may then leave it out here. @default false */
    lost: z.boolean().optional(),
    /** Kubernetes taints, given when the node registers; each key and effect once. @default - none */
    taints: z.array(taint).optional(),
});

export type NodeDescription = z.infer<typeof node>;
