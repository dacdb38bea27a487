import type { CiliumArgs } from "../components/cilium/cilium.ts";
import { KEEP_OLD_KEY, type IpsecKey } from "../components/cilium/ipsec-key.ts";
import { API_PORT } from "../model/api.ts";
import { MESH_DOMAIN, meshApiAddresses, meshDomainOf } from "../model/mesh-api.ts";
import type { Cluster, Mesh } from "../model/resolved.ts";
import { isRotated, trustOf, type Trust } from "../model/trust.ts";
import type { SecretSource } from "./secrets.ts";

/** Where a member's network is described. */
export interface CiliumSources {
    /** The cluster, as the mesh was resolved. */
    readonly cluster: Cluster;
    /** The mesh it is a member of. */
    readonly mesh: Mesh;
    /** The key of IPsec, where it is made here. @default - one that is brought, or none */
    readonly ipsecKey?: Pick<IpsecKey, "key">;
    /** Where its other secrets come from. */
    readonly secrets: SecretSource;
}

/** Cilium as a member of the mesh has it. */
export function ciliumArgs({ cluster, mesh, ipsecKey, secrets }: CiliumSources): CiliumArgs {
    const { podCidrs, clusterDomain, meshApi, loadBalancers, peers } = cluster;
    const { encryption, ...cilium } = cluster.cilium;
    return {
        ...cilium,
        clusterName: cluster.name,
        clusterId: cluster.id,
        maxConnectedClusters: mesh.maxConnectedClusters,
        podCidrs,
        clusterDomain,
        ...(cluster.kubernetes === undefined
            ? {}
            : { apiServer: { host: cluster.api.address, port: cluster.api.port ?? API_PORT } }),
        meshApi,
        loadBalancers,
        peers,
        ...(mesh.domains === undefined ? {} : { meshDomain: meshDomainOf(mesh) }),
        ...trustArgs(mesh),
        ...(mesh.certificates.method === "certgen"
            ? {
                  certgen: {
                      validityHours: mesh.certificates.leafValidityHours,
                      extraServerNames: serverNames(cluster, mesh),
                  },
              }
            : {}),
        ...(encryption.type === "ipsec"
            ? encryption.key === undefined
                ? { encryption: { type: "ipsec", keepOldKey: KEEP_OLD_KEY }, ipsecKey: ipsecKey?.key }
                : { encryption: { type: "ipsec" }, ipsecKey: secrets.get(encryption.key.fromConfig) }
            : { encryption }),
        ...(mesh.ciliumUpgrade === undefined ? {} : { upgradeFrom: mesh.ciliumUpgrade.from }),
    };
}

/**
 * Names and addresses of a mesh API that its certificate must have beside those in `mesh.cilium.io`, which every one has: peers
 * are told one of them, and verify it.
 */
export function serverNames(
    cluster: Pick<Cluster, "meshApi" | "servers">,
    { domains = [] }: Pick<Mesh, "domains">,
): { readonly dnsNames?: readonly string[]; readonly ipAddresses: readonly string[] } {
    const dnsNames = [
        ...domains.filter((domain) => domain !== MESH_DOMAIN).map((domain) => `*.${domain}`),
        ...(cluster.meshApi.names ?? []),
    ];
    return { ipAddresses: meshApiAddresses(cluster), ...(dnsNames.length === 0 ? {} : { dnsNames }) };
}

/** Whom a cluster trusts, once the mesh has another CA than its first. */
export function trustArgs(mesh: Mesh): { readonly trust?: Trust } {
    const trust = trustOf(mesh.certificates);
    return isRotated(trust) ? { trust } : {};
}
