import { z } from "zod";

import { address, asn, cidr, dnsLabel, labelSelector, port } from "./scalars.ts";
import { secretRef } from "./secret.ts";
import { strict, text } from "./strict.ts";

const interfaceName = text(
    (value) => /^[^\s/:]{1,15}$/.test(value),
    "must be the name of a Linux interface: at most 15 characters, no space, slash or colon",
    "write a name that `ip link` shows",
);

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
        /** The neighbour's address. @default - needed, unless defaultGateway says where the neighbour is */
        address: address.optional(),
        /** The neighbour is each node's default gateway of this family. Instead of address; Cilium 1.18 and later (https://docs.cilium.io/en/stable/network/bgp-control-plane/bgp-control-plane-configuration/). @default - the neighbour is at address */
        defaultGateway: z.enum(["ipv4", "ipv6"]).optional(),
        /** The neighbour's AS number, 1 to 4294967295, or `any`: whichever it names itself. `any` needs Cilium 1.17 or later as the speaker. */
        asn: z.union([asn, z.literal("any")]),
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
    /** The BGP identifier, an IPv4 address. Needed on nodes without one up to Cilium 1.17; later ones take a part of a MAC address. @default - the node's IPv4 address */
    routerId: address.optional(),
    /** The source address of its sessions. @default - chosen by the route */
    localAddress: address.optional(),
    /** The port it listens on. @default - it does not listen */
    localPort: port.optional(),
    /** Its own AS number. Cilium 1.18 and later. @default - the cluster's */
    localASN: asn.optional(),
});

/** Who speaks, and with whom: the cluster's only BGP instance, or one of several. */
const speaking = {
    /** The AS number of the nodes that speak, 1 to 4294967295. */
    localASN: asn,
    /** The neighbours, by name. A name stands for one neighbour in all instances. */
    peers: z.record(dnsLabel, bgpPeer).refine((value) => Object.keys(value).length > 0, {
        error: "needs at least one neighbour: without one nothing is announced",
        params: { fix: 'add one, for example peers: { tor: { address: "192.168.10.1", asn: 65000 } }' },
    }),
    /** The nodes that speak. @default - all */
    nodeSelector: labelSelector.optional(),
    /** The port they listen on, 1024 or higher. Cilium 1.18 and later. @default - they do not listen: sessions begin on this side */
    localPort: port.optional(),
    /** What single nodes do differently. Cilium only. @default - nothing */
    nodes: z.record(z.string(), bgpNode).optional(),
};

/** What neighbours are told, and with which attributes. */
const telling = {
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
};

const kindsOfAddress = z.array(z.enum(["LoadBalancerIP", "ExternalIP", "ClusterIP", "PodCIDR"])).min(1);

/** A further BGP instance: other nodes with other neighbours, or a second AS number on the same nodes. Its key names it. */
export const bgpInstance = strict(speaking);

/** One of several advertisements. Its key names it. */
export const bgpAdvertisement = strict({
    /** What is announced. `PodCIDR` and `ClusterIP` need Cilium as the speaker. @default - LoadBalancerIP, or nothing beside interfaceAddresses */
    advertise: kindsOfAddress.optional(),
    /** Interfaces of the nodes whose addresses are announced, each as a single one. The hosts give them to their interfaces themselves. Cilium 1.19 and later. @default - none */
    interfaceAddresses: z.array(interfaceName).min(1).optional(),
    ...telling,
    /** The neighbours that are told. @default - all, of all instances */
    peers: z.array(dnsLabel).min(1).optional(),
    /** The pools whose addresses are announced. MetalLB only. @default - all */
    pools: z.array(dnsLabel).min(1).optional(),
});

/** Announce to routers by BGP. */
export const bgpAnnounce = strict({
    mode: z.literal("bgp"),
    ...speaking,
    /** What is announced. `PodCIDR` and `ClusterIP` need Cilium as the speaker. @default ["LoadBalancerIP"] */
    advertise: kindsOfAddress.optional(),
    ...telling,
    /** Several advertisements, by name, instead of the one above: other attributes for other Services, or for other neighbours (https://docs.cilium.io/en/stable/network/bgp-control-plane/bgp-control-plane-configuration/, https://metallb.io/configuration/_advanced_bgp_configuration/). @default - one, of advertise and what stands beside it */
    advertisements: z
        .record(dnsLabel, bgpAdvertisement)
        .refine((value) => Object.keys(value).length > 0, {
            error: "names no advertisement: nothing would be announced",
            params: {
                fix: 'add one, for example { public: { advertise: ["LoadBalancerIP"] } }, or leave it out',
            },
        })
        .optional(),
    /** Further BGP instances, by name, beside the one described here: for other nodes, or a second AS number on the same ones. With MetalLB nodes have one AS number each, since 0.16, before that one for all (https://docs.cilium.io/en/stable/network/bgp-control-plane/bgp-control-plane-configuration/). @default - none */
    instances: z.record(dnsLabel, bgpInstance).optional(),
    /** An IPv4 range that BGP identifiers are taken from, one for each node and instance, and no other router (https://docs.cilium.io/en/stable/network/bgp-control-plane/bgp-control-plane-configuration/). Cilium 1.18 and later. @default - the node's IPv4 address */
    routerIds: cidr.optional(),
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
    /** How long it takes until another node answers for an address (https://docs.cilium.io/en/stable/network/l2-announcements/). LB-IPAM only. @default - 15, 5 and 2 seconds */
    lease: strict({
        /** How long a silent node keeps an address before another one takes it. @default 15 */
        durationSeconds: seconds.min(1).max(3600).optional(),
        /** How often the node that answers says that it is there; less than durationSeconds. @default 5 */
        renewDeadlineSeconds: seconds.min(1).max(3600).optional(),
        /** How long it waits to say it again after a failure; less than five sixths of renewDeadlineSeconds. @default 2 */
        retryPeriodSeconds: seconds.min(1).max(3600).optional(),
    }).optional(),
    /** For how many announced Services the agents' rate of requests to the API is computed: each costs one for every renewDeadlineSeconds (https://docs.cilium.io/en/stable/network/l2-announcements/#sizing-client-rate-limit). LB-IPAM only. @default 200 */
    services: z.int().min(1).max(10000).optional(),
});

/** How addresses become known outside the cluster. `none` leaves it to someone else. */
export const announce = z.discriminatedUnion("mode", [
    l2Announce,
    bgpAnnounce,
    strict({ mode: z.literal("none") }),
]);

export type AnnounceDescription = z.infer<typeof announce>;
export type BgpDescription = z.infer<typeof bgpAnnounce>;
export type BgpAdvertisementDescription = z.infer<typeof bgpAdvertisement>;
export type BgpInstanceDescription = z.infer<typeof bgpInstance>;
export type L2Description = z.infer<typeof l2Announce>;
