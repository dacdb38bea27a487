import { show, type Problem } from "../problem.ts";
import type { Egress, EgressOwner } from "../resolved.ts";
import { minorOf } from "./version.ts";

/** Since when a policy has several gateways, and how many the CRD of 1.20 takes. */
const SEVERAL_SINCE = 18;
const MOST_GATEWAYS = 64;

/** What Cilium's policies, in this version, cannot say. */
export function egressProblems({ owners }: Egress, ciliumVersion: string, path: string): Problem[] {
    return owners.flatMap((owner) => [
        ...gatewayProblems(owner, ciliumVersion, `${path}.owners.${owner.name}`),
        ...selectorProblems(owner, `${path}.owners.${owner.name}`),
    ]);
}

function gatewayProblems({ gateways }: EgressOwner, ciliumVersion: string, path: string): Problem[] {
    const problem = (rule: string, fix: string): Problem[] => [
        { path: `${path}.gateways`, value: show(gateways.map(({ node }) => node)), rule, fix },
    ];
    if (gateways.length === 0) {
        return problem("names no gateway: what leaves would be dropped", "name a node and the address on it");
    }
    if (gateways.length > 1 && minorOf(ciliumVersion) < SEVERAL_SINCE) {
        return problem(
            `are ${gateways.length} gateways, and Cilium ${ciliumVersion} knows one for a policy: several are possible since 1.${SEVERAL_SINCE}`,
            `name one, or use Cilium 1.${SEVERAL_SINCE} or later`,
        );
    }
    return gateways.length > MOST_GATEWAYS
        ? problem(
              `are ${gateways.length} gateways: a policy takes ${MOST_GATEWAYS} at most`,
              "divide the namespaces among several owners",
          )
        : [];
}

function selectorProblems({ namespaces, namespaceSelector }: EgressOwner, path: string): Problem[] {
    return namespaces.length > 0 && namespaceSelector !== undefined
        ? [
              {
                  path: `${path}.namespaceSelector`,
                  value: show(namespaceSelector),
                  rule: "stands beside namespaces: which of the two is meant is not said",
                  fix: "leave one of them out",
              },
          ]
        : [];
}
