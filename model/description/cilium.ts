import { z } from "zod";

import { ciliumChart } from "./chart.ts";
import { bandwidthManager, device, serviceLoadBalancing } from "./datapath.ts";
import { parseCidr, type Family } from "../net/range.ts";
import { secretRef } from "./secret.ts";
import { strict, text } from "./strict.ts";
import { ciliumUpgrade } from "./upgrade.ts";

const EXAMPLE: Readonly<Record<Family, string>> = { IPv4: "10.0.0.0/8", IPv6: "fd00::/8" };

function cidrOf(family: Family) {
    return text(
        (value) => parseCidr(value)?.family === family,
        `must be an ${family} CIDR whose host bits are zero`,
        `write it as "${EXAMPLE[family]}"`,
    );
}

const duration = text(
    (value) => /^(0|(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/.test(value),
    "must be a duration in Go's form, zero or more",
    'write it as "5m" or "1h30m"',
);

/** How packets between nodes travel. The same in every member of a mesh. */
export const routing = z.discriminatedUnion("mode", [
    strict({
        mode: z.literal("tunnel"),
        /** The encapsulation: VXLAN (UDP 8472) or Geneve (UDP 6081). @default "vxlan" */
        protocol: z.enum(["vxlan", "geneve"]).optional(),
    }),
    strict({
        mode: z.literal("native"),
        /** The IPv4 network in which pod addresses are routed as they are; it must hold the pod ranges of every cluster. @default - none; needed where pods speak IPv4 */
        ipv4NativeRoutingCIDR: cidrOf("IPv4").optional(),
        /** The same for IPv6. @default - none; needed where pods speak IPv6 */
        ipv6NativeRoutingCIDR: cidrOf("IPv6").optional(),
        /** Let nodes that share a network route to each other's pods directly. Off where a router does it. @default false */
        autoDirectNodeRoutes: z.boolean().optional(),
        /** A route for each pod on its node, instead of one for all. @default false */
        endpointRoutes: z.boolean().optional(),
    }),
]);

/** Encryption between nodes. The same in every member of a mesh. */
export const encryption = z.discriminatedUnion("type", [
    strict({ type: z.literal("none") }),
    strict({
        type: z.literal("wireguard"),
        /** Encrypt traffic of the nodes themselves too. @default false */
        nodeEncryption: z.boolean().optional(),
        /** Drop what would leave a node unencrypted for this IPv4 network. @default - leave it */
        strictEgressCidr: cidrOf("IPv4").optional(),
    }),
    strict(
        {
            type: z.literal("ipsec"),
            /** The key, as `ID+ ALGORITHM KEY LENGTH`: for example `3+ rfc4106(gcm(aes)) … 128`. The same in every cluster. Whoever brings one changes it with the next ID, 1 after 15. @default - one that this program makes */
            key: secretRef.optional(),
            /** Which key that this program makes is in use: one more makes the next one, in every cluster at once, and the agents keep the one before for 15 minutes. Only one more at a time, with one version of Cilium in the whole mesh; after a key of your own, begin with the ID after its (https://docs.cilium.io/en/stable/security/network/encryption-ipsec/#key-rotation). @default 1 */
            keyGeneration: z.int().min(1).optional(),
        },
        { nodeEncryption: "IPsec has no node encryption; WireGuard has" },
    ),
]);

/** Flow visibility. */
export const hubble = strict({
    /** Collect flows on every node. @default false */
    enabled: z.boolean().optional(),
    /** Gather the flows of all nodes, and of all clusters, in one place. @default false */
    relay: z.boolean().optional(),
    /** The web page; needs relay. @default false */
    ui: z.boolean().optional(),
    /** Flow metrics for Prometheus, for example `["dns", "drop", "tcp"]`. @default - none */
    metrics: z.array(z.string().min(1)).optional(),
    /** Let the relay answer over TLS only, the page too; command lines then need `--tls`. Needs relay. @default false */
    relayTls: z.boolean().optional(),
    /** Serve the metrics over TLS only. Needs metrics, and Cilium 1.17 or later; certgen cannot make its certificate. @default false */
    metricsTls: z.boolean().optional(),
});

const semver = text(
    (value) => /^\d+\.\d+\.\d+$/.test(value),
    "must be a full version without v",
    'write it as "1.19.6"',
);

/** Cilium, for the whole mesh. A cluster may say otherwise where members of a mesh may differ. */
const shape = {
    /** The chart's version; members of one mesh may differ by one minor version. */
    version: semver,
    /** Where the chart comes from: a chart of its own, or `{ bundled: true }` for the one that RKE2 brings. @default - https://helm.cilium.io/ */
    chart: ciliumChart.optional(),
    /** How packets between nodes travel. The same in every member. @default - a VXLAN tunnel */
    routing: routing.optional(),
    /** Encryption between nodes. The same in every member. @default - none */
    encryption: encryption.optional(),
    /** Who gives nodes their pod ranges: Kubernetes (as RKE2 was told) or Cilium's operator. @default "kubernetes" */
    ipam: z.enum(["kubernetes", "cluster-pool"]).optional(),
    /** Where pods' addresses are hidden behind the node's when they leave the cluster: in eBPF, in iptables, or nowhere. @default "bpf" */
    masquerade: z.enum(["bpf", "iptables", "none"]).optional(),
    /** Route chosen pods' traffic out through chosen nodes. Needs eBPF masquerading and IPv4. @default - on in a cluster with egress */
    egressGateway: z.boolean().optional(),
    /** How Services are balanced on nodes. @default - at random, answered by the node that was reached */
    serviceLoadBalancing: serviceLoadBalancing.optional(),
    /** The network interfaces that Cilium balances Services and masquerades on. @default - those with a route, as it finds them */
    devices: z.array(device).min(1).optional(),
    /** Limits of pods' bandwidth; `{}` turns them on. Not together with IPsec. @default - off */
    bandwidthManager: bandwidthManager.optional(),
    /** Translate between IPv4 and IPv6 for pods (RFC 6052); needs pods of both families. @default false */
    nat46x64: z.boolean().optional(),
    /** Flow visibility. @default - off */
    hubble: hubble.optional(),
    /** How many operators; two need two nodes. @default - 2, and 1 on a single node that is described */
    operatorReplicas: z.int().min(1).max(5).optional(),
    /** Copy EndpointSlices of global Services between clusters. @default false */
    endpointSliceSynchronization: z.boolean().optional(),
    /**
     * The Multi-Cluster Services API: ServiceExport and ServiceImport, whose CRDs are made here up to Cilium 1.18, and by its
     * operator from 1.19 on. With `true`, CoreDNS is not told of their domain, clusterset.local.
     * @default false
     * @see https://docs.cilium.io/en/stable/network/clustermesh/mcsapi/
     */
    mcsApi: z
        .union([
            z.boolean(),
            strict({
                /**
                 * Have the cluster's CoreDNS answer for `<service>.<namespace>.svc.clusterset.local`, by the only
                 * HelmChartConfig that RKE2's chart `rke2-coredns` can have: one of your own is not overwritten, but refused
                 * by the cluster. For clusters of RKE2 with CoreDNS 1.12.2 or later, in releases whose chart this program
                 * knows: from v1.31.10, v1.32.6, v1.33.2 and v1.34.1 on.
                 * @see https://coredns.io/plugins/kubernetes/
                 */
                dns: z.literal(true),
            }),
        ])
        .optional(),
    /** Let policies that name no cluster mean the local one only. Cilium 1.18 and later. @default - false up to 1.18, true from 1.19 */
    policyDefaultLocalCluster: z.boolean().optional(),
    /** How long data of a lost cluster stays in use, as a Go duration. Cilium 1.19 and later. @default "0s" - for ever */
    cacheTTL: duration.optional(),
    /** How remote clusters are known: all as one user, both ways, or each by its name. @default - legacy up to 1.18, migration from 1.19 */
    authMode: z.enum(["legacy", "migration", "cluster"]).optional(),
    /** The minor version the cluster was first installed with, as "1.16"; keeps that version's defaults. @default - none */
    upgradeCompatibility: z
        .string()
        .regex(/^1\.\d+$/, { error: 'must be a minor version such as "1.16"' })
        .optional(),
    /** SPIRE mutual authentication. It does not work in a mesh, and is refused there. @default false */
    mutualAuthentication: z.boolean().optional(),
    /** Any other chart value, merged last. Keys that the mesh owns are refused. @default - none */
    values: z.record(z.string(), z.json()).optional(),
} as const;

const elsewhere = {
    maxConnectedClusters: "it is one number for the whole mesh: write it under mesh",
    kubeProxyReplacement: "always on here: RKE2 runs without kube-proxy",
    srv6: "SRv6 is not in the open-source charts; use native routing with BGP",
    externalWorkloads: "removed from Cilium in 1.18",
    loadBalancer:
        "what gives Services addresses is described beside cilium, as loadBalancer; how they are balanced as cilium.serviceLoadBalancing",
    maglev: "write serviceLoadBalancing",
    nat46x64Gateway: "write nat46x64",
};

export const cilium = strict(
    {
        ...shape,
        /** An upgrade of Cilium that is under way. @default - none: Cilium stays on the minor version that runs, and clusters change side by side */
        upgrade: ciliumUpgrade.optional(),
    },
    elsewhere,
);

/** What one cluster does differently. */
export const ciliumOverride = strict(
    {
        ...shape,
        /** The chart's version; members of one mesh may differ by one minor version. @default - the mesh's */
        version: semver.optional(),
    },
    { ...elsewhere, upgrade: "clusters change one after the other: write it under cilium of the mesh" },
);

export type CiliumDescription = z.infer<typeof cilium>;
export type RoutingDescription = z.infer<typeof routing>;
export type EncryptionDescription = z.infer<typeof encryption>;
