import type { Cluster } from "./resolved.ts";

/** Where a cluster's mesh API answers: what its peers are told, and what its certificate must name. */
export function meshApiAddresses({ meshApi, servers }: Pick<Cluster, "meshApi" | "servers">): string[] {
    return meshApi.type === "LoadBalancer"
        ? [meshApi.address]
        : servers.flatMap(({ addresses }) => addresses.slice(0, 1));
}
