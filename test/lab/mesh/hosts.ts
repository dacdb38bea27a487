import { isIP } from "node:net";

import type { Cluster, Mesh } from "../../../model/resolved.ts";

/** A machine that a description expects to be there. */
export interface DescribedHost {
    readonly name: string;
    readonly address: string;
}

/** Every machine of a mesh. */
export function hostsOf({ clusters }: Pick<Mesh, "clusters">): DescribedHost[] {
    return clusters.flatMap((cluster) =>
        nodesOf(cluster).map(({ name, addresses: [address] }) => {
            if (address === undefined) throw new Error(`${name} has no address`);
            return { name, address };
        }),
    );
}

/** Servers, then agents. */
export function nodesOf({ servers, agents }: Pick<Cluster, "servers" | "agents">) {
    return [...servers, ...agents];
}

/**
 * The names that a description expects someone to resolve: those of APIs that several servers share, each with the address of
 * every server, as a DNS name with several addresses has them. An address that the servers hold themselves is no name.
 */
export function sharedNames({ clusters }: Pick<Mesh, "clusters">): Record<string, string[]> {
    return Object.fromEntries(
        clusters
            .filter(({ api }) => isIP(api.address) === 0)
            .map(({ api, servers }) => [
                api.address,
                servers.flatMap(({ addresses }) => addresses.slice(0, 1)),
            ]),
    );
}
