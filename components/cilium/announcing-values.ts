import { clientRate, leaseTimes } from "../../model/support/l2-lease.ts";
import { ciliumHas } from "../../model/support/cilium-options.ts";
import type { CiliumValuesArgs, LoadBalancerArgs, Values } from "./values-args.ts";

/** What Cilium announces itself, and which Services it leaves to another load balancer. */
export function announcingValues(args: CiliumValuesArgs): Values {
    const { bgp, l2, clusterIPs } = announcedByCilium(args.loadBalancers);
    return {
        ...(bgp === undefined ? {} : { bgpControlPlane: { enabled: true, ...routerIdsValues(bgp) } }),
        ...(clusterIPs ? { bpf: { lbExternalClusterIP: true } } : {}),
        ...(l2 === undefined
            ? {}
            : { l2announcements: { enabled: true, ...leaseValues(l2) }, k8sClientRateLimit: clientRate(l2) }),
        ...(servesClassless(args.loadBalancers) && ciliumHas("defaultLoadBalancer", args.version)
            ? { defaultLBServiceIPAM: "none" }
            : {}),
    };
}

/** What Cilium itself announces: only addresses that its own LB-IPAM gives. One speaker per job. */
export function announcedByCilium(loadBalancers: readonly LoadBalancerArgs[]): {
    readonly bgp?: LoadBalancerArgs["announce"] | undefined;
    readonly l2?: LoadBalancerArgs["announce"] | undefined;
    readonly clusterIPs: boolean;
} {
    const own = loadBalancers.flatMap(({ provider, announce }) => (provider === "lb-ipam" ? [announce] : []));
    const bgp = own.find(({ mode }) => mode === "bgp");
    return {
        bgp,
        l2: own.find(({ mode }) => mode === "l2"),
        clusterIPs: bgp?.advertise?.includes("ClusterIP") ?? false,
    };
}

/** Where BGP identifiers come from, if not from the nodes' addresses. */
function routerIdsValues({ routerIds }: LoadBalancerArgs["announce"]): Values {
    return routerIds === undefined ? {} : { routerIDAllocation: { mode: "ip-pool", ipPool: routerIds } };
}

/** The times of leases, where the description says anything about them. */
function leaseValues({ lease }: LoadBalancerArgs["announce"]): Values {
    if (lease === undefined) return {};
    const { durationSeconds, renewDeadlineSeconds, retryPeriodSeconds } = leaseTimes({ lease });
    return {
        leaseDuration: `${durationSeconds}s`,
        leaseRenewDeadline: `${renewDeadlineSeconds}s`,
        leaseRetryPeriod: `${retryPeriodSeconds}s`,
    };
}

/**
 * Whether MetalLB serves the Services without a class. While moving to it, the first in use is still LB-IPAM, and taking
 * that from those Services would take their addresses away.
 */
function servesClassless([inUse]: readonly LoadBalancerArgs[]): boolean {
    return inUse?.provider === "metallb" && inUse.loadBalancerClass === undefined;
}
