import { since } from "./since.ts";
import type { CiliumValuesArgs, LoadBalancerArgs, Values } from "./values-args.ts";

/** What Cilium announces itself, and which Services it leaves to another load balancer. */
export function announcingValues(args: CiliumValuesArgs): Values {
    const { bgp, l2, clusterIPs } = announcedByCilium(args.loadBalancers);
    return {
        ...(bgp ? { bgpControlPlane: { enabled: true } } : {}),
        ...(clusterIPs ? { bpf: { lbExternalClusterIP: true } } : {}),
        ...(l2 ? { l2announcements: { enabled: true }, k8sClientRateLimit: L2_CLIENT_RATE } : {}),
        ...(servesClassless(args.loadBalancers) && since(17, args) ? { defaultLBServiceIPAM: "none" } : {}),
    };
}

/** What Cilium itself announces: only addresses that its own LB-IPAM gives. One speaker per job. */
export function announcedByCilium(loadBalancers: readonly LoadBalancerArgs[]): {
    readonly bgp: boolean;
    readonly l2: boolean;
    readonly clusterIPs: boolean;
} {
    const own = loadBalancers.flatMap(({ provider, announce }) => (provider === "lb-ipam" ? [announce] : []));
    return {
        bgp: own.some(({ mode }) => mode === "bgp"),
        l2: own.some(({ mode }) => mode === "l2"),
        clusterIPs: own.some(({ mode, advertise }) => mode === "bgp" && advertise?.includes("ClusterIP")),
    };
}

/** Each announced Service costs its node a request every five seconds; the default of 10 a second ends at 50 Services. */
const L2_CLIENT_RATE = { qps: 50, burst: 100 } as const;

/**
 * Whether MetalLB serves the Services without a class. While moving to it, the first in use is still LB-IPAM, and taking
 * that from those Services would take their addresses away.
 */
function servesClassless([inUse]: readonly LoadBalancerArgs[]): boolean {
    return inUse?.provider === "metallb" && inUse.loadBalancerClass === undefined;
}
