import { readFileSync } from "node:fs";

import { z } from "zod";

import { selects, SELECTOR } from "./selector.ts";
import type { ServiceObject } from "./service-objects.ts";

const METADATA = z.object({
    uid: z.string(),
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
});

/** What is read of MetalLB's L2Advertisement. */
export const L2_ADVERTISEMENT = z.object({
    metadata: METADATA,
    spec: z
        .object({
            ipAddressPools: z.array(z.string()).default([]),
            ipAddressPoolSelectors: z.array(SELECTOR).default([]),
            interfaces: z.array(z.string()).default([]),
        })
        .default({ ipAddressPools: [], ipAddressPoolSelectors: [], interfaces: [] }),
});

/** What is read of MetalLB's IPAddressPool. */
export const ADDRESS_POOL = z.object({ metadata: METADATA });

/** What is read of Cilium's CiliumL2AnnouncementPolicy. */
export const L2_POLICY = z.object({
    metadata: METADATA,
    spec: z
        .object({
            loadBalancerIPs: z.boolean().default(false),
            serviceSelector: SELECTOR.optional(),
            interfaces: z.array(z.string()).default([]),
        })
        .default({ loadBalancerIPs: false, interfaces: [] }),
});

type L2Advertisement = z.infer<typeof L2_ADVERTISEMENT>;
type AddressPool = z.infer<typeof ADDRESS_POOL>;
type L2Policy = z.infer<typeof L2_POLICY>;

/** Whether MetalLB would announce the addresses of a Service on a host with these devices. */
export function metalLbAnnounces(
    { metadata: { annotations } }: ServiceObject,
    advertisements: readonly L2Advertisement[],
    pools: readonly AddressPool[],
    devices: readonly string[],
): boolean {
    const poolName = annotations["metallb.io/ip-allocated-from-pool"];
    const pool = pools.find(({ metadata }) => metadata.name === poolName);
    if (pool === undefined) return false;
    return advertisements.some(({ spec: { ipAddressPools, ipAddressPoolSelectors, interfaces } }) => {
        const isForAll = ipAddressPools.length === 0 && ipAddressPoolSelectors.length === 0;
        const isForPool =
            isForAll ||
            ipAddressPools.includes(pool.metadata.name) ||
            ipAddressPoolSelectors.some((selector) => selects(selector, pool.metadata.labels));
        return isForPool && (interfaces.length === 0 || interfaces.some((name) => devices.includes(name)));
    });
}

/** Whether Cilium's agents would announce the addresses of a Service on a host with these devices. */
export function ciliumAnnounces(
    { metadata, spec }: ServiceObject,
    policies: readonly L2Policy[],
    devices: readonly string[],
): boolean {
    // As Cilium has them: a policy may select by these besides the Service's own labels.
    const labels = {
        ...metadata.labels,
        "io.kubernetes.service.name": metadata.name,
        "io.kubernetes.service.namespace": metadata.namespace,
    };
    if (spec.loadBalancerClass !== undefined && spec.loadBalancerClass !== "io.cilium/l2-announcer")
        return false;
    return policies.some(
        ({ spec: { loadBalancerIPs, serviceSelector, interfaces } }) =>
            loadBalancerIPs &&
            selects(serviceSelector, labels) &&
            (interfaces.length === 0 ||
                interfaces.some((pattern) => devices.some((name) => new RegExp(pattern).test(name)))),
    );
}

/** The network devices of this host. */
export function networkDevices(): string[] {
    const lines = readFileSync("/proc/net/dev", "utf8").split("\n").slice(2);
    return lines.map((line) => line.split(":", 1).join("").trim()).filter((name) => name !== "");
}
