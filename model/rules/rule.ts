import { clusterPath } from "../paths.ts";
import type { Problem } from "../problem.ts";
import type { Cluster, Mesh } from "../resolved.ts";

/** Something that must hold for a whole mesh. It says what does not, and changes nothing. */
export type Rule = (mesh: Mesh) => readonly Problem[];

/** A rule about each cluster by itself. `at` is where the cluster stands in the description. */
export function forEachCluster(rule: (cluster: Cluster, at: string, mesh: Mesh) => readonly Problem[]): Rule {
    return (mesh) => mesh.clusters.flatMap((cluster) => rule(cluster, clusterPath(cluster), mesh));
}

/** The members of a list whose key an earlier one has too, each with that earlier one. */
export function repeated<Item>(
    items: readonly Item[],
    keyOf: (item: Item) => string,
): { item: Item; first: Item }[] {
    const seen = new Map<string, Item>();
    return items.flatMap((item) => {
        const first = seen.get(keyOf(item));
        if (first === undefined) seen.set(keyOf(item), item);
        return first === undefined ? [] : [{ item, first }];
    });
}
