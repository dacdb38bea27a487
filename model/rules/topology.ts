import { nearest } from "../description/strict.ts";
import { show } from "../problem.ts";
import { repeated, type Rule } from "./rule.ts";

export const hubsExist: Rule = ({ topology, clusters }) => {
    if (topology.kind === "full") return [];
    const names = clusters.map(({ name }) => name);
    return topology.hubs
        .filter((hub) => !names.includes(hub))
        .map((hub) => {
            const meant = nearest(hub, names);
            return {
                path: "mesh.hubs",
                value: show(hub),
                rule: "is not a cluster of this mesh",
                fix: `${meant === undefined ? "" : `did you mean ${meant}? `}the clusters are ${names.join(", ")}`,
            };
        });
};

export const hubsOnce: Rule = ({ topology }) =>
    topology.kind === "full"
        ? []
        : repeated(topology.hubs, (hub) => hub).map(({ item }) => ({
              path: "mesh.hubs",
              value: show(item),
              rule: "is named twice",
              fix: "name each hub once",
          }));

export const notTooMany: Rule = ({ clusters, maxConnectedClusters }) =>
    clusters.length <= maxConnectedClusters
        ? []
        : [
              {
                  path: "clusters",
                  value: `${clusters.length} clusters`,
                  rule: `are more than the mesh can connect (maxConnectedClusters ${maxConnectedClusters})`,
                  fix:
                      maxConnectedClusters === 255
                          ? "set mesh.maxConnectedClusters to 511 before the first cluster is made, or make two meshes"
                          : "make two meshes",
              },
          ];
