import { nodePath } from "../paths.ts";
import { show } from "../problem.ts";
import type { Cluster, JsonValue, Node } from "../resolved.ts";
import { nodeLabelProblems, nodeTaintProblems } from "../support/labels.ts";
import { nodesOf } from "./nodes.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/** Labels with which a kubelet does not start. */
export const nodeLabels: Rule = forEachCluster((cluster) =>
    nodesOf(cluster).flatMap((node) => nodeLabelProblems(node.labels, `${nodePath(cluster, node)}.labels`)),
);

/** Taints with which a kubelet does not start. */
export const nodeTaints: Rule = forEachCluster((cluster) =>
    nodesOf(cluster).flatMap((node) => nodeTaintProblems(node.taints, `${nodePath(cluster, node)}.taints`)),
);

/** The mesh API tolerates no taint: it needs a node without one that keeps pods away. */
export const someNodeIsOpen: Rule = forEachCluster((cluster, at) =>
    nodesOf(cluster).length > 0 && nodesOf(cluster).every(isClosed) && !toleratesSomething(cluster)
        ? [
              {
                  path: at,
                  value: show(nodesOf(cluster).map(({ name }) => name)),
                  rule: "has no node without a NoSchedule or NoExecute taint: the mesh API tolerates none, so it would run nowhere, and no other cluster could connect",
                  fix: "leave one node untainted, add an agent, or set clustermesh.apiserver.tolerations in cilium.values",
              },
          ]
        : [],
);

function isClosed({ taints }: Node): boolean {
    return taints.some(({ effect }) => effect !== "PreferNoSchedule");
}

function toleratesSomething({ cilium }: Cluster): boolean {
    const tolerations = child(child(cilium.values["clustermesh"], "apiserver"), "tolerations");
    return Array.isArray(tolerations) && tolerations.length > 0;
}

function child(value: JsonValue | undefined, key: string): JsonValue | undefined {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value[key] : undefined;
}
