import type { Announce } from "../../model/resolved.ts";
import { minorOf } from "../../model/support/version.ts";

/** What decides the chart's values. */
export interface MetalLbChartArgs {
    readonly version: string;
    readonly announce: Announce;
    readonly loadBalancerClass?: string;
}

/**
 * RKE2's documentation taints dedicated servers with the first of these and separate etcd nodes with the second. A node that
 * cannot run a speaker cannot announce; the chart itself tolerates the control plane's taints only.
 */
const TOLERATIONS = [
    { key: "CriticalAddonsOnly", operator: "Exists" },
    { key: "node-role.kubernetes.io/etcd", operator: "Exists" },
] as const;

/**
 * Values of MetalLB's chart. All switches are written out, since their defaults changed in 0.16 and two of them exclude each
 * other: L2 needs no FRR at all, BGP runs FRR inside the speaker up to 0.15 and as frr-k8s from 0.16, where the former is
 * deprecated.
 */
export function metalLbValues({ version, announce, loadBalancerClass }: MetalLbChartArgs) {
    const bgp = announce.mode === "bgp";
    const frrK8s = bgp && minorOf(version) >= 16;
    return {
        ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
        speaker: {
            enabled: announce.mode !== "none",
            frr: { enabled: bgp && !frrK8s },
            ...(announce.mode === "none" ? {} : { tolerations: TOLERATIONS }),
        },
        frrk8s: { enabled: frrK8s },
        ...(frrK8s ? { "frr-k8s": { frrk8s: { tolerations: TOLERATIONS } } } : {}),
    };
}
