import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { Bgp, Pool } from "../../model/resolved.ts";
import { advertisementsOf, ONLY } from "../../model/support/bgp-advertisements.ts";
import { neighboursOf, type BgpPeer, type Instance } from "../../model/support/bgp-instances.ts";
import { metalLbObject, type MetalLbHome } from "./metal-lb-object.ts";
import { bfdProfile, bgpAdvertisement, bgpPeer, communityAliases } from "./metal-lb-specs.ts";

interface MetalLbBgpArgs {
    readonly version: string;
    readonly pools: readonly Pool[];
    readonly bgp: Bgp;
    /** Those of a session that names none. */
    readonly families: readonly ("ipv4" | "ipv6")[];
    /** By neighbour. */
    readonly passwords: Readonly<Record<string, pulumi.Input<string>>>;
}

/** What MetalLB needs to announce by BGP: the neighbours, then what they are told. */
export function metalLbBgp(home: MetalLbHome, args: MetalLbBgpArgs): pulumi.Resource[] {
    const { pools, bgp } = args;
    const peers = neighboursOf(bgp).flatMap(({ name, peer, instance }) =>
        neighbour(home, name, peer, instance, args),
    );
    const names = [...new Set(advertisementsOf(bgp).flatMap(({ communities = [] }) => communities))];
    const communities = names.length === 0 ? [] : [communityNames(home, names)];
    const advertisements = advertisementsOf(bgp).map((advertisement) => {
        const name = advertisement.name === ONLY ? ONLY : `bgp-${advertisement.name}`;
        // The names of communities mean nothing before they are defined.
        return metalLbObject(
            home,
            name,
            "BGPAdvertisement",
            name,
            bgpAdvertisement(pools, advertisement, bgp),
            { dependsOn: communities },
        );
    });
    return [...peers, ...communities, ...advertisements];
}

function neighbour(
    home: MetalLbHome,
    name: string,
    peer: BgpPeer,
    instance: Instance,
    { version, families, passwords }: MetalLbBgpArgs,
): pulumi.Resource[] {
    const password = passwords[name];
    const secretName = `bgp-password-${name}`;
    const secret = password === undefined ? [] : [passwordSecret(home, name, secretName, password)];
    const profile =
        peer.bfd === undefined
            ? []
            : [metalLbObject(home, `bfd-${name}`, "BFDProfile", name, bfdProfile(peer.bfd))];
    const spec = bgpPeer(name, peer, instance, {
        version,
        families,
        ...(password === undefined
            ? {}
            : { passwordSecret: { name: secretName, namespace: home.namespace } }),
    });
    const session = metalLbObject(home, `peer-${name}`, "BGPPeer", name, spec, {
        // Names alone do not show that a session needs its password and its profile.
        dependsOn: [...secret, ...profile],
        // MetalLB refuses to change it in place, and one name cannot be there twice.
        replaceOnChanges: ["spec.enableGracefulRestart"],
        deleteBeforeReplace: true,
    });
    return [...secret, ...profile, session];
}

/** MetalLB takes a password from a Secret of this type only. */
function passwordSecret(
    { component, name, namespace, ready }: MetalLbHome,
    peer: string,
    secretName: string,
    password: pulumi.Input<string>,
): k8s.core.v1.Secret {
    return new k8s.core.v1.Secret(
        `${name}-password-${peer}`,
        {
            metadata: { name: secretName, namespace },
            type: "kubernetes.io/basic-auth",
            stringData: { password: pulumi.secret(password) },
        },
        // The name alone does not show that the namespace must be there.
        { parent: component, dependsOn: ready },
    );
}

function communityNames(home: MetalLbHome, communities: readonly string[]): k8s.apiextensions.CustomResource {
    return metalLbObject(home, "communities", "Community", "communities", {
        communities: communityAliases(communities),
    });
}
