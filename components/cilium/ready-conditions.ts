import type { Condition } from "../gate/wait-for.ts";
import { announcedByCilium } from "./announcing-values.ts";
import type { CiliumValuesArgs } from "./values-args.ts";

/**
 * What must hold before anything else is made in the cluster. The operator registers its CRDs when it starts, and only those
 * of features that are on. The mesh API is not waited for: its address comes from a pool that is made after this.
 */
export function readyConditions(
    { loadBalancers, egressGateway }: Pick<CiliumValuesArgs, "loadBalancers" | "egressGateway">,
    namespace: string,
): Condition[] {
    const { bgp, l2 } = announcedByCilium(loadBalancers);
    const kinds = [
        ...(loadBalancers.some(({ provider }) => provider === "lb-ipam")
            ? ["ciliumloadbalancerippools"]
            : []),
        ...(l2 ? ["ciliuml2announcementpolicies"] : []),
        ...(bgp ? BGP_KINDS : []),
        ...(egressGateway ? ["ciliumegressgatewaypolicies"] : []),
    ];
    return [
        ...kinds.map((kind) => ({ kind: "crd" as const, name: `${kind}.cilium.io` })),
        { kind: "rollout", workload: "daemonset", namespace, name: "cilium" },
        { kind: "rollout", workload: "deployment", namespace, name: "cilium-operator" },
        { kind: "nodes" },
    ];
}

const BGP_KINDS = [
    "ciliumbgpclusterconfigs",
    "ciliumbgppeerconfigs",
    "ciliumbgpadvertisements",
    "ciliumbgpnodeconfigoverrides",
] as const;
