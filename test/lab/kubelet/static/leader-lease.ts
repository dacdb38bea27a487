import { z } from "zod";

import { ApiError, type ApiClient } from "../api/client.ts";
import { microTimestamp } from "../timestamp.ts";

/** How leaders are elected. */
export interface LeaderLeaseSettings {
    readonly identity: string;
    readonly lease: { readonly namespace: string; readonly name: string };
    readonly leaseSeconds: number;
    readonly renewSeconds: number;
}

const LEASE = z.object({
    metadata: z.object({ resourceVersion: z.string() }),
    spec: z
        .object({
            holderIdentity: z.string().nullish(),
            renewTime: z.string().nullish(),
            leaseDurationSeconds: z.number().nullish(),
            leaseTransitions: z.number().nullish(),
        })
        .default({}),
});

/** A Lease that at most one of several holds, by the rules of Kubernetes' own leader election. */
export class LeaderLease {
    readonly #client: ApiClient;
    readonly #settings: LeaderLeaseSettings;
    /** What was seen last of another holder, and since when: clocks of hosts are not compared. */
    #seen: { readonly renewed: string; readonly at: number } | undefined;
    #renewedAt = 0;

    constructor(client: ApiClient, settings: LeaderLeaseSettings) {
        this.#client = client;
        this.#settings = settings;
    }

    /** Renews the lead, or takes it when it is free. Without an answer of the API, who leads goes on for a while. */
    async tryToLead(): Promise<boolean> {
        try {
            const leads = await this.#ask();
            if (leads) this.#renewedAt = Date.now();
            else this.#renewedAt = 0;
            return leads;
        } catch (error) {
            if (Date.now() - this.#renewedAt < this.#settings.renewSeconds * 1000) return true;
            throw error;
        }
    }

    /** Gives up the lead, so that another one need not wait for it. */
    async release(): Promise<void> {
        const found = await this.#client.find(this.#path());
        if (found === undefined) return;
        const { metadata, spec } = LEASE.parse(found);
        if (spec.holderIdentity !== this.#settings.identity) return;
        await this.#write(metadata.resourceVersion, { holderIdentity: "", leaseDurationSeconds: 1 });
    }

    async #ask(): Promise<boolean> {
        const { identity, leaseSeconds } = this.#settings;
        const found = await this.#client.find(this.#path());
        const now = microTimestamp();
        const mine = { holderIdentity: identity, leaseDurationSeconds: leaseSeconds, renewTime: now };
        if (found === undefined) return this.#create({ ...mine, acquireTime: now, leaseTransitions: 0 });
        const { metadata, spec } = LEASE.parse(found);
        if (spec.holderIdentity === identity) return this.#write(metadata.resourceVersion, mine);
        if (!this.#isFree(spec)) return false;
        const leaseTransitions = (spec.leaseTransitions ?? 0) + 1;
        return this.#write(metadata.resourceVersion, { ...mine, acquireTime: now, leaseTransitions });
    }

    #isFree({ holderIdentity, renewTime, leaseDurationSeconds }: z.infer<typeof LEASE>["spec"]): boolean {
        if (holderIdentity === undefined || holderIdentity === null || holderIdentity === "") return true;
        const renewed = `${holderIdentity} ${renewTime ?? ""}`;
        if (this.#seen?.renewed !== renewed) this.#seen = { renewed, at: Date.now() };
        const seconds = leaseDurationSeconds ?? this.#settings.leaseSeconds;
        return Date.now() - this.#seen.at > seconds * 1000;
    }

    async #create(spec: unknown): Promise<boolean> {
        const { namespace, name } = this.#settings.lease;
        return unlessLate(
            this.#client.post(this.#collection(), {
                apiVersion: "coordination.k8s.io/v1",
                kind: "Lease",
                metadata: { namespace, name },
                spec,
            }),
        );
    }

    /** With the version that was read, so that of two only one succeeds. */
    async #write(resourceVersion: string, spec: unknown): Promise<boolean> {
        return unlessLate(this.#client.patch(this.#path(), "merge", { metadata: { resourceVersion }, spec }));
    }

    #collection(): string {
        return `/apis/coordination.k8s.io/v1/namespaces/${this.#settings.lease.namespace}/leases`;
    }

    #path(): string {
        return `${this.#collection()}/${this.#settings.lease.name}`;
    }
}

/** Whether nobody else was first. */
async function unlessLate(asked: Promise<unknown>): Promise<boolean> {
    try {
        await asked;
        return true;
    } catch (error) {
        if (error instanceof ApiError && error.status === 409) return false;
        throw error;
    }
}
