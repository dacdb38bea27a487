import { z } from "zod";

import { Ancestry } from "../../../../plan/ancestry.ts";
import { groupBy } from "../../../../plan/group.ts";
import { isInCluster, isRelease } from "../../../../plan/kubernetes-files.ts";
import type { Plan } from "../../../../plan/plan.ts";
import type { RecordedResource } from "../../../../plan/record.ts";
import { renderWith, type Renderer } from "../../../charts/render.ts";
import { filled, plausibleOutputs, type Outputs } from "./outputs.ts";

/** What tells a Kubernetes object from every other one. */
export const named = z.object({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
});
export type Named = z.infer<typeof named>;

/** Objects that go into one cluster together. */
export interface Batch {
    readonly title: string;
    /** The resources of the program that they come from. */
    readonly urns: readonly string[];
    readonly text: string;
    readonly objects: readonly Named[];
}

/** Everything that a plan puts into clusters: a batch for each chart, as Helm renders it, and one for a cluster's other objects. */
export async function batchesOf(stack: string, plan: Plan, renderer: Renderer): Promise<Batch[]> {
    const outputs = await plausibleOutputs();
    const ancestry = new Ancestry(plan.resources);
    const inClusters = groupBy(
        plan.resources.filter(isInCluster),
        (resource) => ancestry.cluster(resource) ?? "",
    );
    const batches: Batch[] = [];
    for (const [name, resources] of inClusters) {
        const cluster = plan.mesh.clusters.find((one) => one.name === name);
        if (cluster === undefined) throw new Error(`${stack} has objects for ${name}, which is no cluster`);
        for (const release of resources.filter(isRelease)) {
            batches.push(await rendered(stack, release, cluster.rke2.version, renderer));
        }
        batches.push(
            own(
                `${stack}: ${name}'s own objects`,
                resources.filter((one) => !isRelease(one)),
                outputs,
            ),
        );
    }
    return batches;
}

async function rendered(
    stack: string,
    release: RecordedResource,
    rke2: string,
    renderer: Renderer,
): Promise<Batch> {
    const { manifest } = await renderWith(renderer, release, rke2);
    return {
        title: `${stack}: ${release.name}`,
        urns: [release.urn],
        text: manifest.text,
        objects: manifest.objects.map((object) => named.parse(object)),
    };
}

function own(title: string, resources: readonly RecordedResource[], outputs: Outputs): Batch {
    const items = resources.map(({ inputs }) => filled(inputs, outputs));
    return {
        title,
        urns: resources.map(({ urn }) => urn),
        text: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
        objects: items.map((item) => named.parse(item)),
    };
}
