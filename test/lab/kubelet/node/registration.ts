import { setTimeout } from "node:timers/promises";

import { ApiError, type ApiClient } from "../api/client.ts";
import type { KubeletArguments } from "../arguments.ts";
import { Backoff } from "../backoff.ts";
import { reason, say } from "../log.ts";
import { newNode, NODE, type NodeObject } from "./node-object.ts";

/** Registers the node, or takes over the one that is there. It tries until it succeeds, as a kubelet does. */
export async function register(client: ApiClient, args: KubeletArguments): Promise<NodeObject> {
    const backoff = new Backoff(200, 5_000);
    let said = "";
    for (;;) {
        try {
            return await registerOnce(client, args);
        } catch (error) {
            if (said !== reason(error)) say(`the node cannot be registered yet: ${(said = reason(error))}`);
            await setTimeout(backoff.next());
        }
    }
}

async function registerOnce(client: ApiClient, args: KubeletArguments): Promise<NodeObject> {
    try {
        const node = NODE.parse(await client.post("/api/v1/nodes", newNode(args)));
        say(`the node ${args.nodeName} is registered`);
        return node;
    } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 409) throw error;
        // A kubelet itself would leave them alone: RKE2 sets the labels of its configuration whenever it starts, next to it.
        const labels = { metadata: { labels: args.labels } };
        const node = await client.patch(`/api/v1/nodes/${args.nodeName}`, "strategic-merge", labels);
        say(
            `the node ${args.nodeName} was registered before: it gets its labels again, and its taints are left as they are`,
        );
        return NODE.parse(node);
    }
}
