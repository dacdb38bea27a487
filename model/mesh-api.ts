import type { Cluster, Mesh, Peer } from "./resolved.ts";

/** The domain that Cilium's charts have by default. Every certificate holds its names. */
export const MESH_DOMAIN = "mesh.cilium.io";

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

/** The domain in which members call each other, where one is reached at several addresses. */
export function meshDomainOf({ domains = [] }: Pick<Mesh, "domains">): string {
    return domains[0] ?? MESH_DOMAIN;
}

/** Whether a peer is told to its pods by a name in the mesh's domain: one address, or a name, is used as it is. */
export function isCalledByDomain({ addresses }: Pick<Peer, "addresses">): boolean {
    return addresses.length > 1;
}
