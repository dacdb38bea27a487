import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { Problem } from "../../model/problem.ts";
import type { Bgp } from "../../model/resolved.ts";
import { ciliumVersionProblems, type CiliumKind } from "../../model/support/cilium-apis.ts";
import { twice } from "../../model/support/bgp.ts";
import { bgpProblems } from "../../model/support/cilium-bgp.ts";
import { refuse } from "../refuse.ts";
import { peersOf } from "../../model/support/bgp-instances.ts";
import {
    advertisements,
    clusterConfigs,
    nodeOverrides,
    passwordSecret,
    sessions,
    type Named,
} from "./bgp-objects.ts";
import { ciliumObject } from "./cilium-object.ts";
import { passwordProblems } from "./password-problems.ts";

const TYPE = "multicluster:announcing:BgpControlPlane";

export interface BgpControlPlaneArgs {
    /** The version of the Cilium that is running: it decides the API version and what is refused. */
    readonly ciliumVersion: string;
    /** The neighbours and what they are told. What this version cannot do is refused. */
    readonly bgp: Bgp;
    /** The address families of a session that names none: those of the cluster. At least one. */
    readonly families: readonly ("ipv4" | "ipv6")[];
    /** The TCP MD5 passwords of the neighbours that are described with one, by name. @default - none */
    readonly passwords?: Readonly<Record<string, pulumi.Input<string>>>;
    /** Where Cilium looks for passwords: the chart's `bgpControlPlane.secretsNamespace.name`. @default "kube-system" */
    readonly secretsNamespace?: string;
}

/**
 * Cilium's BGP control plane announces addresses to routers. It needs the chart's `bgpControlPlane.enabled`, and
 * `bpf.lbExternalClusterIP` where ClusterIPs are announced. Its CRDs are registered by Cilium's operator: make this depend on a
 * gate that waits for them.
 *
 * @see https://docs.cilium.io/en/stable/network/bgp-control-plane/bgp-control-plane/
 */
export class BgpControlPlane extends pulumi.ComponentResource {
    /** Everything that is made; the last one starts the sessions. */
    readonly resources: readonly pulumi.Resource[];

    readonly #name: string;
    readonly #ciliumVersion: string;

    constructor(name: string, args: BgpControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`BgpControlPlane ${name}`, problemsOf(args));
        const { ciliumVersion, bgp, families, secretsNamespace = "kube-system" } = args;
        super(TYPE, name, { ciliumVersion, bgp, families, secretsNamespace }, opts);
        this.#name = name;
        this.#ciliumVersion = ciliumVersion;

        const secrets = this.#secrets(bgp, args.passwords ?? {}, secretsNamespace);
        const shared = sessions(bgp, families);
        const peerConfigs = shared.map(({ name: session, spec, secret }) =>
            this.#object(
                "CiliumBGPPeerConfig",
                { role: "peer", name: session, suffix: session.replace(/^bgp/, ""), spec },
                // Cilium takes a password that is not there for an empty one, and a name does not show that it must be.
                secrets.filter(({ name }) => name === secret).map(({ secret: made }) => made),
            ),
        );
        const told = advertisements(bgp).map((object) =>
            this.#object("CiliumBGPAdvertisement", { role: "advertisement", ...object }),
        );
        const overrides = nodeOverrides(bgp).map((object) =>
            this.#object("CiliumBGPNodeConfigOverride", { role: "node", ...object }),
        );
        // Sessions begin with these objects; names do not show that what they are made of must be there before.
        const clusters = clusterConfigs(bgp, shared).map((object) =>
            this.#object("CiliumBGPClusterConfig", { role: "cluster", ...object }, [
                ...peerConfigs,
                ...told,
                ...overrides,
            ]),
        );

        this.resources = [
            ...secrets.map(({ secret }) => secret),
            ...peerConfigs,
            ...told,
            ...overrides,
            ...clusters,
        ];
        this.registerOutputs({ peers: Object.keys(peersOf(bgp)) });
    }

    /** One Secret for each secret of the configuration, however many neighbours name it. */
    #secrets(
        bgp: Bgp,
        passwords: Readonly<Record<string, pulumi.Input<string>>>,
        namespace: string,
    ): { name: string; secret: k8s.core.v1.Secret }[] {
        const named = Object.entries(passwords).flatMap(([peer, password]) => {
            const name = passwordSecret(bgp, peer);
            return name === undefined ? [] : [{ name, password }];
        });
        // The same secret of the configuration is the same value, whichever neighbour names it.
        return [...new Map(named.map(({ name, password }) => [name, password]))].map(([name, password]) => ({
            name,
            secret: new k8s.core.v1.Secret(
                `${this.#name}-${name.replace(/^bgp-/, "")}`,
                { metadata: { name, namespace }, stringData: { password: pulumi.secret(password) } },
                { parent: this },
            ),
        }));
    }

    #object(
        kind: CiliumKind,
        { role, name, suffix, spec, labels }: Named & { readonly role: string },
        dependsOn: pulumi.Resource[] = [],
    ): k8s.apiextensions.CustomResource {
        return ciliumObject(
            `${this.#name}-${role}${suffix}`,
            {
                ciliumVersion: this.#ciliumVersion,
                kind,
                metadata: { name, ...(labels === undefined ? {} : { labels }) },
                spec,
            },
            { parent: this, dependsOn },
        );
    }
}

function problemsOf({ ciliumVersion, bgp, families, passwords = {} }: BgpControlPlaneArgs): Problem[] {
    return [
        ...ciliumVersionProblems(ciliumVersion, "ciliumVersion"),
        ...bgpProblems(bgp, ciliumVersion, "bgp"),
        ...(Object.keys(bgp.peers).length > 0
            ? []
            : [
                  {
                      path: "bgp.peers",
                      rule: "names no neighbour: nothing would be announced",
                      fix: "describe at least one",
                  },
              ]),
        ...(families.length > 0
            ? []
            : [
                  {
                      path: "families",
                      rule: "names no address family: nothing would be announced",
                      fix: 'name those of the cluster: ["ipv4"], ["ipv6"] or both',
                  },
              ]),
        ...twice(families, "families"),
        ...passwordProblems(peersOf(bgp), passwords),
    ];
}
