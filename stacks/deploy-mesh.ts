import type * as pulumi from "@pulumi/pulumi";

import { IpsecKey } from "../components/cilium/ipsec-key.ts";
import { ClusterTokens } from "../components/rke2/cluster-tokens.ts";
import { SharedCa } from "../components/tls/shared-ca.ts";
import { API_PORT } from "../model/api.ts";
import { meshApiHosts } from "../model/mesh-api.ts";
import { hostPort } from "../model/net/host-port.ts";
import type { Cluster as ClusterModel, Mesh } from "../model/resolved.ts";
import { checkHosts } from "./check-hosts.ts";
import { Cluster } from "./deploy-cluster.ts";
import { warnBeforeCaEnds } from "./certificate-end.ts";
import { LEFT_AS_IT_IS } from "./left-as-it-is.ts";
import type { SecretSource } from "./secrets.ts";
import { sharedCaArgs } from "./shared-ca-args.ts";

/** What the stack exports. */
export interface MeshOutputs {
    /** The CA that every certificate of the mesh verifies to; during a rotation both. */
    readonly caCertificate: pulumi.Output<string>;
    /** When what ends: the CA that signs, where it is made here, and what it has signed. */
    readonly certificateEnds: {
        readonly ca?: pulumi.Output<string>;
        readonly clusters: Readonly<Record<string, Readonly<Record<string, pulumi.Output<string>>>>>;
    };
    readonly clusters: Readonly<Record<string, ClusterOutputs>>;
}

export interface ClusterOutputs {
    /** Where the API answers. */
    readonly api: string;
    /** Where the mesh API answers its peers. */
    readonly meshApi: string;
    /** The administrator's kubeconfig: `pulumi stack output --show-secrets`. */
    readonly kubeconfig: pulumi.Output<string>;
}

/**
 * A whole mesh: what its members share, then all members side by side. No member waits for another, but that every host of
 * every member is looked at before any is changed, and that during an upgrade of Cilium one changes after the other.
 */
export function deployMesh(mesh: Mesh, secrets: SecretSource): MeshOutputs {
    const ca = new SharedCa("ca", sharedCaArgs(mesh, secrets));
    warnBeforeCaEnds(ca, mesh.certificates);
    const tokens = new ClusterTokens("tokens", {});
    const ipsecKey = ipsecKeyOf(mesh);
    const checked = checkHosts("preflight", mesh, secrets);
    let after: readonly pulumi.Resource[] = [];
    const clusters = inOrder(mesh).map((cluster) => {
        const { name, kubernetes, lost, rke2 } = cluster;
        const token =
            cluster.token === undefined
                ? tokens.tokenFor(name, rke2.tokenGeneration)
                : secrets.get(cluster.token.fromConfig);
        const args = {
            ...{ cluster, mesh, ca, secrets, checked, after },
            ...(kubernetes === undefined ? { token } : {}),
            ...(ipsecKey === undefined ? {} : { ipsecKey }),
        };
        const made = new Cluster(name, args, lost === true ? LEFT_AS_IT_IS : {});
        if (mesh.ciliumUpgrade !== undefined) after = [made.healthy];
        return { cluster, made };
    });
    // A step of a rotation does not reach who does not answer.
    if (mesh.clusters.some(({ lost }) => lost === true)) ca.stayUnsettled();
    else ca.settleAfter(clusters.map(({ made }) => made.healthy));
    return {
        caCertificate: ca.trustPem,
        certificateEnds: {
            ...(ca.end === undefined ? {} : { ca: ca.end }),
            clusters: byName(clusters, ({ made }) => Object.fromEntries(made.certificateEnds)),
        },
        clusters: byName(clusters, outputsOf),
    };
}

/** A member, as it was resolved and as it was made. */
interface Member {
    readonly cluster: ClusterModel;
    readonly made: Cluster;
}

function outputsOf({ cluster, made: { kubeconfig } }: Member): ClusterOutputs {
    const { api, meshApi } = cluster;
    const [host = ""] = meshApiHosts(cluster);
    return {
        api: hostPort(api.address, api.port ?? API_PORT),
        meshApi: hostPort(host, meshApi.port),
        kubeconfig,
    };
}

function byName<T>(members: readonly Member[], valueOf: (member: Member) => T): Record<string, T> {
    return Object.fromEntries(members.map((member) => [member.cluster.name, valueOf(member)]));
}

/** The key of IPsec, where it is made here: one for all clusters, which a rule sees to. */
function ipsecKeyOf({ clusters }: Mesh): IpsecKey | undefined {
    const generations = clusters.flatMap(({ cilium: { encryption } }) =>
        encryption.type === "ipsec" && encryption.key === undefined ? [encryption.keyGeneration ?? 1] : [],
    );
    const [generation] = generations;
    return generation === undefined
        ? undefined
        : new IpsecKey("ipsec", {
              generation,
              ciliumVersions: [...new Set(clusters.map(({ cilium }) => cilium.version))],
          });
}

/** The clusters in the order in which an upgrade changes them. */
function inOrder({ clusters, ciliumUpgrade }: Mesh): readonly ClusterModel[] {
    const order = ciliumUpgrade?.order ?? [];
    return clusters.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}
