import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { ApiError, type ApiClient } from "../api/client.ts";
import { Backoff } from "../backoff.ts";
import { CONTAINER_RECORD, type ContainerRecord, type PodContainer } from "../container/container-state.ts";
import { writeEtc } from "../container/etc-files.ts";
import { knownImage } from "../container/images.ts";
import { launch } from "../container/launch.ts";
import { ProcessContainer } from "../container/process-container.ts";
import { SimulatedContainer } from "../container/simulated-container.ts";
import type { Flag } from "../flag.ts";
import { reason, say } from "../log.ts";
import type { PodAddresses } from "../network/addresses.ts";
import { hasNetwork, makeNetwork, networkFile } from "../network/pod-network.ts";
import { pause } from "../pause.ts";
import { podDataFolder, podLogFolder } from "../paths.ts";
import { timestamp } from "../timestamp.ts";
import { ConfigObjects } from "../volume/config-object.ts";
import { ServiceAccountTokens } from "../volume/service-account-token.ts";
import { Volumes } from "../volume/volumes.ts";
import { removePod } from "./leftover.ts";
import { podTitle, type ContainerSpec, type PodObject } from "./pod-object.ts";
import { saveState, type PodState } from "./pod-state.ts";
import { conditionsOf, phaseOf, statusOf, type PodFacts } from "./pod-status.ts";
import { StatusReporter } from "./status-reporter.ts";

/** What a pod needs of the node it runs on. */
export interface PodHost {
    readonly client: ApiClient;
    readonly nodeIp: string;
    readonly apiAddress: string;
    readonly networkReady: Flag;
    readonly addresses: PodAddresses;
    /** The range of the node's pods, as soon as the cluster has given it one. */
    readonly podCidr: (signal: AbortSignal) => Promise<string>;
    /** Resolves when a simulated container may be called ready. */
    readonly canBeReady: (pod: Pod, container: ContainerSpec, signal: AbortSignal) => Promise<void>;
    /** Something of the pod has changed. */
    readonly changed: (pod: Pod) => void;
    /** The pod has ended, and nothing of it is left. */
    readonly gone: (pod: Pod) => void;
}

const REFRESH_TOKENS_MS = 60_000;
const WRITE_TOGETHER_MS = 300;

/** A pod of this node, from the moment it is seen until nothing is left of it. */
export class Pod {
    readonly tokens: ServiceAccountTokens;
    readonly #host: PodHost;
    readonly #config: ConfigObjects;
    readonly #volumes: Volumes;
    readonly #reporter: StatusReporter;
    readonly #init: readonly PodContainer[];
    readonly #containers: readonly PodContainer[];
    readonly #ending = new AbortController();
    readonly #startTime: string;
    #object: PodObject;
    #podIp: string;
    #missing = "";
    #isPrepared = false;
    #rewriting: NodeJS.Timeout | undefined;

    /** @param state what an earlier kubelet has noted of it */
    constructor(host: PodHost, object: PodObject, state: PodState | undefined) {
        this.#host = host;
        this.#object = object;
        this.#startTime = state?.startTime ?? object.status.startTime ?? timestamp();
        this.#podIp = state?.podIp ?? "";
        if (this.#podIp !== "" && !object.spec.hostNetwork) host.addresses.reserve(this.uid, this.#podIp);
        this.tokens = new ServiceAccountTokens(host.client, object);
        this.#config = new ConfigObjects(host.client, object.metadata.namespace, () => {
            this.#rewriteSoon();
        });
        this.#volumes = new Volumes({
            pod: object,
            place: this.#place(),
            read: (kind, name) => this.#config.read(kind, name),
            token: (audience, seconds) => this.tokens.token(audience, seconds),
        });
        // After the host has lost its power, the first containers have their work to do again.
        const hasBooted = state !== undefined && this.#needsNetwork() && !hasNetwork(this.uid);
        const records = state?.containers ?? recordsOf(object);
        this.#init = object.spec.initContainers.map((spec) => {
            const { ended, ...record } = records[spec.name] ?? CONTAINER_RECORD.parse({ restartCount: 0 });
            const done = ended === undefined || hasBooted ? {} : { ended };
            return this.#container(spec, { ...record, ...done }, true);
        });
        this.#containers = object.spec.containers.map((spec) =>
            this.#container(spec, records[spec.name], false),
        );
        this.#reporter = new StatusReporter(host.client, object, () => ({
            status: statusOf(this.#facts()),
            conditions: conditionsOf(this.#facts()),
        }));
        void this.#live();
    }

    get uid(): string {
        return this.#object.metadata.uid;
    }

    get object(): PodObject {
        return this.#object;
    }

    get podIp(): string {
        return this.#podIp;
    }

    get title(): string {
        return podTitle(this.#object);
    }

    /** Whether it has a network of its own now, with processes in it. */
    hasOwnNetwork(): boolean {
        return this.#isPrepared && this.#needsNetwork();
    }

    get isReady(): boolean {
        return (
            !this.#isEnding() &&
            conditionsOf(this.#facts()).some(({ type, status }) => type === "Ready" && status === "True")
        );
    }

    /** Takes over what the API server says of the pod now. */
    update(object: PodObject): void {
        this.#object = object;
        if (object.metadata.deletionTimestamp === undefined) return;
        this.end(object.metadata.deletionGracePeriodSeconds ?? object.spec.terminationGracePeriodSeconds);
    }

    /** Ends the pod. Called again, it may only make that sooner. */
    end(graceSeconds = this.#object.spec.terminationGracePeriodSeconds): void {
        if (!this.#isEnding()) say(`${this.title}: is ended, within ${graceSeconds} s`);
        this.#ending.abort();
        this.#config.stop();
        for (const container of [...this.#init, ...this.#containers]) container.end(graceSeconds);
    }

    /** It never throws: what fails is said, reported and tried again. */
    async #live(): Promise<void> {
        const { phase } = this.#object.status;
        const isOver = phase === "Succeeded" || phase === "Failed";
        if (!isOver) {
            await this.#insist(() => this.#prepare());
            await this.#run();
        }
        await this.#ended();
        await this.#insist(() => this.#remove(), new AbortController().signal);
        this.#host.gone(this);
    }

    async #prepare(): Promise<void> {
        const { spec } = this.#object;
        mkdirSync(podDataFolder(this.uid), { recursive: true, mode: 0o700 });
        if (!spec.hostNetwork && !this.#host.networkReady.isRaised) {
            this.#miss(
                "network is not ready: container runtime network not ready: cni plugin not initialized",
            );
            await this.#host.networkReady.wait(this.#ending.signal);
        }
        if (this.#isEnding()) return;
        if (this.#hasProcesses()) {
            await this.#volumes.write();
        } else {
            // Nobody will read the files; but a pod whose Secret is missing does not start.
            await this.#volumes.check();
            this.#config.stop();
        }
        this.#podIp = spec.hostNetwork
            ? this.#host.nodeIp
            : this.#host.addresses.take(this.uid, await this.#host.podCidr(this.#ending.signal));
        if (this.#needsNetwork() && !hasNetwork(this.uid)) await makeNetwork(this.uid, this.#podIp);
        mkdirSync(podLogFolder(this.#object.metadata.namespace, this.#object.metadata.name), {
            recursive: true,
        });
        this.#isPrepared = true;
        this.#miss("");
    }

    async #run(): Promise<void> {
        if (this.#isEnding()) return;
        if (!this.#hasProcesses()) say(`${this.title}: is simulated, without a process`);
        const refreshing = setInterval(() => {
            this.#rewriteSoon();
        }, REFRESH_TOKENS_MS);
        for (const container of this.#init) await container.run();
        if (phaseOf(this.#facts()) !== "Failed")
            await Promise.all(this.#containers.map((container) => container.run()));
        clearInterval(refreshing);
        clearTimeout(this.#rewriting);
        this.#changed();
    }

    /** Resolves when the pod is to go; one that has done its work stays until then. */
    async #ended(): Promise<void> {
        if (this.#isEnding()) return;
        await new Promise((resolve) => {
            this.#ending.signal.addEventListener("abort", resolve, { once: true });
        });
    }

    async #remove(): Promise<void> {
        this.#isPrepared = false;
        this.#reporter.mark();
        await this.#reporter.settled();
        await removePod(this.uid);
        this.#host.addresses.release(this.uid);
        if (this.#object.metadata.deletionTimestamp !== undefined) await this.#deleteObject();
        say(`${this.title}: is gone`);
    }

    async #deleteObject(): Promise<void> {
        const { namespace, name, uid } = this.#object.metadata;
        try {
            await this.#host.client.delete(`/api/v1/namespaces/${namespace}/pods/${name}`, {
                apiVersion: "v1",
                kind: "DeleteOptions",
                gracePeriodSeconds: 0,
                preconditions: { uid },
            });
        } catch (error) {
            if (!(error instanceof ApiError) || ![404, 409].includes(error.status)) throw error;
        }
    }

    /** Does a step until it succeeds or the signal aborts. */
    async #insist(step: () => Promise<void>, signal = this.#ending.signal): Promise<void> {
        const backoff = new Backoff(500, 4_000);
        while (!isAborted(signal)) {
            try {
                await step();
                return;
            } catch (error) {
                this.#miss(reason(error));
                await pause(backoff.next(), signal);
            }
        }
    }

    #miss(what: string): void {
        if (what !== "" && what !== this.#missing) say(`${this.title}: ${what}`);
        this.#missing = what;
        this.#changed();
    }

    #container(spec: ContainerSpec, record: ContainerRecord | undefined, isInit: boolean): PodContainer {
        const { restartPolicy, terminationGracePeriodSeconds } = this.#object.spec;
        const { namespace, name } = this.#object.metadata;
        const changed = () => {
            this.#changed();
        };
        if (knownImage(spec.image) === undefined) {
            const canBeReady = () => this.#host.canBeReady(this, spec, this.#ending.signal);
            return new SimulatedContainer({
                spec,
                record,
                ends: isInit || restartPolicy !== "Always",
                canBeReady,
                changed,
            });
        }
        const log = join(podLogFolder(namespace, name), `${spec.name}.log`);
        return new ProcessContainer({
            spec,
            title: `${this.title}/${spec.name}`,
            podIp: () => this.#podIp,
            record,
            isInit,
            restartPolicy,
            graceSeconds: terminationGracePeriodSeconds,
            log,
            start: () => this.#launch(spec, log),
            changed,
        });
    }

    async #launch(spec: ContainerSpec, log: string) {
        const sources = {
            pod: this.#object,
            place: this.#place(),
            apiAddress: this.#host.apiAddress,
            read: this.#config.read.bind(this.#config),
        };
        const etc = writeEtc(podDataFolder(this.uid), this.#object, this.#podIp);
        const network = this.#needsNetwork() ? networkFile(this.uid) : undefined;
        return launch({ spec, volumes: this.#volumes, etc, network, log }, sources);
    }

    /** A Secret or ConfigMap may have changed, or a token is to be renewed. */
    #rewriteSoon(): void {
        if (!this.#isPrepared || !this.#hasProcesses()) return;
        clearTimeout(this.#rewriting);
        this.#rewriting = setTimeout(() => {
            if (this.#isEnding()) return;
            this.#volumes.write().catch((error: unknown) => {
                say(`${this.title}: a volume stays as it was: ${reason(error)}`);
            });
        }, WRITE_TOGETHER_MS);
    }

    #changed(): void {
        if (!this.#isRemoved()) saveState(this.#state());
        this.#reporter.mark();
        this.#host.changed(this);
    }

    #isRemoved(): boolean {
        return this.#isEnding() && !this.#isPrepared;
    }

    #state(): PodState {
        const { namespace, name } = this.#object.metadata;
        return {
            uid: this.uid,
            namespace,
            name,
            podIp: this.#podIp,
            startTime: this.#startTime,
            graceSeconds: this.#object.spec.terminationGracePeriodSeconds,
            containers: Object.fromEntries(
                [...this.#init, ...this.#containers].map((container) => [container.name, container.record]),
            ),
        };
    }

    #facts(): PodFacts {
        return {
            pod: this.#object,
            init: this.#init,
            containers: this.#containers,
            ...this.#place(),
            startTime: this.#startTime,
            missing: this.#missing,
            ending: this.#isEnding(),
        };
    }

    #place() {
        return { podIp: this.#podIp, nodeIp: this.#host.nodeIp };
    }

    #isEnding(): boolean {
        return this.#ending.signal.aborted;
    }

    #hasProcesses(): boolean {
        const { initContainers, containers } = this.#object.spec;
        return [...initContainers, ...containers].some(({ image }) => knownImage(image) !== undefined);
    }

    #needsNetwork(): boolean {
        return !this.#object.spec.hostNetwork && this.#hasProcesses();
    }
}

/** What the API server knows of the containers of a pod that this host has forgotten. */
function recordsOf({ status }: PodObject): Readonly<Record<string, ContainerRecord>> {
    return Object.fromEntries(
        [...status.initContainerStatuses, ...status.containerStatuses].map(
            ({ name, restartCount, containerID }) => [
                name,
                CONTAINER_RECORD.parse({
                    restartCount: containerID === "" ? restartCount : restartCount + 1,
                }),
            ],
        ),
    );
}

/** Read anew: it may have changed during a wait. */
function isAborted(signal: AbortSignal): boolean {
    return signal.aborted;
}
