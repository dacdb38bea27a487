import { z } from "zod";

import { isCalledByDomain, MESH_DOMAIN, meshDomainOf } from "../model/mesh-api.ts";
import { show, type Problem } from "../model/problem.ts";

const shown = z.object({
    meshDomains: z.array(z.string()).optional(),
    peers: z.array(z.object({ name: z.string(), addresses: z.array(z.string()) })),
});

type Shown = z.infer<typeof shown>;

/**
 * Why a cluster cannot call its peers by another domain at once. All clusters change side by side: a peer's certificate may get
 * the names of a new domain after this cluster uses them, or lose those of the old one before. `before` and `after` are what its
 * component shows.
 */
export function meshDomainChangeProblems(before: unknown, after: unknown): Problem[] {
    const [old, next] = [shown.safeParse(before).data, shown.safeParse(after).data];
    if (old === undefined || next === undefined) return [];
    const [was, is] = [old, next].map(({ meshDomains }) => meshDomainOf({ domains: meshDomains ?? [] }));
    if (was === undefined || is === undefined || was === is) return [];
    // Who joins has a certificate for what is described now.
    const called = (by: Shown, other: Shown) =>
        by.peers
            .filter(isCalledByDomain)
            .map(({ name }) => name)
            .filter((name) => other.peers.some((peer) => peer.name === name));
    const at = { path: "mesh.domains", value: show(next.meshDomains ?? [MESH_DOMAIN]) };
    const [hold, keep] = [called(next, old), called(old, next)];
    if (hold.length > 0 && !holds(old, is)) {
        return [
            {
                ...at,
                rule: `begins with ${show(is)}, which the certificates of ${hold.join(", ")} do not hold until this change has reached them`,
                fix: `write ${show([was, is])} first, run pulumi up until it has reached every cluster, and put ${show(is)} first in a change after that`,
            },
        ];
    }
    return keep.length > 0 && !holds(next, was)
        ? [
              {
                  ...at,
                  rule: `leaves out ${show(was)}, by which ${keep.join(", ")} may still be called when their certificates lose it`,
                  fix: `write ${show([is, was])} first, run pulumi up until it has reached every cluster, and take ${show(was)} out in a change after that`,
              },
          ]
        : [];
}

/** Whether the certificates of those who are told so hold a domain. */
function holds({ meshDomains = [] }: Shown, domain: string): boolean {
    return domain === MESH_DOMAIN || meshDomains.includes(domain);
}
