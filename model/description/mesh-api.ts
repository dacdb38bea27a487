import { z } from "zod";

import { address, cidr, dnsLabel, fullName, labelValue } from "./scalars.ts";
import { strict } from "./strict.ts";

const shared = {
    /** How many pods answer; more than one is spread over nodes and kept by a disruption budget. @default 1 */
    replicas: z.int().min(1).max(10).optional(),
    /**
     * Full DNS names of it, all of which its certificate holds; other clusters connect to the first. Your DNS must answer for
     * it in the pods of every other cluster, with the address of the load balancer or of the servers. To change it, write the
     * new name after the old one, `up`, then put it first.
     * @default - other clusters connect to its address, or to each of its servers'
     */
    names: z.array(fullName).min(1).max(10).optional(),
};

/** How other clusters reach this cluster's mesh API (clustermesh-apiserver). */
export const meshApi = z.discriminatedUnion("type", [
    strict({
        type: z.literal("LoadBalancer"),
        ...shared,
        /** Its fixed address. @default - the first address of the pool */
        address: address.optional(),
        /** The pool it is taken from. @default - the first pool */
        pool: dnsLabel.optional(),
        /** Who may reach it. Cilium 1.17 and later. @default - anyone */
        sourceRanges: z.array(cidr).min(1).optional(),
        /** Let other Services answer at the same address, on other ports (https://docs.cilium.io/en/stable/network/lb-ipam/#sharing-keys, https://metallb.io/usage/#ip-address-sharing). @default - the address is its own */
        sharing: strict({
            /** The same text in an annotation of all Services that share the address, at most 63 characters. */
            key: labelValue,
            /** The namespaces of the other Services. LB-IPAM only: MetalLB lets any namespace share. @default - kube-system alone */
            namespaces: z.array(dnsLabel).min(1).optional(),
        }).optional(),
        /** Further annotations of its Service. @default - none */
        annotations: z.record(z.string(), z.string()).optional(),
    }),
    strict({
        type: z.literal("NodePort"),
        ...shared,
        /** The port on every node, 30000 to 32767; up to Cilium 1.18 another one in every cluster. @default 32379 */
        nodePort: z.int().optional(),
    }),
]);
