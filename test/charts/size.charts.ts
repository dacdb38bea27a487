/*
 * How much a mesh of 511 clusters writes into each of them: the limits are those of a Secret or ConfigMap, which Kubernetes
 * refuses beyond 1 MiB of data, and of etcd, which takes no request beyond 1.5 MiB.
 */
import { beforeAll, describe, expect, it } from "vitest";

import { ciliumValues } from "../../components/cilium/values.ts";
import { checkMesh } from "../../model/check.ts";
import type { ClusterDescription } from "../../model/describe.ts";
import { formatProblem } from "../../model/problem.ts";
import { kubernetesOf } from "../../model/support/matrix.ts";
import { minorOf } from "../../model/support/version.ts";
import { largestMesh, MOST_CLUSTERS } from "../support/largest-mesh.ts";
import { CILIUM_VERSIONS } from "./charts.ts";
import { releaseSize } from "./release-size.ts";
import { render, type Rendering } from "./render.ts";

/** Kubernetes refuses more than 1024 of them in one Secret or ConfigMap. */
const KIB = 1024;

/** What the first of 511 clusters is given. */
async function renderLargest(version: string, meshApi: ClusterDescription["meshApi"]): Promise<Rendering> {
    const rke2 = `v1.${kubernetesOf(minorOf(version))?.to ?? 0}.1+rke2r1`;
    const description = largestMesh({ version }, rke2);
    for (const [index, cluster] of Object.values(description.clusters).entries()) {
        if (meshApi?.type === "NodePort") cluster.meshApi = { ...meshApi, nodePort: 30_000 + index };
    }
    const { mesh, problems } = checkMesh(description);
    expect(problems.map(formatProblem)).toEqual([]);
    const [cluster] = mesh?.clusters ?? [];
    if (mesh === undefined || cluster === undefined) throw new Error("no cluster");
    expect(cluster.peers).toHaveLength(MOST_CLUSTERS - 1);
    const { name, id, podCidrs, meshApi: own, loadBalancers, peers, cilium } = cluster;
    const values = ciliumValues({
        ...cilium,
        encryption: { type: "none" },
        clusterName: name,
        clusterId: id,
        maxConnectedClusters: mesh.maxConnectedClusters,
        podCidrs,
        meshApi: own,
        loadBalancers,
        peers,
    });
    const inputs = { name: "cilium", chart: "cilium", version, namespace: "kube-system", values };
    return render({ inputs }, rke2);
}

/** How many bytes are written, by what holds them. */
function sizesOf(rendering: Rendering): Record<string, number> {
    const { manifest, values } = rendering;
    const data = (entries: Readonly<Record<string, string>>) =>
        Object.values(entries).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
    const object = (kind: string, name: string) => JSON.stringify(manifest.one(kind, name)).length;
    const users = manifest.names("ConfigMap").includes("clustermesh-remote-users")
        ? data(manifest.configMap("clustermesh-remote-users"))
        : 0;
    return {
        values: JSON.stringify(values).length,
        "Secret cilium-clustermesh": data(manifest.secret("cilium-clustermesh")),
        "Secret cilium-kvstoremesh": data(manifest.secret("cilium-kvstoremesh")),
        "ConfigMap clustermesh-remote-users": users,
        "Deployment clustermesh-apiserver": object("Deployment", "clustermesh-apiserver"),
        "Secret of Helm's release": releaseSize(rendering),
    };
}

/** Not less, so that a description that reaches fewer clusters does not pass. */
const AT_LEAST = MOST_CLUSTERS * 64;

const TYPES = ["LoadBalancer", "NodePort"] as const;

describe.each(CILIUM_VERSIONS.flatMap((version) => TYPES.map((type) => ({ version, type }))))(
    "Cilium $version in each of 511 clusters, reached by $type",
    ({ version, type }) => {
        let sizes: Record<string, number> = {};
        beforeAll(async () => {
            sizes = sizesOf(await renderLargest(version, { type }));
        });

        it("knows every other cluster", () => {
            for (const name of ["values", "Secret cilium-clustermesh", "Secret cilium-kvstoremesh"]) {
                expect(sizes[name]).toBeGreaterThan(AT_LEAST);
            }
        });

        it.each([
            ["Secret cilium-clustermesh", 256 * KIB],
            ["Secret cilium-kvstoremesh", 256 * KIB],
            ["ConfigMap clustermesh-remote-users", 64 * KIB],
            ["Deployment clustermesh-apiserver", 256 * KIB],
            // Most of it is the chart itself.
            ["Secret of Helm's release", 640 * KIB],
        ])("keeps the %s at a fraction of what can be stored", (name, most) => {
            expect(sizes[name]).toBeLessThan(most);
        });
    },
);
