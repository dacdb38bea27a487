import { beforeAll, describe } from "vitest";

import type { Cluster } from "../../model/resolved.ts";
import { kubernetesOf } from "../../model/support/matrix.ts";
import { minorOf } from "../../model/support/version.ts";
import { twoClusters, type TwoClusters } from "../support/mesh.ts";
import { deployed, type Deployment } from "../support/program.ts";
import { holdsAlways } from "./always.ts";
import { CILIUM_VERSIONS } from "./charts.ts";
import { render, type Rendering } from "./render.ts";

/** One cluster of a mesh, and what its release of Cilium becomes. */
export interface RenderedCluster extends Rendering {
    readonly cluster: Cluster;
    readonly deployment: Deployment;
    /** The settings that agents and operators read. */
    readonly config: Readonly<Record<string, string>>;
}

/** Changes a mesh with nothing special, for a minor version of Cilium. */
export type Change = (mesh: TwoClusters, minor: number) => unknown;

/** A mesh on the newest Kubernetes that this Cilium supports. */
export function meshOf(version: string, change: Change = () => undefined): TwoClusters {
    const minor = minorOf(version);
    const mesh = twoClusters();
    mesh.rke2.version = `v1.${kubernetesOf(minor)?.to ?? 0}.1+rke2r1`;
    // From here on the default depends on the version, which the program warns of.
    mesh.cilium = { version, ...(minor >= 19 ? { policyDefaultLocalCluster: true } : {}) };
    change(mesh, minor);
    return mesh;
}

/** The first cluster of a mesh, with what the chart becomes there. */
export async function renderCilium(mesh: TwoClusters): Promise<RenderedCluster> {
    const deployment = await deployed(mesh);
    const [cluster] = deployment.mesh.clusters;
    if (cluster === undefined) throw new Error("no cluster");
    const release = deployment.one("kubernetes:helm.sh/v3:Release", `${cluster.name}-cilium-chart`);
    const rendering = await render(release, cluster.rke2.version);
    return { ...rendering, cluster, deployment, config: rendering.manifest.configMap("cilium-config") };
}

/**
 * Renders the chart of every version of Cilium for a mesh with something changed, holds the outcome to what is always true, and
 * then to `tests`.
 */
export function inEveryVersion(
    title: string,
    change: Change,
    tests: (get: () => RenderedCluster, minor: number) => void,
    { since = 16 } = {},
): void {
    const versions = CILIUM_VERSIONS.filter((version) => minorOf(version) >= since);
    describe.each(versions)(`Cilium %s, ${title}`, (version) => {
        let rendered: RenderedCluster | undefined;
        const get = () => {
            if (rendered === undefined) throw new Error("not rendered");
            return rendered;
        };
        beforeAll(async () => {
            rendered = await renderCilium(meshOf(version, change));
        });
        holdsAlways(get);
        tests(get, minorOf(version));
    });
}
