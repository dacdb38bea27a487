import { announcerKind, ciliumKindsExist, hasCni, isCiliumAgent, leaveCni } from "./announcing/agents.ts";
import { Announcements } from "./announcing/announcements.ts";
import { ApiClient } from "./api/client.ts";
import { Watched } from "./api/watched.ts";
import type { KubeletArguments } from "./arguments.ts";
import { Flag } from "./flag.ts";
import { reason, say } from "./log.ts";
import { PodAddresses } from "./network/addresses.ts";
import { keepLease } from "./node/lease.ts";
import { NODE } from "./node/node-object.ts";
import { register } from "./node/registration.ts";
import { NodeStatus } from "./node/status.ts";
import { endLeftover } from "./pod/leftover.ts";
import { POD, type PodObject } from "./pod/pod-object.ts";
import { loadStates, type PodState } from "./pod/pod-state.ts";
import { Pod, type PodHost } from "./pod/pod.ts";
import { MIRROR } from "./static/mirror-pod.ts";
import { StaticPods } from "./static/static-pods.ts";

/** The kubelet of one node. */
export class Kubelet {
    readonly #args: KubeletArguments;
    readonly #client: ApiClient;
    readonly #status: NodeStatus;
    readonly #networkReady = new Flag();
    readonly #hasPodCidr = new Flag();
    readonly #pods = new Map<string, Pod>();
    /** The pods that have ended. */
    readonly #gone = new Set<string>();
    /** The pods that the API server names now. */
    #named: ReadonlySet<string> = new Set();
    readonly #announcements = new Announcements(() => this.#pods.values());
    readonly #host: PodHost;
    #static: StaticPods | undefined;
    #podCidr = "";
    /** What an earlier kubelet has run here and this one has not taken over. */
    #earlier: ReadonlyMap<string, PodState> = new Map();

    constructor(args: KubeletArguments) {
        this.#args = args;
        this.#client = ApiClient.fromKubeconfig(args.kubeconfig);
        this.#status = new NodeStatus(this.#client, args);
        this.#host = {
            client: this.#client,
            nodeIp: args.nodeIp,
            apiAddress: args.apiAddress,
            networkReady: this.#networkReady,
            addresses: new PodAddresses(),
            podCidr: async (signal) => {
                await this.#hasPodCidr.wait(signal);
                return this.#podCidr;
            },
            canBeReady: async (pod, container, signal) => {
                if (isCiliumAgent(container)) await ciliumKindsExist(this.#clientOf(pod), signal);
            },
            changed: (pod) => {
                this.#changed(pod);
            },
            gone: (pod) => {
                this.#announcements.end(pod);
                this.#gone.add(pod.uid);
                this.#forget();
            },
        };
    }

    /** Does a kubelet's work for ever. */
    async run(): Promise<never> {
        this.#static = new StaticPods(this.#client, this.#args);
        const node = await register(this.#client, this.#args);
        this.#static.registered(node);
        this.#earlier = loadStates();
        if (hasCni()) this.#networkReady.raise();
        this.#status.report(this.#networkReady.isRaised);
        const fieldSelector = `metadata.name=${this.#args.nodeName}`;
        new Watched(this.#client, { path: "/api/v1/nodes", fieldSelector, schema: NODE }, ([own]) => {
            if (own?.spec.podCIDR === undefined) return;
            this.#podCidr = own.spec.podCIDR;
            this.#hasPodCidr.raise();
        });
        const ofNode = `spec.nodeName=${this.#args.nodeName}`;
        new Watched(this.#client, { path: "/api/v1/pods", fieldSelector: ofNode, schema: POD }, (objects) => {
            this.#take(objects);
        });
        return keepLease(this.#client, node);
    }

    /** Lets go of what must not outlive it. Pods do. */
    async stop(): Promise<void> {
        await this.#static?.stop();
    }

    /** Takes over what the API server says of all pods of this node. */
    #take(objects: readonly PodObject[]): void {
        this.#static?.seen(objects);
        this.#named = new Set(objects.map(({ metadata }) => metadata.uid));
        for (const object of objects) this.#takeOne(object);
        // A pod without an object is to end. One that is going anyway has just lost its object.
        for (const [uid, pod] of this.#pods) if (!this.#named.has(uid)) pod.end();
        for (const [uid, state] of this.#earlier) {
            if (this.#named.has(uid)) continue;
            say(`${state.namespace}/${state.name}: was deleted while no kubelet ran, and is ended`);
            endLeftover(state, state.graceSeconds).catch((error: unknown) => {
                say(`${state.namespace}/${state.name}: ${reason(error)}`);
            });
        }
        this.#earlier = new Map();
        this.#forget();
    }

    /** A pod that has ended is kept in mind until its object is gone too, so that it does not begin again. */
    #forget(): void {
        for (const uid of this.#gone) {
            if (this.#named.has(uid)) continue;
            this.#gone.delete(uid);
            this.#pods.delete(uid);
        }
    }

    #takeOne(object: PodObject): void {
        const { uid, annotations } = object.metadata;
        // Static pods begin with their files.
        if (annotations[MIRROR] !== undefined) return;
        const known = this.#pods.get(uid);
        const pod = known ?? new Pod(this.#host, object, this.#earlier.get(uid));
        this.#pods.set(uid, pod);
        pod.update(object);
    }

    #changed(pod: Pod): void {
        if (!pod.isReady) return;
        const { object } = pod;
        if (object.spec.containers.some(isCiliumAgent) && !this.#networkReady.isRaised) {
            leaveCni();
            this.#networkReady.raise();
            this.#status.report(true);
        }
        const kind = announcerKind(object);
        if (kind === undefined) return;
        this.#announcements.begin(pod, {
            kind,
            namespace: object.metadata.namespace,
            client: this.#clientOf(pod),
        });
    }

    /** A client with the rights of a pod's service account, for what the pod would do itself. */
    #clientOf(pod: Pod): ApiClient {
        return this.#client.withToken(() => pod.tokens.token("", 3600));
    }
}
