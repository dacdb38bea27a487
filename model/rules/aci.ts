import { show } from "../problem.ts";
import type { Cluster, Node } from "../resolved.ts";
import { instancesOf } from "../support/bgp-instances.ts";
import { compareVersions } from "../support/version.ts";
import { speakers } from "./announcing.ts";
import { nodesOf } from "./nodes.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/** The release from which on sessions from both kinds of leaves may stand side by side. */
const MIXED_SINCE = "6.1(2)";

export const anchoredNodesExist: Rule = forEachCluster((cluster, at) => {
    const names = nodesOf(cluster).map(({ name }) => name);
    return (cluster.aci?.anchored ?? [])
        .filter((name) => !names.includes(name))
        .map((name) => ({
            path: `${at}.aci.anchored`,
            value: show(name),
            rule: "is not a node of the cluster",
            fix: `the nodes are ${names.join(", ")}`,
        }));
});

/**
 * In a floating L3Out the sessions end at anchor leaves, wherever a node is attached. Older fabrics do not send traffic the
 * right way where only some of the neighbours of one L3Out are attached to anchors themselves.
 */
export const anchoredAllOrNone: Rule = forEachCluster((cluster, at) => {
    const { aci } = cluster;
    if (aci === undefined || compareVersions(aci.version, MIXED_SINCE) >= 0) return [];
    const speaking = bgpSpeakers(cluster);
    const inside = speaking.filter(({ name }) => aci.anchored.includes(name));
    const outside = speaking.filter(({ name }) => !aci.anchored.includes(name));
    return inside.length === 0 || outside.length === 0
        ? []
        : [
              {
                  path: `${at}.aci.anchored`,
                  value: show(aci.anchored),
                  rule: `has ${namesOf(inside)} of the nodes that speak BGP, and not ${namesOf(outside)}: before ACI ${MIXED_SINCE} all of them are attached to anchor leaves, or none is, and the fabric runs ${aci.version}`,
                  fix: `let only nodes of one kind speak (announce.nodeSelector), attach all to anchor leaves, or use ACI ${MIXED_SINCE} or later`,
              },
          ];
});

/** The nodes that speak BGP, by any of the cluster's announcements. */
function bgpSpeakers(cluster: Cluster): Node[] {
    const selected = cluster.loadBalancers.flatMap(({ announce }) =>
        announce.mode === "bgp"
            ? instancesOf(announce).flatMap(({ nodeSelector }) => speakers(cluster, nodeSelector))
            : [],
    );
    return [...new Set(selected)];
}

function namesOf(nodes: readonly Node[]): string {
    return nodes.map(({ name }) => name).join(", ");
}
