import { z } from "zod";

import { address, cidr, dnsLabel } from "./scalars.ts";
import { strict } from "./strict.ts";

const shared = {
    /** How many pods answer; more than one is spread over nodes and kept by a disruption budget. @default 1 */
    replicas: z.int().min(1).max(10).optional(),
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
