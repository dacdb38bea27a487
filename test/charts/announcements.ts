import { fromConfig } from "../../model/describe.ts";
import type { BgpDescription } from "../../model/description/announce.ts";

/** A pool on the node network, for L2. */
export const nearPools = { mesh: ["192.168.10.200-192.168.10.219"] };
/** A pool outside of the node network, for BGP. */
export const farPools = { mesh: ["172.16.10.0/24"] };

/** What both speakers can do. */
export const bgpWithEverything: BgpDescription = {
    mode: "bgp",
    localASN: 4200000010,
    peers: {
        left: { address: "192.168.10.1", asn: 65000, password: fromConfig("torPassword") },
        right: {
            address: "192.168.10.2",
            asn: 4200000010,
            port: 1179,
            holdTimeSeconds: 9,
            keepAliveTimeSeconds: 3,
            connectRetryTimeSeconds: 12,
            gracefulRestart: {},
            families: ["ipv4"],
        },
        far: { address: "10.255.0.1", asn: 65001, ebgpMultihop: 4 },
    },
    advertise: ["LoadBalancerIP"],
    communities: ["65000:100", "65000:1:2", "no-export"],
    localPreference: 200,
    nodeSelector: { matchLabels: { "kubernetes.io/os": "linux" } },
};

/** Another instance with another neighbour, and an advertisement for it alone, as far as this minor version can do it. */
export function severalBgp(minor: number): BgpDescription {
    return {
        mode: "bgp",
        localASN: 65010,
        peers: { left: { address: "192.168.10.1", asn: 65000 } },
        nodes: { "east-1": { routerId: "10.254.0.1" } },
        ...(minor >= 18 ? { localPort: 1790, routerIds: "10.255.0.0/28" } : {}),
        instances: {
            edge: {
                localASN: 65020,
                peers: {
                    router:
                        minor >= 18
                            ? { defaultGateway: "ipv4", asn: "any" }
                            : { address: "192.168.10.2", asn: 65000 },
                },
                ...(minor >= 18 ? { localPort: 1791 } : {}),
            },
        },
        advertisements: {
            bgp: { advertise: ["LoadBalancerIP"], communities: ["65000:100"] },
            pods: {
                advertise: ["PodCIDR", "ClusterIP"],
                ...(minor >= 19 ? { interfaceAddresses: ["lo1"] } : {}),
                peers: ["router"],
            },
        },
    };
}
