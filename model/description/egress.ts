import { z } from "zod";

import { parseAddress, parseCidr } from "../net/range.ts";
import { dnsLabel, labelSelector } from "./scalars.ts";
import { strict, text } from "./strict.ts";

const ipv4Address = text(
    (value) => parseAddress(value)?.family === "IPv4",
    "must be one IPv4 address: before Cilium 1.20 there are no other egress addresses",
    'write it as "10.251.1.10"',
);

const ipv4Cidr = text(
    (value) => parseCidr(value)?.family === "IPv4",
    "must be an IPv4 CIDR whose host bits are zero",
    'write it as "10.251.1.0/24"',
);

/** What the kernel, Cilium or the names of network cards could mean too. */
const OTHERS = /^(lo|lxc|cilium|cni|kube|docker|veth|tunl|bond|eth|en|wl|ww|ib|br)/;

const interfaceName = text(
    (value) => /^[a-z][a-z0-9-]{0,14}$/.test(value) && !OTHERS.test(value),
    "must be the name of an interface that no host has yet: at most 15 lower-case letters, digits and hyphens, and not begin like those of network cards or of Cilium",
    'write it as "egress0"',
);

/** Pods that leave the cluster under addresses of their own. Its key is the owner's name. */
export const egressOwner = strict(
    {
        /** The namespaces of its pods, by name. @default - the one that is called like the owner, unless namespaceSelector says otherwise */
        namespaces: z.array(dnsLabel).min(1).optional(),
        /** The namespaces of its pods, by their labels; `{}` selects all. Instead of namespaces. @default - none */
        namespaceSelector: labelSelector.optional(),
        /** Which pods of these namespaces, by their labels. @default - all */
        podSelector: labelSelector.optional(),
        /** The owner's IPv4 address on each gateway, by the name of a node of this cluster. With several, which need Cilium 1.18, each pod leaves by one of them, and stays there until a gateway comes or goes. There is no failover: while its gateway is away, a pod does not get out. */
        gateways: z.record(z.string(), ipv4Address).refine((value) => Object.keys(value).length > 0, {
            error: "names no gateway: what leaves would be dropped",
            params: { fix: 'name a node and the address on it, as { "east-egress-1": "10.251.1.10" }' },
        }),
        /** The IPv4 networks that are reached under these addresses. Pods and nodes of the mesh are reached as ever, also where they lie in one of these. An agent keeps one entry for each pod and network, 16384 at most (`egressGateway.maxPolicyEntries`). @default ["0.0.0.0/0"] */
        destinations: z.array(ipv4Cidr).min(1).optional(),
        /** Parts of destinations that are not. @default - none */
        excluded: z.array(ipv4Cidr).min(1).optional(),
    },
    {
        address: "write it under gateways, by the name of the node that has it",
        egressIP: "write it under gateways, by the name of the node that has it",
        nodeSelector: "name the nodes under gateways: an address is on one of them",
        interface: "it is one for all owners: write it under egress",
    },
);

/**
 * Fixed addresses under which chosen pods leave the cluster. Cilium puts none of them on a host, and looks for them when a
 * policy comes: either this program puts them there (`interface`), or whoever runs the hosts does, before.
 * https://docs.cilium.io/en/stable/network/egress-gateway/egress-gateway/
 */
export const egress = strict({
    /** The IPv4 network that all of these addresses come from: of no other use, or a part of the cluster's own node network. */
    subnet: ipv4Cidr,
    /** Addresses of the subnet that nobody gets, such as the routers'. @default - none */
    reserved: z.array(ipv4Address).min(1).optional(),
    /** A dummy interface that this program makes on each gateway, now and at every start of the host, and puts its addresses on. Neighbours in the node network are answered for them by ARP; routers elsewhere learn them by an advertisement with `interfaceAddresses` of this name (Cilium 1.19), or are told. @default - none: the addresses must be on some interface of the gateway already */
    interface: interfaceName.optional(),
    /** Who leaves under which address, by name. An address has one owner. */
    owners: z.record(dnsLabel, egressOwner).refine((value) => Object.keys(value).length > 0, {
        error: "names no owner: nobody would use the subnet",
        params: {
            fix: 'add one, as { billing: { gateways: { "east-egress-1": "10.251.1.10" } } }, or leave egress out',
        },
    }),
});

export type EgressDescription = z.infer<typeof egress>;
