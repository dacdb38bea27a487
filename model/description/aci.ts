import { z } from "zod";

import { strict, text } from "./strict.ts";

const version = text(
    (value) => /^\d+\.\d+\(\d+[a-z]?\)$/.test(value),
    "must be a release of ACI",
    'write it as "6.0(5)" or "6.1(2f)"',
);

/**
 * The Cisco ACI fabric that the nodes are attached to, by a floating L3Out. Nothing is configured there: what is described here
 * is what the announcing by BGP is checked against.
 * https://www.cisco.com/c/en/us/td/docs/dcn/aci/apic/all/floating-l3outs/simplify-outside-network-connections-using-floating-l3outs.html
 */
export const aci = strict({
    /** The fabric's release, as "6.0(5)". Before 6.1(2), the nodes that speak BGP are all attached to anchor leaves, or none of them is. */
    version,
    /** The nodes that are attached to anchor leaves: those that hold the BGP sessions. @default - none */
    anchored: z.array(z.string().min(1)).min(1).optional(),
});

export type AciDescription = z.infer<typeof aci>;
