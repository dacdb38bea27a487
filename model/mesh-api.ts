import type { Cluster } from "./resolved.ts";

/** The addresses at which a cluster's mesh API answers; its certificate names them. */
export function meshApiAddresses({ meshApi, servers }: Pick<Cluster, "meshApi" | "servers">): string[] {
    return meshApi.type === "LoadBalancer"
        ? [meshApi.address]
        : servers.flatMap(({ addresses }) => addresses.slice(0, 1));
}

/** Where its peers are told to connect: its first name, or its addresses. */
export function meshApiHosts(cluster: Pick<Cluster, "meshApi" | "servers">): string[] {
    const [name] = cluster.meshApi.names ?? [];
    return name === undefined ? meshApiAddresses(cluster) : [name];
}
