import { z } from "zod";

import type { LabMesh } from "../mesh/lab-mesh.ts";

const list = z.object({
    items: z.array(
        z.object({
            metadata: z.object({
                name: z.string(),
                labels: z.record(z.string(), z.string()).default({}),
            }),
            type: z.string().optional(),
            data: z.record(z.string(), z.string()).default({}),
        }),
    ),
});

/** An object of a cluster, as far as the suite looks at it. */
export type ClusterObject = z.infer<typeof list>["items"][number];

/** All objects of a kind in a cluster, in the order of their names. */
export async function clusterObjects(lab: LabMesh, cluster: string, kind: string): Promise<ClusterObject[]> {
    const text = await lab.kubectl(cluster, "get", kind, "--all-namespaces", "--output", "json");
    return list.parse(JSON.parse(text)).items.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
