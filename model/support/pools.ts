import { parseRange } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Pool } from "../resolved.ts";

/** What is wrong with pools of addresses, whoever gives them out. */
export function poolProblems(pools: readonly Pool[], path: string): Problem[] {
    if (pools.length === 0) {
        return [{ path, rule: "names no pool: no Service would get an address", fix: "name at least one" }];
    }
    const names = pools.map(({ name }) => name);
    return pools.flatMap(({ name, addresses }, index) => [
        ...(names.indexOf(name) < index
            ? [{ path: `${path}.${name}`, rule: "is the name of two pools", fix: "rename one" }]
            : []),
        ...(addresses.length > 0
            ? []
            : [{ path: `${path}.${name}`, rule: "has no addresses", fix: "name at least one address" }]),
        ...addresses
            .filter((text) => parseRange(text) === undefined)
            .map((text) => ({
                path: `${path}.${name}`,
                value: show(text),
                rule: "is not a CIDR, a range or one address",
                fix: 'write it as "192.168.10.200-192.168.10.219", "192.168.10.192/27" or "192.168.10.200"',
            })),
    ]);
}

/** What MetalLB lacks. Its selectors see a Service's own labels; Cilium adds the Service's name and namespace to them. */
export function metalLbPoolProblems(pools: readonly Pool[], path: string): Problem[] {
    return pools.flatMap(({ name, serviceSelector }) =>
        [
            ...Object.keys(serviceSelector?.matchLabels ?? {}),
            ...(serviceSelector?.matchExpressions ?? []).map(({ key }) => key),
        ]
            .filter((key) => key.startsWith("io.kubernetes.service."))
            .map((key) => ({
                path: `${path}.${name}.serviceSelector`,
                value: show(key),
                rule: "is a label that only Cilium adds to Services: MetalLB would find it on none",
                fix: "select by a label that the Services have",
            })),
    );
}

/** What LB-IPAM lacks. */
export function lbIpamPoolProblems(pools: readonly Pool[], path: string): Problem[] {
    return pools
        .filter(({ autoAssign }) => !autoAssign)
        .map(({ name }) => ({
            path: `${path}.${name}.autoAssign`,
            value: show(false),
            rule: "is MetalLB's: LB-IPAM gives out the addresses of every pool",
            fix: "leave it out, and limit the pool by a serviceSelector",
        }));
}
