import * as pulumi from "@pulumi/pulumi";

import { bundledFirst } from "../components/cilium/bundled-cilium.ts";
import type { Gatekeeper } from "../components/gate/wait-for.ts";
import { ExistingCluster, type ExistingClusterArgs } from "../components/member/existing-cluster.ts";
import { Rke2Cluster, type Rke2ClusterArgs } from "../components/rke2/rke2-cluster.ts";
import type { Cluster, ExistingKubernetes, Mesh } from "../model/resolved.ts";
import { ciliumArgs, type CiliumSources } from "./cilium-args.ts";
import { nodeSettings, snapshotArgs } from "./node-settings.ts";
import { sshArgs } from "./ssh.ts";

/** What a member's network stands on. */
export interface Kubernetes {
    readonly provider: pulumi.ProviderResource;
    /** The administrator's, secret. */
    readonly kubeconfig: pulumi.Output<string>;
    readonly gatekeeper: Gatekeeper;
    /** The nodes that are made here. */
    readonly nodes: readonly pulumi.Resource[];
    /** What must be there before anything is put into it. */
    readonly complete: pulumi.Resource;
    /** The cluster, where it is made here. */
    readonly own?: Rke2Cluster;
}

/** What a member's Kubernetes is made, or found, from. */
export interface KubernetesSources extends CiliumSources {
    /** The token that lets nodes join. @default - none, for a member whose machines are another's */
    readonly token?: pulumi.Input<string>;
    /** What must be there before any of its hosts is changed. @default - nothing */
    readonly checked?: readonly pulumi.Resource[];
    /** What must be there before its Cilium changes. @default - nothing */
    readonly after?: readonly pulumi.Resource[];
}

/** The Kubernetes of a member: RKE2 on machines of its own, or one that is there already. */
export function memberKubernetes(
    name: string,
    sources: KubernetesSources,
    opts: pulumi.ComponentResourceOptions & { readonly parent: pulumi.Resource },
): Kubernetes {
    const { kubernetes } = sources.cluster;
    if (kubernetes !== undefined) {
        const { provider, kubeconfig, gatekeeper, complete } = found(name, kubernetes, sources, opts);
        return { provider, kubeconfig, gatekeeper, nodes: [], complete };
    }
    const own = made(name, sources, opts);
    const { provider, kubeconfig, gatekeeper, nodes, complete } = own;
    return { provider, kubeconfig, gatekeeper, nodes, complete, own };
}

function found(
    name: string,
    { kubeconfig, version }: ExistingKubernetes,
    { cluster, mesh, secrets }: KubernetesSources,
    opts: pulumi.ComponentResourceOptions,
): ExistingCluster {
    return new ExistingCluster(
        name,
        {
            clusterName: cluster.name,
            kubeconfig:
                "file" in kubeconfig ? secrets.keyFile(kubeconfig.file) : secrets.get(kubeconfig.fromConfig),
            version,
            operatorReplicas: cluster.cilium.operatorReplicas,
            ipam: cluster.cilium.ipam,
            meshPlace: meshPlace(cluster, mesh),
        },
        opts,
    );
}

function made(
    name: string,
    sources: KubernetesSources,
    opts: pulumi.ComponentResourceOptions & { readonly parent: pulumi.Resource },
): Rke2Cluster {
    const { cluster, mesh, token, secrets } = sources;
    if (token === undefined) {
        throw new pulumi.ResourceError(`${name}: nodes join with a token`, opts.parent, true);
    }
    const { podCidrs, serviceCidrs, clusterDomain, rke2 } = cluster;
    const nodes = (some: Cluster["servers"]) =>
        some.map(({ role, ssh, ...node }) => ({ ...node, ssh: sshArgs(ssh, secrets) }));
    return new Rke2Cluster(
        name,
        {
            clusterName: cluster.name,
            version: rke2.version,
            settings: nodeSettings(cluster, mesh, secrets),
            ...(rke2.snapshots === undefined ? {} : { snapshots: snapshotArgs(cluster, secrets) }),
            config: rke2.config,
            servers: nodes(cluster.servers),
            agents: nodes(cluster.agents),
            podCidrs,
            serviceCidrs,
            clusterDomain,
            apiAddress: cluster.api.address,
            meshPlace: meshPlace(cluster, mesh),
            token,
            ...beforeNodes(name, sources, opts),
        },
        opts,
    );
}

/**
 * What must be there before any host is changed. RKE2's own Cilium is installed by the first server's first start, and comes
 * to another version with RKE2: so its configuration is there before, and an upgrade keeps its order here already.
 */
function beforeNodes(
    name: string,
    sources: KubernetesSources,
    opts: pulumi.ComponentResourceOptions & { readonly parent: pulumi.Resource },
): Pick<Rke2ClusterArgs, "cni" | "checked"> {
    const { cluster, secrets, checked, after = [] } = sources;
    const first = cluster.servers.find(({ lost }) => !lost);
    if (!("bundled" in cluster.cilium.chart) || first === undefined) {
        return checked === undefined ? {} : { checked };
    }
    const before = [...(checked ?? []), ...after];
    const file = bundledFirst(
        `${name}-cilium-first`,
        { name: first.name, ssh: sshArgs(first.ssh, secrets) },
        ciliumArgs(sources),
        { parent: opts.parent, dependsOn: before },
    );
    return { cni: "cilium", checked: [...before, file] };
}

function meshPlace({ id }: Cluster, { maxConnectedClusters }: Mesh): ExistingClusterArgs["meshPlace"] {
    return { id, maxConnectedClusters };
}
