import { parseAddress } from "../../model/net/range.ts";
import { since } from "./since.ts";
import { meshApiValues } from "./mesh-api-values.ts";
import type { CiliumValuesArgs, Values } from "./values-args.ts";

/** Who this cluster is, and whom it connects to. */
export function clusterMeshValues(args: CiliumValuesArgs): Values {
    const { policyDefaultLocalCluster, cacheTTL } = args;
    return {
        cluster: { name: args.clusterName, id: args.clusterId },
        clustermesh: {
            useAPIServer: true,
            maxConnectedClusters: args.maxConnectedClusters,
            enableEndpointSliceSynchronization: args.endpointSliceSynchronization,
            ...(since(19, args)
                ? { mcsapi: { enabled: args.mcsApi } }
                : { enableMCSAPISupport: args.mcsApi }),
            ...(policyDefaultLocalCluster === undefined ? {} : { policyDefaultLocalCluster }),
            ...(cacheTTL === undefined ? {} : { cacheTTL }),
            config: {
                // Also for a cluster that is still alone: so a second one joins without restarting it.
                enabled: true,
                clusters: [...args.peers]
                    .sort((a, b) => (a.name < b.name ? -1 : 1))
                    .map(({ name, addresses, port }) => ({ name, ...reachedAt(addresses), port })),
            },
            apiserver: meshApiValues(args),
        },
    };
}

/**
 * `ips` become host aliases of the mesh API's pods, which restart when one changes; `address` stands in a mounted Secret and
 * restarts nothing. It is one address only, and IPv6 goes into an URL in brackets.
 */
function reachedAt(addresses: readonly string[]): Values {
    const [address] = addresses;
    if (address === undefined || addresses.length > 1) return { ips: [...addresses] };
    return { address: parseAddress(address)?.family === "IPv6" ? `[${address}]` : address };
}
