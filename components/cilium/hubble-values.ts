import {
    HUBBLE_METRICS_SECRET,
    HUBBLE_RELAY_SECRET,
    HUBBLE_RELAY_SERVER_SECRET,
    HUBBLE_SERVER_SECRET,
    HUBBLE_UI_SECRET,
} from "../tls/leaf.ts";
import { certgenAuto } from "./certgen-values.ts";
import type { CiliumValuesArgs, Values } from "./values-args.ts";

/** Flow visibility, with certificates of the mesh's CA: so the relay of one cluster can ask the nodes of all. */
export function hubbleValues(args: CiliumValuesArgs): Values {
    const { hubble, clusterDomain, certgen } = args;
    // The chart has it on by default.
    if (!hubble.enabled) return { hubble: { enabled: false } };
    const { relayTls = false, metricsTls = false } = hubble;
    return {
        hubble: {
            enabled: true,
            tls: {
                // The names of certgen's Secrets are the same.
                auto: certgen === undefined ? { enabled: false } : certgenAuto(certgen, args),
                server: { existingSecret: HUBBLE_SERVER_SECRET },
            },
            ...(clusterDomain === undefined ? {} : { peerService: { clusterDomain } }),
            ...(hubble.relay
                ? {
                      relay: {
                          enabled: true,
                          rollOutPods: true,
                          tls: {
                              client: { existingSecret: HUBBLE_RELAY_SECRET },
                              ...(relayTls
                                  ? { server: { enabled: true, existingSecret: HUBBLE_RELAY_SERVER_SECRET } }
                                  : {}),
                          },
                      },
                  }
                : {}),
            ...(hubble.ui
                ? {
                      ui: {
                          enabled: true,
                          rollOutPods: true,
                          ...(relayTls ? { tls: { client: { existingSecret: HUBBLE_UI_SECRET } } } : {}),
                      },
                  }
                : {}),
            ...(hubble.metrics.length > 0
                ? {
                      metrics: {
                          enabled: [...hubble.metrics],
                          ...(metricsTls
                              ? {
                                    tls: {
                                        enabled: true,
                                        server: { existingSecret: HUBBLE_METRICS_SECRET },
                                    },
                                }
                              : {}),
                      },
                  }
                : {}),
        },
    };
}
