import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { Problem } from "../../model/problem.ts";
import type { Bgp } from "../../model/resolved.ts";
import { ciliumApi, ciliumVersionProblems, type CiliumKind } from "../../model/support/cilium-apis.ts";
import { twice } from "../../model/support/bgp.ts";
import { bgpProblems } from "../../model/support/cilium-bgp.ts";
import { refuse } from "../refuse.ts";
import {
    ADVERTISEMENT_LABELS,
    advertisement,
    clusterConfig,
    nodeOverride,
    passwordSecret,
    sessions,
} from "./bgp-objects.ts";
import { passwordProblems } from "./password-problems.ts";

const TYPE = "multicluster:announcing:BgpControlPlane";
const NAME = "bgp";

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
        const peerConfigs = shared.map((session) =>
            this.#object(
                session.name.replace(/^bgp-/, "peer-"),
                "CiliumBGPPeerConfig",
                session.name,
                session.spec,
                {
                    // Cilium takes a password that is not there for an empty one, and a name does not show that it must be.
                    dependsOn: secrets
                        .filter(({ name }) => name === session.secret)
                        .map(({ secret }) => secret),
                },
            ),
        );
        const announced = this.#object("advertisement", "CiliumBGPAdvertisement", NAME, advertisement(bgp), {
            labels: ADVERTISEMENT_LABELS,
        });
        const overrides = Object.entries(bgp.nodes ?? {}).map(([node, override]) =>
            this.#object(`node-${node}`, "CiliumBGPNodeConfigOverride", node, nodeOverride(bgp, override)),
        );
        // Sessions begin with this object; names do not show that what they are made of must be there before.
        const cluster = this.#object("cluster", "CiliumBGPClusterConfig", NAME, clusterConfig(bgp, shared), {
            dependsOn: [...peerConfigs, announced, ...overrides],
        });

        this.resources = [
            ...secrets.map(({ secret }) => secret),
            ...peerConfigs,
            announced,
            ...overrides,
            cluster,
        ];
        this.registerOutputs({ peers: Object.keys(bgp.peers) });
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
        role: string,
        kind: CiliumKind,
        objectName: string,
        spec: object,
        { labels, dependsOn = [] }: { labels?: Record<string, string>; dependsOn?: pulumi.Resource[] } = {},
    ): k8s.apiextensions.CustomResource {
        return new k8s.apiextensions.CustomResource(
            `${this.#name}-${role}`,
            {
                apiVersion: ciliumApi(kind, this.#ciliumVersion),
                kind,
                metadata: { name: objectName, ...(labels === undefined ? {} : { labels }) },
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
        ...passwordProblems(bgp.peers, passwords),
    ];
}
