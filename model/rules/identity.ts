import { show } from "../problem.ts";
import { forEachCluster, repeated, type Rule } from "./rule.ts";

const NAME = /^([a-z0-9][-a-z0-9]*)?[a-z0-9]$/;
const LONGEST = 32;

/** A name that Cilium takes: https://docs.cilium.io/en/stable/network/clustermesh/setup/ */
export const names: Rule = forEachCluster(({ name }, at) => {
    const problem = (rule: string, fix: string) => [{ path: at, value: show(name), rule, fix }];
    if (name === "default") {
        return problem(
            "is the name Cilium gives to a cluster outside a mesh",
            "give the cluster a name of its own",
        );
    }
    return NAME.test(name) && name.length <= LONGEST
        ? []
        : problem(
              `must be 1 to ${LONGEST} lower-case letters, digits and hyphens, not beginning or ending with a hyphen`,
              'rename it, for example to "east"',
          );
});

export const idsInRange: Rule = forEachCluster(({ id }, at, { maxConnectedClusters }) =>
    id >= 1 && id <= maxConnectedClusters
        ? []
        : [
              {
                  path: `${at}.id`,
                  value: show(id),
                  rule: `must be 1 to ${maxConnectedClusters}, the mesh's maxConnectedClusters; 0 means no mesh`,
                  fix:
                      maxConnectedClusters === 255 && id > 255 && id <= 511
                          ? "choose a smaller one, or set mesh.maxConnectedClusters to 511 before the first cluster is made"
                          : "choose a number in that range that no other cluster has",
              },
          ],
);

export const idsUnique: Rule = ({ clusters, maxConnectedClusters }) => {
    const taken = new Set(clusters.map(({ id }) => id));
    const free = Array.from({ length: maxConnectedClusters }, (_, index) => index + 1).find(
        (id) => !taken.has(id),
    );
    return repeated(clusters, ({ id }) => String(id)).map(({ item, first }) => ({
        path: `clusters.${item.name}.id`,
        value: show(item.id),
        rule: `is also the id of clusters.${first.name}: traffic of the two could not be told apart`,
        fix: free === undefined ? "no id is free: the mesh is full" : `use another one; ${free} is free`,
    }));
};
