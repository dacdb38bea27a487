import type * as pulumi from "@pulumi/pulumi";

import { bundledChangeProblems } from "../components/cilium/changes.ts";
import { onceMade, refuseChanges } from "../components/refuse-changes.ts";
import type { Cluster, Mesh } from "../model/resolved.ts";
import { memberChangeProblems } from "./member-changes.ts";
import { meshDomainChangeProblems } from "./mesh-domain-changes.ts";

interface Member {
    readonly cluster: Cluster;
    readonly mesh: Mesh;
}

/** What a member shows of itself: what a reader of the state wants to know, and what decides whether it may change. */
export function shownMember({ cluster, mesh }: Member): pulumi.Inputs {
    const { id, kubernetes, rke2, cilium, meshApi, peers } = cluster;
    return {
        // Not `id`: the SDK drops inputs of that name.
        clusterId: id,
        ...(kubernetes === undefined
            ? { rke2Version: rke2.version }
            : { kubernetesVersion: kubernetes.version }),
        ciliumVersion: cilium.version,
        meshApi,
        peers,
        ...(mesh.certificates.method === "certgen" ? { certgen: true } : {}),
        ...(mesh.domains === undefined ? {} : { meshDomains: mesh.domains }),
        ...("bundled" in cilium.chart
            ? { ciliumBundled: true, upgradeCompatibility: cilium.upgradeCompatibility }
            : {}),
    };
}

/** Asks before a member changes, and so before anything in it does, whether it can become what it is now described as. */
export function refuseMemberChanges(
    name: string,
    { cluster, mesh }: Member,
): Pick<pulumi.ResourceOptions, "hooks"> {
    return refuseChanges(
        `${name}-member`,
        `clusters.${cluster.name}`,
        onceMade("kubeconfig", (before, after) => [
            ...memberChangeProblems(before, after),
            ...meshDomainChangeProblems(before, after),
            ...bundledChangeProblems(before, after, mesh.ciliumUpgrade?.from),
        ]),
    );
}
