import { z } from "zod";

import { address, asn, dnsLabel, labelSelector, port } from "./scalars.ts";
import { secretRef } from "./secret.ts";
import { strict } from "./strict.ts";

const milliseconds = z.int();
const seconds = z.int();

/** Fast failure detection beside BGP (RFC 5880). MetalLB in its FRR modes only. */
export const bfd = strict({
    /** Least time between received packets. @default 300 */
    receiveIntervalMilliseconds: milliseconds.min(10).max(60000).optional(),
    /** Least time between sent packets. @default 300 */
    transmitIntervalMilliseconds: milliseconds.min(10).max(60000).optional(),
    /** How many packets may be missed. @default 3 */
    detectMultiplier: z.int().min(2).max(255).optional(),
    /** Let the peer begin. @default false */
    passiveMode: z.boolean().optional(),
    /** The least TTL of a packet from a peer that is not a neighbour. @default 254 */
    minimumTtl: z.int().min(1).max(254).optional(),
});

/** One BGP neighbour. Its key names the session. */
export const bgpPeer = strict(
    {
        /** The neighbour's address. */
        address,
        /** The neighbour's AS number, 1 to 4294967295. */
        asn,
        /** The neighbour's TCP port. @default 179 */
        port: port.optional(),
        /** The TCP MD5 password. @default - none */
        password: secretRef.optional(),
        /** Most hops to an external neighbour, 1 to 255; MetalLB only tells 1 from more. @default 1 */
        ebgpMultihop: z.int().min(1).max(255).optional(),
        /** How long a silent neighbour counts as alive, at least 3. @default 90 */
        holdTimeSeconds: seconds.min(3).max(65535).optional(),
        /** How often to show that we are alive; at most the hold time. @default 30 */
        keepAliveTimeSeconds: seconds.min(1).max(65535).optional(),
        /** How long to wait between two attempts. @default 120 */
        connectRetryTimeSeconds: seconds.min(1).max(65535).optional(),
        /** Keep forwarding while this side restarts, for so long. @default - no graceful restart */
        gracefulRestart: strict({
            /** How long the neighbour keeps our routes. @default 120 */
            restartTimeSeconds: seconds.min(1).max(4095).optional(),
        }).optional(),
        /** The address families spoken. @default - those of the cluster's pod ranges */
        families: z
            .array(z.enum(["ipv4", "ipv6"]))
            .min(1)
            .max(2)
            .optional(),
        /** The interface whose address is the session's source. Cilium 1.19 and later. @default - chosen by the route */
        sourceInterface: z.string().min(1).optional(),
        /** Fast failure detection. MetalLB only. @default - none */
        bfd: bfd.optional(),
    },
    { peerASN: "write asn", peerAddress: "write address" },
);

/** What one node does differently. Its key is the node's name. */
export const bgpNode = strict({
    /** The BGP identifier, an IPv4 address. Needed on nodes without one. @default - the node's IPv4 address */
    routerId: address.optional(),
    /** The source address of its sessions. @default - chosen by the route */
    localAddress: address.optional(),
    /** The port it listens on. @default - it does not listen */
    localPort: port.optional(),
    /** Its own AS number. Cilium 1.18 and later. @default - the cluster's */
    localASN: asn.optional(),
});

/** Announce to routers by BGP. */
export const bgpAnnounce = strict({
    mode: z.literal("bgp"),
    /** The AS number of the cluster's nodes, 1 to 4294967295. */
    localASN: asn,
    /** The neighbours, by name. */
    peers: z.record(dnsLabel, bgpPeer).refine((value) => Object.keys(value).length > 0, {
        error: "needs at least one neighbour: without one nothing is announced",
        params: { fix: 'add one, for example peers: { tor: { address: "192.168.10.1", asn: 65000 } }' },
    }),
    /** The nodes that speak. @default - all */
    nodeSelector: labelSelector.optional(),
    /** What is announced. `PodCIDR` and `ClusterIP` need Cilium as the speaker. @default ["LoadBalancerIP"] */
    advertise: z
        .array(z.enum(["LoadBalancerIP", "ExternalIP", "ClusterIP", "PodCIDR"]))
        .min(1)
        .optional(),
    /** The Services whose addresses are announced. @default - all */
    serviceSelector: labelSelector.optional(),
    /** Standard (`65000:100`), large (`65000:1:2`) or well-known (`no-export`) communities of every route. @default - none */
    communities: z.array(z.string()).optional(),
    /** The local preference of every route, to internal neighbours only. @default 100 */
    localPreference: z.int().min(0).max(4294967295).optional(),
    /** The prefix length that single IPv4 addresses are announced as. @default 32 */
    aggregationLengthIPv4: z.int().min(1).max(32).optional(),
    /** The prefix length that single IPv6 addresses are announced as. @default 128 */
    aggregationLengthIPv6: z.int().min(1).max(128).optional(),
    /** What single nodes do differently. Cilium only. @default - nothing */
    nodes: z.record(z.string(), bgpNode).optional(),
});

/** Announce on the node network by ARP and NDP. */
export const l2Announce = strict({
    mode: z.literal("l2"),
    /** The interfaces announced on: Go regular expressions with LB-IPAM, exact names with MetalLB. @default - all */
    interfaces: z.array(z.string().min(1)).min(1).optional(),
    /** The nodes that announce. @default - all */
    nodeSelector: labelSelector.optional(),
    /** The Services whose addresses are announced. LB-IPAM, or MetalLB 0.16 and later. @default - all */
    serviceSelector: labelSelector.optional(),
    /** Announce the addresses of load balancers. LB-IPAM only. @default true */
    loadBalancerIPs: z.boolean().optional(),
    /** Announce the `externalIPs` of Services. LB-IPAM only. @default false */
    externalIPs: z.boolean().optional(),
});

/** How addresses become known outside the cluster. `none` leaves it to someone else. */
export const announce = z.discriminatedUnion("mode", [
    l2Announce,
    bgpAnnounce,
    strict({ mode: z.literal("none") }),
]);

export type AnnounceDescription = z.infer<typeof announce>;
export type BgpDescription = z.infer<typeof bgpAnnounce>;
export type L2Description = z.infer<typeof l2Announce>;
