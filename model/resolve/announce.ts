import type { AnnounceDescription } from "../description/announce.ts";
import type { PoolDescription } from "../description/load-balancer.ts";
import { parseRange, type Range } from "../net/range.ts";
import { subtract } from "../net/subtract.ts";
import type { Announce, Pool } from "../resolved.ts";
import { advertiseOf } from "../support/bgp-advertisements.ts";

/** A pool with what it gives out: whoever looks at its addresses need not know what is reserved. */
export function resolvePool(name: string, pool: PoolDescription): Pool {
    if (Array.isArray(pool)) return { name, addresses: pool, autoAssign: true };
    const { reserved, addresses, ...rest } = pool;
    return {
        ...rest,
        name,
        autoAssign: pool.autoAssign ?? true,
        ...(reserved === undefined
            ? { addresses }
            : {
                  addresses: without(addresses, reserved),
                  reserved: { of: addresses, addresses: reserved },
              }),
    };
}

function without(addresses: readonly string[], reserved: readonly string[]): string[] {
    const taken = ranges(reserved);
    return ranges(addresses).flatMap((range) => subtract(range, taken));
}

function ranges(texts: readonly string[]): Range[] {
    return texts.flatMap((text) => parseRange(text) ?? []);
}

export function resolveAnnounce(announce: AnnounceDescription): Announce {
    if (announce.mode !== "bgp") return announce;
    const several = Object.values(announce.advertisements ?? {}).flatMap(advertiseOf);
    const told = announce.advertisements === undefined ? ["LoadBalancerIP" as const] : [...new Set(several)];
    return { ...announce, advertise: announce.advertise ?? told };
}
