import { isCalledByDomain, meshDomainOf } from "../mesh-api.ts";
import { show } from "../problem.ts";
import type { Rule } from "./rule.ts";

/** RFC 1035, without the last dot. */
const NAME_MAX = 253;

/** Each cluster's name stands in front of each domain. */
export const meshDomainsHoldNames: Rule = ({ domains = [], clusters }) => {
    const [longest = ""] = clusters.map(({ name }) => name).toSorted((a, b) => b.length - a.length);
    return domains
        .map((domain) => ({ domain, length: `${longest}.${domain}`.length }))
        .filter(({ length }) => length > NAME_MAX)
        .map(({ domain, length }) => ({
            path: "mesh.domains",
            value: show(domain),
            rule: `makes a name of ${length} characters with ${longest} in front of it; a DNS name has ${NAME_MAX} at most`,
            fix: `choose a domain that is shorter by ${length - NAME_MAX}`,
        }));
};

/** One address is used as it is, and so is a name. */
export const meshDomainsAreUsed: Rule = (mesh) =>
    mesh.domains === undefined || mesh.clusters.some(({ peers }) => peers.some(isCalledByDomain))
        ? []
        : [
              {
                  path: "mesh.domains",
                  value: show(meshDomainOf(mesh)),
                  rule: "is a domain that no cluster is called by: each is reached at one address, or by a name of its own",
                  fix: "leave it out; names that your DNS answers for are written under meshApi.names",
              },
          ];
