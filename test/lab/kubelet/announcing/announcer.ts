import { z } from "zod";

import type { ApiClient } from "../api/client.ts";
import { Watched, type Identified } from "../api/watched.ts";
import { reason, say } from "../log.ts";
import {
    ADDRESS_POOL,
    ciliumAnnounces,
    L2_ADVERTISEMENT,
    L2_POLICY,
    metalLbAnnounces,
    networkDevices,
} from "./announcement.ts";
import {
    balancedAddresses,
    ENDPOINT_SLICE,
    holderOf,
    SERVICE,
    shiftedPorts,
    slicesOf,
    type ServiceObject,
} from "./service-objects.ts";

/** Whom an announcer stands in for. */
export type AnnouncerKind = "cilium" | "metallb";

/** The addresses that each pod is to answer at, by the pod's uid. */
export type Holdings = ReadonlyMap<string, ReadonlySet<string>>;

/** What an announcer is made of. */
export interface AnnouncerArgs {
    readonly kind: AnnouncerKind;
    /** The namespace of the pod that it stands in for. */
    readonly namespace: string;
    /** Asks with the rights of that pod's service account, which its chart has given it. */
    readonly client: ApiClient;
    /** Called with all that is to be announced in the cluster, once that is known and after each change. */
    readonly decided: (holdings: Holdings) => void;
}

/** Objects of whatever kind. */
interface Followed {
    objects(): Promise<unknown>;
    stop(): void;
}

const CONFIG = z.object({ data: z.record(z.string(), z.string()) });

/**
 * Simulated: what MetalLB's speaker or Cilium's agent does for the addresses of load balancers. Those answer for an address
 * and pass what comes in to a ready pod; here the first ready pod of the Service has the address itself. Whether an address
 * is announced at all is decided as they do, from the same objects. Not looked at: the node selectors of these objects.
 */
export class Announcer {
    readonly #args: AnnouncerArgs;
    readonly #watched: Followed[] = [];
    readonly #said = new Set<string>();
    #isStopped = false;

    constructor(args: AnnouncerArgs) {
        this.#args = args;
        this.#begin().catch((error: unknown) => {
            say(`announcing for ${args.kind} has not begun: ${reason(error)}`);
        });
    }

    stop(): void {
        this.#isStopped = true;
        for (const watched of this.#watched) watched.stop();
    }

    async #begin(): Promise<void> {
        const { kind, namespace, client } = this.#args;
        if (kind === "metallb") {
            await this.#announceFor(
                {
                    path: `/apis/metallb.io/v1beta1/namespaces/${namespace}/l2advertisements`,
                    schema: L2_ADVERTISEMENT,
                },
                {
                    path: `/apis/metallb.io/v1beta1/namespaces/${namespace}/ipaddresspools`,
                    schema: ADDRESS_POOL,
                },
                metalLbAnnounces,
            );
            return;
        }
        // An agent takes over its configuration when it starts, and is started again when that changes.
        const config = CONFIG.parse(
            await client.get(`/api/v1/namespaces/${namespace}/configmaps/cilium-config`),
        );
        if (config.data["enable-l2-announcements"] !== "true") return;
        await this.#announceFor(
            { path: "/apis/cilium.io/v2alpha1/ciliuml2announcementpolicies", schema: L2_POLICY },
            undefined,
            (service, policies, _, devices) => ciliumAnnounces(service, policies, devices),
        );
    }

    /** Follows the Services and what is said of their announcement, and decides anew whenever one of these changes. */
    async #announceFor<P extends Identified, Q extends Identified>(
        policy: { path: string; schema: z.ZodType<P> },
        pool: { path: string; schema: z.ZodType<Q> } | undefined,
        announces: (
            service: ServiceObject,
            policies: readonly P[],
            pools: readonly Q[],
            devices: readonly string[],
        ) => boolean,
    ): Promise<void> {
        let isComplete = false;
        const decide = async () => {
            const [services, slices, policies, pools] = await Promise.all([
                serviceList.objects(),
                sliceList.objects(),
                policyList.objects(),
                poolList?.objects() ?? [],
            ]);
            if (!isComplete || this.#isStopped) return;
            const devices = networkDevices();
            const holdings = new Map<string, Set<string>>();
            for (const service of services) {
                const addresses = balancedAddresses(service);
                const own = slicesOf(service, slices);
                const holder = holderOf(own);
                if (addresses.length === 0 || holder === undefined) continue;
                if (!announces(service, policies, pools, devices)) {
                    this.#say(
                        `${addresses.join(", ")} of ${service.metadata.name} is not announced: no object says so`,
                    );
                    continue;
                }
                for (const port of shiftedPorts(service, own)) {
                    this.#say(
                        `port ${port} of ${service.metadata.name} is not reached: its pods have another one`,
                    );
                }
                holdings.set(holder, new Set([...(holdings.get(holder) ?? []), ...addresses]));
            }
            this.#args.decided(holdings);
        };
        const changed = () => {
            decide().catch((error: unknown) => {
                say(`announcing for ${this.#args.kind}: ${reason(error)}`);
            });
        };
        const { client } = this.#args;
        const follow = <T extends Identified>(path: string, schema: z.ZodType<T>): Watched<T> => {
            const watched = new Watched(client, { path, schema }, changed);
            this.#watched.push(watched);
            return watched;
        };
        const serviceList = follow("/api/v1/services", SERVICE);
        const sliceList = follow("/apis/discovery.k8s.io/v1/endpointslices", ENDPOINT_SLICE);
        const policyList = follow(policy.path, policy.schema);
        const poolList = pool === undefined ? undefined : follow(pool.path, pool.schema);
        await Promise.all(this.#watched.map((watched) => watched.objects()));
        isComplete = true;
        await decide();
    }

    #say(message: string): void {
        if (!this.#said.has(message)) say(message);
        this.#said.add(message);
    }
}
