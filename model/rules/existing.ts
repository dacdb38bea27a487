import { show } from "../problem.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/** The addresses of nodes that are not described are known to nobody here; a name that leads to them is. */
export const nodePortHasAName: Rule = forEachCluster(({ kubernetes, meshApi }, at) =>
    kubernetes === undefined || meshApi.type !== "NodePort" || meshApi.names !== undefined
        ? []
        : [
              {
                  path: `${at}.meshApi.type`,
                  value: show(meshApi.type),
                  rule: "is reached at the nodes' addresses, and those of a cluster that is there already are not described",
                  fix: "write a name that leads to its nodes under meshApi.names, or use LoadBalancer",
              },
          ],
);
