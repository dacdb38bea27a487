import {
    BgpControlPlane,
    type BgpControlPlaneArgs,
} from "../../../components/announcing/bgp-control-plane.ts";
import type { Bgp } from "../../../model/resolved.ts";

/** The least that BGP needs. */
export function smallBgp(): Bgp {
    return {
        mode: "bgp",
        localASN: 65010,
        peers: { tor: { address: "192.168.10.1", asn: 65000 } },
        advertise: ["LoadBalancerIP"],
    };
}

/** Three neighbours: two that share everything, and an internal one over IPv6 with everything else. */
export function fullBgp(): Bgp {
    const rack = { asn: 65000, password: { fromConfig: "rackPassword" }, ebgpMultihop: 2 };
    return {
        mode: "bgp",
        localASN: 65010,
        peers: {
            left: { ...rack, address: "192.168.10.1" },
            right: { ...rack, address: "192.168.10.2" },
            core: {
                address: "fd00:10::1",
                asn: 65010,
                port: 1790,
                password: { fromConfig: "corePassword" },
                holdTimeSeconds: 9,
                keepAliveTimeSeconds: 3,
                connectRetryTimeSeconds: 5,
                gracefulRestart: {},
                families: ["ipv6", "ipv4"],
            },
        },
        nodeSelector: { matchLabels: { edge: "true" } },
        advertise: ["LoadBalancerIP", "PodCIDR", "ExternalIP"],
        serviceSelector: { matchLabels: { public: "true" } },
        communities: ["65000:100", "no-export", "65000:1:2", "4259840100"],
        localPreference: 200,
    };
}

/** The labels by which sessions find what they announce. */
export const ANNOUNCED = { matchLabels: { "multicluster/announce": "bgp" } } as const;

/** The control plane with one neighbour, and what a test wants otherwise. */
export function plane(args: Partial<BgpControlPlaneArgs> = {}): BgpControlPlane {
    return new BgpControlPlane("east", {
        ciliumVersion: "1.19.6",
        bgp: smallBgp(),
        families: ["ipv4"],
        ...args,
    });
}
