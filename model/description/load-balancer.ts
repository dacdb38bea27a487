import { z } from "zod";

import { announce } from "./announce.ts";
import { chart } from "./chart.ts";
import { dnsLabel, labelSelector, range } from "./scalars.ts";
import { strict, text } from "./strict.ts";

const version = text(
    (value) => /^\d+\.\d+\.\d+$/.test(value),
    "must be a full version",
    'write it as "0.16.1"',
);

/** A pool with more to say than its addresses. */
export const poolDetail = strict({
    /** CIDRs, `first-last` ranges or single addresses. */
    addresses: z.array(range).min(1),
    /** Addresses of these that no Service shall get, such as a network's first and last, or a router's. @default - none */
    reserved: z.array(range).min(1).optional(),
    /** Whether Services get an address of this pool without asking for it. MetalLB only. @default true */
    autoAssign: z.boolean().optional(),
    /** The Services that may have an address of this pool. @default - all */
    serviceSelector: labelSelector.optional(),
});

/** The addresses of a pool, or those and more. */
export const pool = z.union([z.array(range).min(1), poolDetail]);

const pools = z.record(dnsLabel, pool).refine((value) => Object.keys(value).length > 0, {
    error: "needs at least one pool: the mesh API takes its address from the first",
    params: { fix: 'add one, for example pools: { mesh: ["192.168.10.200-192.168.10.219"] }' },
});

const CLASS = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

const loadBalancerClass = text(
    (value) => CLASS.test(value) && !value.startsWith("io.cilium/"),
    "must be a label key that is not Cilium's own: an optional DNS prefix and a slash, then a name",
    'write it as "metallb.io/metallb"',
);

/** MetalLB gives addresses and announces them. */
export const metalLb = strict({
    provider: z.literal("metallb"),
    /** The chart's version. @default "0.16.1" */
    version: version.optional(),
    /** Where the chart comes from. @default - https://metallb.github.io/metallb */
    chart: chart.optional(),
    /** Address pools by name. The mesh API's address is the first of the first pool, unless `meshApi` says otherwise. */
    pools,
    /** Serve only Services of this `spec.loadBalancerClass`. @default - Services without a class */
    loadBalancerClass: loadBalancerClass.optional(),
});

/** Cilium's own LB-IPAM gives addresses; Cilium announces them. */
export const lbIpam = strict({
    provider: z.literal("lb-ipam"),
    /** Address pools by name. The mesh API's address is the first of the first pool, unless `meshApi` says otherwise. */
    pools,
});

/** Who gives addresses to Services of type LoadBalancer. */
export const loadBalancer = z.discriminatedUnion("provider", [metalLb, lbIpam]);

/** A second load balancer beside the first, while moving from one to the other. */
export const nextLoadBalancer = strict({
    /** The load balancer to move to. */
    loadBalancer,
    /** How it announces its addresses. */
    announce,
});

export type LoadBalancerDescription = z.infer<typeof loadBalancer>;
export type PoolDescription = z.infer<typeof pool>;
