import {
    advertisements,
    clusterConfigs,
    nodeOverrides,
    passwordSecret,
    sessions,
    type Named,
} from "../../../components/announcing/bgp-objects.ts";
import {
    bfdProfile,
    bgpAdvertisement,
    bgpPeer,
    communityAliases,
    ipAddressPool,
} from "../../../components/load-balancing/metal-lb-specs.ts";
import type { Bgp, Pool } from "../../../model/resolved.ts";
import { advertisementsOf } from "../../../model/support/bgp-advertisements.ts";
import { neighboursOf } from "../../../model/support/bgp-instances.ts";
import { Objects } from "./objects.ts";
import type { Family } from "./speaker.ts";

/** A cluster with one node and one Service, as it is described. */
export interface Described {
    readonly node: { readonly name: string; readonly address: string };
    readonly bgp: Bgp;
    readonly families: readonly Family[];
    /** The addresses of the Service. */
    readonly addresses: readonly string[];
    /** Of every neighbour that is described with one. */
    readonly password: string;
}

const NAMESPACE = "metallb-system";

/** The objects that Cilium's agent finds for a description. */
export function ciliumObjects({ bgp, families, password, ...cluster }: Described): Objects {
    const shared = sessions(bgp, families);
    const secrets = new Set(neighboursOf(bgp).flatMap(({ name }) => passwordSecret(bgp, name) ?? []));
    const of = (kind: string) => (made: Named) => object(kind, made);
    return new Objects([
        ...surroundings(cluster),
        ...[...secrets].map((name) => secret(name, "kube-system", password)),
        ...shared.map(({ name, spec }) => object("CiliumBGPPeerConfig", { name, spec })),
        ...advertisements(bgp).map(of("CiliumBGPAdvertisement")),
        ...nodeOverrides(bgp).map(of("CiliumBGPNodeConfigOverride")),
        ...clusterConfigs(bgp, shared).map(of("CiliumBGPClusterConfig")),
    ]);
}

/** The objects that MetalLB finds for the same description. */
export function metalLbObjects({ bgp, families, password, ...cluster }: Described): Objects {
    const pool: Pool = { name: "mesh", addresses: [...cluster.addresses], autoAssign: true };
    const communities = [...new Set(advertisementsOf(bgp).flatMap((one) => one.communities ?? []))];
    const named = (kind: string, name: string, spec: object) =>
        object(kind, { name, namespace: NAMESPACE, spec });
    return new Objects([
        ...surroundings(cluster),
        named("IPAddressPool", pool.name, ipAddressPool(pool)),
        named("Community", "communities", { communities: communityAliases(communities) }),
        ...neighboursOf(bgp).flatMap(({ name, peer, instance }) => {
            const hasPassword = peer.password !== undefined;
            const reference = { name: `password-${name}`, namespace: NAMESPACE };
            return [
                ...(peer.bfd === undefined ? [] : [named("BFDProfile", name, bfdProfile(peer.bfd))]),
                ...(hasPassword
                    ? [secret(reference.name, NAMESPACE, password, "kubernetes.io/basic-auth")]
                    : []),
                named(
                    "BGPPeer",
                    name,
                    bgpPeer(name, peer, instance, {
                        version: "0.16.1",
                        families,
                        ...(hasPassword ? { passwordSecret: reference } : {}),
                    }),
                ),
            ];
        }),
        ...advertisementsOf(bgp).map((one) =>
            named("BGPAdvertisement", one.name, bgpAdvertisement([pool], one, bgp)),
        ),
    ]);
}

function surroundings({ node, addresses }: Pick<Described, "node" | "addresses">) {
    return [
        {
            kind: "Node",
            metadata: { name: node.name },
            status: { addresses: [{ type: "InternalIP", address: node.address }] },
        },
        {
            kind: "Service",
            metadata: { name: "clustermesh-apiserver", namespace: "kube-system" },
            spec: { externalTrafficPolicy: "Cluster" },
            status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } },
        },
    ];
}

function object(
    kind: string,
    {
        name,
        namespace,
        labels,
        spec,
    }: { name: string; namespace?: string; labels?: Record<string, string>; spec: object },
) {
    return { kind, metadata: { name, namespace, labels }, spec };
}

function secret(name: string, namespace: string, password: string, type = "Opaque") {
    const data = { password: Buffer.from(password, "utf8").toString("base64") };
    return { kind: "Secret", metadata: { name, namespace }, type, data };
}
