import * as pulumi from "@pulumi/pulumi";

import { formatAddress, parseRange } from "../../model/net/range.ts";
import type { Problem } from "../../model/problem.ts";
import type { Pool } from "../../model/resolved.ts";
import { ciliumVersionProblems } from "../../model/support/cilium-apis.ts";
import { lbIpamPoolProblems, poolProblems } from "../../model/support/pools.ts";
import { ciliumObject } from "../announcing/cilium-object.ts";
import { defined } from "../announcing/defined.ts";
import { refuse } from "../refuse.ts";

const TYPE = "multicluster:load-balancing:LbIpam";
const KIND = "CiliumLoadBalancerIPPool";

export interface LbIpamArgs {
    /** The version of the Cilium that is running: it decides the API version. */
    readonly ciliumVersion: string;
    /** The pools to give addresses from; at least one. `autoAssign: false` is refused: LB-IPAM has no such thing. */
    readonly pools: readonly Pool[];
}

/**
 * Pools for Cilium's own LB-IPAM, which sleeps until there is one. Its CRD is registered by Cilium's operator: make this
 * depend on a gate that waits for it.
 *
 * @see https://docs.cilium.io/en/stable/network/lb-ipam/
 */
export class LbIpam extends pulumi.ComponentResource {
    /** One for each pool, in their order. */
    readonly resources: readonly pulumi.Resource[];

    constructor(name: string, args: LbIpamArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`LbIpam ${name}`, problemsOf(args));
        super(TYPE, name, { ...args }, opts);

        const { ciliumVersion } = args;
        this.resources = args.pools.map((pool) =>
            ciliumObject(
                `${name}-${pool.name}`,
                { ciliumVersion, kind: KIND, metadata: { name: pool.name }, spec: poolSpec(pool) },
                { parent: this },
            ),
        );

        this.registerOutputs({ pools: args.pools.map((pool) => pool.name) });
    }
}

function problemsOf({ ciliumVersion, pools }: LbIpamArgs): Problem[] {
    return [
        ...ciliumVersionProblems(ciliumVersion, "ciliumVersion"),
        ...poolProblems(pools, "pools"),
        ...lbIpamPoolProblems(pools, "pools"),
    ];
}

function poolSpec({ addresses, serviceSelector }: Pool) {
    return defined({ blocks: addresses.map(block), serviceSelector });
}

function block(text: string) {
    const range = parseRange(text);
    return range === undefined || range.prefix !== undefined
        ? { cidr: text }
        : {
              start: formatAddress(range.first, range.family),
              stop: formatAddress(range.last, range.family),
          };
}
