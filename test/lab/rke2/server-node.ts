import { z } from "zod";

import type { EtcdApi } from "./etcd-api.ts";
import { nodeOfMember } from "./etcd-join.ts";
import type { KubeApi } from "./kube-api.ts";
import { log } from "./log.ts";
import { NODE_PASSWORD, nodeOfSecret, secretName, SECRETS } from "./node-password.ts";
import { forgetVersion } from "./version-record.ts";

const Condition = z.object({ type: z.string(), status: z.string() });
const Node = z.object({
    metadata: z.object({
        name: z.string(),
        labels: z.record(z.string(), z.string()).default({}),
        annotations: z.record(z.string(), z.string()).default({}),
    }),
    status: z.object({ conditions: z.array(Condition).default([]) }),
});
const NodeList = z.object({ items: z.array(Node) });

const ROLES = { "node-role.kubernetes.io/control-plane": "true", "node-role.kubernetes.io/etcd": "true" };
const Secret = z.object({
    metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
});
const SecretList = z.object({ items: z.array(Secret) });
const NODES = "/api/v1/nodes";
/** By which RKE2 is asked to take a server out of etcd while its Node is still there, and says that it has. */
const REMOVE = "etcd.rke2.cattle.io/remove";
const REMOVED = "etcd.rke2.cattle.io/removed-node-name";
/** On the Secret with the password of a host that has been a Node: before that, it has none and stays. */
const REGISTERED = "rke2.lab/registered";

/** What a server says of its own node, which the kubelet may not say itself. */
export class ServerNode {
    readonly #api: KubeApi;
    readonly #etcd: EtcdApi;
    readonly #name: string;
    readonly #peerUrl: string;
    /** The members that have left, by node: a leader that goes may take the answer of the next question with it. */
    readonly #left = new Map<string, string>();

    constructor(api: KubeApi, etcd: EtcdApi, name: string, peerUrl: string) {
        this.#api = api;
        this.#etcd = etcd;
        this.#name = name;
        this.#peerUrl = peerUrl;
    }

    /** Whether the kubelet has registered the node. */
    async registered(): Promise<boolean> {
        return (await this.#api.get(`${NODES}/${this.#name}`, Node)) !== undefined;
    }

    /** Brings the node's roles and its condition EtcdIsVoter up to date, and lets go of the nodes that leave. */
    async refresh(): Promise<void> {
        await this.#describe();
        const nodes = (await this.#api.get(NODES, NodeList))?.items ?? [];
        await this.#removeMarked(nodes);
        await this.#forgetDeparted(new Set(nodes.map(({ metadata }) => metadata.name)));
    }

    async #describe(): Promise<void> {
        const node = await this.#api.get(`${NODES}/${this.#name}`, Node);
        if (node === undefined) return;
        if (Object.entries(ROLES).some(([key, value]) => node.metadata.labels[key] !== value)) {
            await this.#api.patch(`${NODES}/${this.#name}`, { metadata: { labels: ROLES } });
        }
        const member = (await this.#etcd.members()).find(({ peerURLs }) => peerURLs.includes(this.#peerUrl));
        const status = member !== undefined && !member.isLearner ? "True" : "False";
        if (node.status.conditions.some((known) => known.type === "EtcdIsVoter" && known.status === status))
            return;
        const now = new Date().toISOString();
        const [reason, message] =
            status === "True"
                ? ["MemberNotLearner", "Node is a voting member of the etcd cluster"]
                : ["MemberIsLearner", "Node has not been promoted to voting member of the etcd cluster"];
        await this.#api.patch(`${NODES}/${this.#name}/status`, {
            status: {
                conditions: [
                    {
                        type: "EtcdIsVoter",
                        status,
                        reason,
                        message,
                        lastHeartbeatTime: now,
                        lastTransitionTime: now,
                    },
                ],
            },
        });
    }

    /** Takes the servers out of etcd that are marked for it. A server leaves that to the others: its own etcd ends with it. */
    async #removeMarked(nodes: readonly z.infer<typeof Node>[]): Promise<void> {
        for (const { metadata } of nodes) {
            const { name, annotations } = metadata;
            if (annotations[REMOVE] !== "true" || annotations[REMOVED] !== undefined) continue;
            if (name === this.#name) continue;
            await this.#removeMembers(name);
            // Another server may have removed it, and have ended before it could say so.
            const left = this.#left.get(name) ?? name;
            await this.#api.patch(`${NODES}/${name}`, { metadata: { annotations: { [REMOVED]: left } } });
        }
    }

    /** With a Node its place in etcd and its password go: RKE2's controllers do the same. */
    async #forgetDeparted(names: ReadonlySet<string>): Promise<void> {
        const known = await this.#api.get(`${SECRETS}?labelSelector=${NODE_PASSWORD}`, SecretList);
        for (const { metadata } of known?.items ?? []) {
            const name = nodeOfSecret(metadata.name);
            const isRegistered = metadata.labels[REGISTERED] !== undefined;
            if (names.has(name) && !isRegistered) {
                // Noted where it outlives both this process and the Node.
                await this.#api.patch(`${SECRETS}/${metadata.name}`, {
                    metadata: { labels: { [REGISTERED]: "true" } },
                });
            }
            // A server does not throw itself out: the others do, if there are any.
            if (!names.has(name) && isRegistered && name !== this.#name) await this.#forget(name);
        }
    }

    async #forget(name: string): Promise<void> {
        log.info(`Node ${name} has been deleted`);
        await this.#removeMembers(name);
        // Last: until then the next round tries again.
        await this.#api.delete(`${SECRETS}/${secretName(name)}`);
    }

    /** Ends the membership of a node. */
    async #removeMembers(nodeName: string): Promise<void> {
        for (const member of await this.#etcd.members()) {
            if (nodeOfMember(member) !== nodeName) continue;
            log.info(`Removing name=${member.name} id=${member.ID} from etcd`);
            // Before it is asked: the answer may get lost, and the member be gone all the same.
            this.#left.set(nodeName, member.name);
            await this.#etcd.remove(member.ID);
        }
        await forgetVersion(this.#etcd, nodeName);
    }
}
