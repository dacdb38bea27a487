import { z } from "zod";

import { strict, text } from "./strict.ts";

/** The sizes that Cilium takes: primes, which the agents check. */
const MAGLEV_TABLE_SIZES = [251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071] as const;

/** How Services are balanced on nodes. Members of a mesh should agree where a global Service is reached from outside. */
export const serviceLoadBalancing = strict(
    {
        /** Who answers a client outside the cluster: the node that it reached (`snat`), the node of the pod itself (`dsr`), or one for TCP and the other for the rest (`hybrid`) (https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/#direct-server-return-dsr). @default "snat" */
        mode: z.enum(["snat", "dsr", "hybrid"]).optional(),
        /** How the node of the pod learns whom to answer as, with `dsr` and `hybrid`: in an IP option, which some networks drop, or in a Geneve header. A Geneve tunnel takes only the second, a VXLAN tunnel neither. @default "opt" */
        dispatch: z.enum(["opt", "geneve"]).optional(),
        /** How a backend is chosen: at random, or by Maglev's table, by which every node chooses the same. @default "random" */
        algorithm: z.enum(["random", "maglev"]).optional(),
        /** How many entries Maglev's table of each Service has: a hundred times as many as a Service has backends, at least. @default 16381 */
        maglevTableSize: z.literal(MAGLEV_TABLE_SIZES).optional(),
        /** Balance in the network driver (XDP), before the kernel's own network: on every device, which then needs a driver that can, or on those that can (https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/#loadbalancer-nodeport-xdp-acceleration). @default "disabled" */
        acceleration: z.enum(["disabled", "native", "best-effort"]).optional(),
    },
    {
        dsrDispatch: "write dispatch",
        tableSize: "write maglevTableSize",
        hashSeed: "write it under cilium.values, as maglev.hashSeed; the same in every cluster",
    },
);

/** Limits of pods' bandwidth (the annotation `kubernetes.io/egress-bandwidth`), with packets paced instead of queued. */
export const bandwidthManager = strict({
    /** TCP's congestion control by BBR, for pods. Needs Linux 5.18 and eBPF masquerading (https://docs.cilium.io/en/stable/network/kubernetes/bandwidth-manager/#bbr-for-pods). @default false */
    bbr: z.boolean().optional(),
});

/** A device's name, or the beginning of several. What leaves one out is not offered: only some versions read it. */
export const device = text(
    (value) => /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,14}\+?$/.test(value),
    "must be the name of a network interface, or the beginning of some followed by +",
    'write it as "eth0" or "eth+"',
);

export type ServiceLoadBalancingDescription = z.infer<typeof serviceLoadBalancing>;
export type BandwidthManagerDescription = z.infer<typeof bandwidthManager>;
