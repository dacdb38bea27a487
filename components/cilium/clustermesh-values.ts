import { isCalledByDomain } from "../../model/mesh-api.ts";
import { parseAddress } from "../../model/net/range.ts";
import { ciliumHas } from "../../model/support/cilium-options.ts";
import { meshApiValues } from "./mesh-api-values.ts";
import type { CiliumValuesArgs, Values } from "./values-args.ts";

/** Who this cluster is, and whom it connects to. */
export function clusterMeshValues(args: CiliumValuesArgs): Values {
    const { policyDefaultLocalCluster, cacheTTL, meshDomain } = args;
    const byAliases = args.peers.some(isCalledByDomain);
    return {
        cluster: { name: args.clusterName, id: args.clusterId },
        clustermesh: {
            useAPIServer: true,
            maxConnectedClusters: args.maxConnectedClusters,
            enableEndpointSliceSynchronization: args.endpointSliceSynchronization,
            ...(ciliumHas("mcsApi", args.version)
                ? { mcsapi: { enabled: args.mcsApi } }
                : { enableMCSAPISupport: args.mcsApi }),
            ...(policyDefaultLocalCluster === undefined ? {} : { policyDefaultLocalCluster }),
            ...(cacheTTL === undefined ? {} : { cacheTTL }),
            // From here on the mesh API finds several addresses by itself. The chart's values.yaml does not name it.
            ...(byAliases && ciliumHas("hostAliasesInside", args.version)
                ? { disableKubernetesHostAliases: true }
                : {}),
            config: {
                // Also for a cluster that is still alone: so a second one joins without restarting it.
                enabled: true,
                ...(meshDomain === undefined ? {} : { domain: meshDomain }),
                clusters: [...args.peers]
                    .sort((a, b) => (a.name < b.name ? -1 : 1))
                    .map(({ name, port, ...peer }) => ({ name, ...reachedAt(peer), port })),
            },
            apiserver: meshApiValues(args),
        },
    };
}

/**
 * `ips` become host aliases of the mesh API's pods up to 1.19, which restart when one changes; `address` stands in a mounted
 * Secret and restarts nothing. It is one address or name only, and IPv6 goes into an URL in brackets.
 */
function reachedAt({ addresses }: Pick<CiliumValuesArgs["peers"][number], "addresses">): Values {
    const [address] = addresses;
    if (address === undefined || isCalledByDomain({ addresses })) return { ips: [...addresses] };
    return { address: parseAddress(address)?.family === "IPv6" ? `[${address}]` : address };
}
