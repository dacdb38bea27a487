import { HUBBLE_RELAY_SECRET, HUBBLE_SERVER_SECRET } from "../tls/leaf.ts";
import type { CiliumValuesArgs, Values } from "./values-args.ts";

/** Flow visibility, with certificates of the mesh's CA: so the relay of one cluster can ask the nodes of all. */
export function hubbleValues({ hubble, clusterDomain }: CiliumValuesArgs): Values {
    // The chart has it on by default.
    if (!hubble.enabled) return { hubble: { enabled: false } };
    return {
        hubble: {
            enabled: true,
            tls: { auto: { enabled: false }, server: { existingSecret: HUBBLE_SERVER_SECRET } },
            ...(clusterDomain === undefined ? {} : { peerService: { clusterDomain } }),
            ...(hubble.relay
                ? {
                      relay: {
                          enabled: true,
                          rollOutPods: true,
                          tls: { client: { existingSecret: HUBBLE_RELAY_SECRET } },
                      },
                  }
                : {}),
            ...(hubble.ui ? { ui: { enabled: true, rollOutPods: true } } : {}),
            ...(hubble.metrics.length > 0 ? { metrics: { enabled: [...hubble.metrics] } } : {}),
        },
    };
}
