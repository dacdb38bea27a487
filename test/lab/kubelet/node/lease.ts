import { setTimeout } from "node:timers/promises";

import { ApiError, type ApiClient } from "../api/client.ts";
import { reason, say } from "../log.ts";
import { microTimestamp } from "../timestamp.ts";
import type { NodeObject } from "./node-object.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
const SECONDS = 40;
const EVERY_MS = 10_000;

/** Renews the node's Lease for ever: without it, the node counts as lost. */
export async function keepLease(client: ApiClient, { metadata: { name, uid } }: NodeObject): Promise<never> {
    let said = "";
    for (;;) {
        try {
            await renew(client, name, uid);
            said = "";
            await setTimeout(EVERY_MS);
        } catch (error) {
            if (said !== reason(error)) say((said = reason(error)));
            await setTimeout(EVERY_MS / 5);
        }
    }
}

async function renew(client: ApiClient, name: string, uid: string): Promise<void> {
    const spec = { holderIdentity: name, leaseDurationSeconds: SECONDS, renewTime: microTimestamp() };
    try {
        await client.patch(`${LEASES}/${name}`, "merge", { spec });
    } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
        const ownerReferences = [{ apiVersion: "v1", kind: "Node", name, uid }];
        await client.post(LEASES, {
            apiVersion: "coordination.k8s.io/v1",
            kind: "Lease",
            metadata: { name, namespace: "kube-node-lease", ownerReferences },
            spec,
        });
    }
}
