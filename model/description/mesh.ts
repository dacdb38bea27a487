import { z } from "zod";

import { certificates } from "./certificates.ts";
import { cilium } from "./cilium.ts";
import { cluster } from "./cluster.ts";
import { rke2 } from "./rke2.ts";
import { meshDomain } from "./scalars.ts";
import { ssh } from "./ssh.ts";
import { strict, text } from "./strict.ts";

const shared = {
    /** How many clusters the mesh can ever have; 511 halves the identities a cluster can have. Never changed later. @default 255 */
    maxConnectedClusters: z.union([z.literal(255), z.literal(511)]).optional(),
    /** Let clusters use the same Service range; their Services can then not be reached by address from elsewhere. @default false */
    sharedServiceCidrs: z.boolean().optional(),
    /**
     * DNS domains in which each cluster's mesh API is called `<cluster>.<domain>`, all of which its certificate holds, beside
     * `mesh.cilium.io`. Clusters call each other by the first one wherever a mesh API has several addresses and no name of its
     * own; no DNS is asked for it. To change it, write the new one after the old one, `up`, put it first, `up`, and only then take
     * the old one out; up to Cilium 1.19 the mesh API's pods restart when another one comes first.
     * @default ["mesh.cilium.io"]
     * @see https://docs.cilium.io/en/stable/helm-reference/
     */
    domains: z.array(meshDomain).min(1).max(10).optional(),
};

/** Who is connected with whom. */
export const topology = z.discriminatedUnion("topology", [
    strict({
        /** Every cluster with every other. */
        topology: z.literal("full"),
        ...shared,
    }),
    strict({
        /** Hubs with every cluster, the others only with the hubs. */
        topology: z.literal("hubs"),
        /** The clusters that are hubs. */
        hubs: z.array(z.string()).min(1),
        ...shared,
    }),
]);

/** A whole environment: its clusters, and what crosses them. */
export const mesh = strict({
    /** The environment's name; the CA carries it. */
    name: text(
        (value) => /^[a-z0-9]([-a-z0-9]{0,54}[a-z0-9])?$/.test(value),
        'must be 1 to 56 lower-case letters, digits and hyphens: with " mesh CA" it becomes a common name, and 64 is the most',
        'choose a name such as "prod"',
    ),
    /** RKE2, for every cluster. */
    rke2,
    /** Cilium, for every cluster. */
    cilium,
    /** How hosts are reached. @default - root at port 22, with the agent's keys */
    ssh: ssh.optional(),
    /** The clusters by name; at most 32 lower-case letters, digits and hyphens, and not `default`. Never changed later. */
    clusters: z.record(z.string(), cluster).refine((value) => Object.keys(value).length > 0, {
        error: "needs at least one cluster",
        params: { fix: "describe one under clusters, by its name" },
    }),
    /** Who is connected with whom. @default - every cluster with every other */
    mesh: topology.optional(),
    /** The CA, and how long certificates live. @default - a CA that is made here for ten years, certificates for one */
    certificates: certificates.optional(),
});

export type MeshDescription = z.infer<typeof mesh>;
