/*
 * Which versions go together. Cilium x Kubernetes: what Cilium's own end-to-end tests of that minor cover
 * (https://docs.cilium.io/en/stable/network/kubernetes/compatibility/), widened by what RKE2 releases ship together.
 */

interface KubernetesRange {
    /** The oldest Kubernetes minor. */
    readonly from: number;
    /** The newest Kubernetes minor. */
    readonly to: number;
}

/** By Cilium's minor version. */
const KUBERNETES_OF_CILIUM: Readonly<Record<number, KubernetesRange>> = {
    16: { from: 27, to: 32 },
    17: { from: 29, to: 33 },
    18: { from: 30, to: 35 },
    19: { from: 32, to: 36 },
    20: { from: 33, to: 36 },
};

/** The Cilium minors this program knows, oldest first. */
export const CILIUM_MINORS: readonly number[] = Object.keys(KUBERNETES_OF_CILIUM).map(Number);

/** The Kubernetes minors that run with a Cilium minor; `undefined` for a Cilium this program does not know. */
export function kubernetesOf(ciliumMinor: number): KubernetesRange | undefined {
    return KUBERNETES_OF_CILIUM[ciliumMinor];
}

/** The Cilium minors that run on a Kubernetes minor, oldest first. */
export function ciliumOf(kubernetesMinor: number): number[] {
    return CILIUM_MINORS.filter((minor) => {
        const range = kubernetesOf(minor);
        return range !== undefined && range.from <= kubernetesMinor && kubernetesMinor <= range.to;
    });
}

/** The oldest MetalLB whose `metallb.io/loadBalancerIPs` annotation exists; it pins the mesh API's address. */
export const OLDEST_METALLB = "0.14.9";

/** From this Kubernetes minor on, CRDs of an older MetalLB than this are refused by the API server. */
export const METALLB_FOR_KUBERNETES = { minor: 36, metalLb: "0.16.0" } as const;
