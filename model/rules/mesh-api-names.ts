import { clusterPath } from "../paths.ts";
import { show } from "../problem.ts";
import { ciliumHas } from "../support/cilium-options.ts";
import { forEachCluster, repeated, type Rule } from "./rule.ts";

export const meshApiNamesUnique: Rule = ({ clusters }) => {
    const names = clusters.flatMap((cluster) =>
        [...new Set(cluster.meshApi.names)].map((name) => ({ cluster, name })),
    );
    return repeated(names, ({ name }) => name).map(({ item, first }) => ({
        path: `${clusterPath(item.cluster)}.meshApi.names`,
        value: show(item.name),
        rule: `is also a name of the mesh API of ${clusterPath(first.cluster)}: others could not tell the two apart`,
        fix: "give each cluster a name of its own",
    }));
};

/** A cluster's DNS answers for its own domain by itself, also where a name in it is another cluster's. */
export const meshApiNamesOutside: Rule = (mesh) =>
    mesh.clusters.flatMap((cluster) => {
        const peers = new Set(cluster.peers.map(({ name }) => name));
        return (cluster.meshApi.names ?? []).flatMap((name) => {
            const inside = mesh.clusters.find(
                (other) => peers.has(other.name) && `.${name}`.endsWith(`.${other.clusterDomain}`),
            );
            return inside === undefined
                ? []
                : [
                      {
                          path: `${clusterPath(cluster)}.meshApi.names`,
                          value: show(name),
                          rule: `lies in ${inside.clusterDomain}, the domain of ${clusterPath(inside)}, which answers for it by itself`,
                          fix: "choose a name of your own DNS",
                      },
                  ];
        });
    });

/** More names than this are counted, not listed. */
const MOST_NAMES = 12;

/** Several addresses without a name become host aliases of pods up to 1.19; from 1.20 on the mesh API reads them itself. */
export const hostAliasesRestart: Rule = forEachCluster((cluster, at, { clusters }) => {
    const { name, meshApi } = cluster;
    const told = clusters.flatMap((other) => {
        const peer = other.peers.find((one) => one.name === name);
        const byAliases =
            (peer?.addresses.length ?? 0) > 1 && !ciliumHas("hostAliasesInside", other.cilium.version);
        return byAliases ? [other.name] : [];
    });
    const restarting = told.length > MOST_NAMES ? `${told.length} clusters` : told.join(", ");
    return told.length === 0
        ? []
        : [
              {
                  path: `${at}.meshApi.type`,
                  value: show(meshApi.type),
                  rule: `its servers' addresses stand in the pods of the mesh API in ${restarting}, which restart when ${name} joins, leaves or gets other servers`,
                  fix: "name it in meshApi.names, use LoadBalancer, or upgrade to Cilium 1.20: then nothing restarts",
              },
          ];
});
