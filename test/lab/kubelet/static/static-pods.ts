import { ApiError, type ApiClient } from "../api/client.ts";
import type { KubeletArguments } from "../arguments.ts";
import { reason, say } from "../log.ts";
import type { NodeObject } from "../node/node-object.ts";
import type { PodObject } from "../pod/pod-object.ts";
import { KubeVip, kubeVipSettings } from "./kube-vip.ts";
import { readManifests, type Manifest } from "./manifest.ts";
import { MIRROR, mirrorName, mirrorPod, mirrorStatus } from "./mirror-pod.ts";

const LOOK_EVERY_MS = 2_000;
const AGAIN_MS = 10_000;

/**
 * Simulated: the pods whose manifests lie on the host. Of these, only kube-vip does something; RKE2's own are its children in
 * the lab. The API is told of all of them, as a kubelet does it.
 */
export class StaticPods {
    readonly #client: ApiClient;
    readonly #args: KubeletArguments;
    readonly #vips = new Map<string, { readonly hash: string; readonly vip: KubeVip }>();
    #manifests: ReadonlyMap<string, Manifest> = new Map();
    #node: NodeObject | undefined;
    #mirrors: readonly PodObject[] | undefined;
    #mirroring: Promise<void> = Promise.resolve();
    #again: NodeJS.Timeout | undefined;
    #said = "";

    constructor(client: ApiClient, args: KubeletArguments) {
        this.#client = client;
        this.#args = args;
        this.#look();
        setInterval(() => {
            this.#look();
        }, LOOK_EVERY_MS);
    }

    /** From now on, the API is told what there is. */
    registered(node: NodeObject): void {
        this.#node = node;
        this.#mirror();
    }

    /** What the API has of this node's static pods. */
    seen(pods: readonly PodObject[]): void {
        this.#mirrors = pods.filter(({ metadata }) => metadata.annotations[MIRROR] !== undefined);
        this.#mirror();
    }

    /** Lets go of what they hold. */
    async stop(): Promise<void> {
        await Promise.all([...this.#vips.values()].map(({ vip }) => vip.stop()));
    }

    #look(): void {
        const found = readManifests();
        const isSame =
            found.size === this.#manifests.size &&
            [...found].every(([file, { hash }]) => this.#manifests.get(file)?.hash === hash);
        if (isSame) return;
        this.#manifests = found;
        for (const [file, { hash, vip }] of this.#vips) {
            if (found.get(file)?.hash === hash) continue;
            this.#vips.delete(file);
            void vip.stop();
        }
        for (const [file, manifest] of found) {
            if (!this.#vips.has(file)) this.#begin(file, manifest);
        }
        this.#mirror();
    }

    #begin(file: string, manifest: Manifest): void {
        const settings = kubeVipSettings(manifest.pod, this.#args.nodeName);
        if (settings === undefined) return;
        if (typeof settings === "string") {
            say(`kube-vip (simulated) does nothing: ${settings}`);
            return;
        }
        this.#vips.set(file, { hash: manifest.hash, vip: new KubeVip(settings) });
    }

    #mirror(): void {
        this.#mirroring = this.#mirroring.then(async () => {
            clearTimeout(this.#again);
            try {
                await this.#mirrorAll();
                this.#said = "";
            } catch (error) {
                if (this.#said !== reason(error)) say(`static pods: ${(this.#said = reason(error))}`);
                this.#again = setTimeout(() => {
                    this.#mirror();
                }, AGAIN_MS);
            }
        });
    }

    /** Brings what the API has up to what there is. */
    async #mirrorAll(): Promise<void> {
        const [node, mirrors] = [this.#node, this.#mirrors];
        if (node === undefined || mirrors === undefined) return;
        const wanted = new Map(
            [...this.#manifests.values()].map((manifest) => {
                const { name, namespace } = manifest.pod.metadata;
                return [`${namespace}/${mirrorName(name, node.metadata.name)}`, manifest];
            }),
        );
        for (const { metadata, status } of mirrors) {
            const { namespace, name, annotations, deletionTimestamp } = metadata;
            const manifest = wanted.get(`${namespace}/${name}`);
            wanted.delete(`${namespace}/${name}`);
            const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
            if (manifest?.hash !== annotations[MIRROR] || deletionTimestamp !== undefined) {
                // With its end it is seen to be missing, and made again.
                await ifThere(this.#client.delete(path, { gracePeriodSeconds: 0 }));
            } else if (manifest !== undefined && status.phase !== "Running") {
                await ifThere(
                    this.#client.patch(
                        `${path}/status`,
                        "strategic-merge",
                        mirrorStatus(manifest, this.#args.nodeIp),
                    ),
                );
            }
        }
        for (const manifest of wanted.values()) {
            const pods = `/api/v1/namespaces/${manifest.pod.metadata.namespace}/pods`;
            try {
                await this.#client.post(pods, mirrorPod(manifest, node));
            } catch (error) {
                // It has been made, and is seen soon.
                if (!(error instanceof ApiError) || error.status !== 409) throw error;
            }
        }
    }
}

async function ifThere(asked: Promise<unknown>): Promise<void> {
    try {
        await asked;
    } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
}
