/*
 * The specs of MetalLB's objects.
 * https://metallb.io/apis/
 */
import { parseAddress, parseRange } from "../../model/net/range.ts";
import type { Bgp, L2, Pool } from "../../model/resolved.ts";
import { DEFAULT_TIMES } from "../../model/support/bgp.ts";
import type { Advertisement } from "../../model/support/bgp-advertisements.ts";
import { peersOf, type BgpPeer, type Instance } from "../../model/support/bgp-instances.ts";
import { parseCommunity, toPair } from "../../model/support/community.ts";
import { minorOf } from "../../model/support/version.ts";
import { defined } from "../announcing/defined.ts";

type Families = readonly ("ipv4" | "ipv6")[];

/** https://metallb.io/configuration/_advanced_ipaddresspool_configuration/ */
export function ipAddressPool({ addresses, autoAssign, serviceSelector }: Pool) {
    return {
        addresses: addresses.map(toNetwork),
        autoAssign,
        ...(serviceSelector === undefined
            ? {}
            : { serviceAllocation: { serviceSelectors: [serviceSelector] } }),
    };
}

/** Without names of pools it would announce all there are, also those of others. */
export function l2Advertisement(pools: readonly Pool[], { interfaces, nodeSelector, serviceSelector }: L2) {
    return defined({
        ipAddressPools: pools.map(({ name }) => name),
        interfaces,
        nodeSelectors: listOf(nodeSelector),
        serviceSelectors: listOf(serviceSelector),
    });
}

/** Nodes are selected by the neighbours: a node without a session announces nothing. */
export function bgpAdvertisement(pools: readonly Pool[], advertisement: Advertisement, bgp: Bgp) {
    return defined({
        ipAddressPools: advertisement.pools ?? pools.map(({ name }) => name),
        peers: advertisement.peers ?? Object.keys(peersOf(bgp)),
        aggregationLength: advertisement.aggregationLengthIPv4,
        aggregationLengthV6: advertisement.aggregationLengthIPv6,
        localPref: advertisement.localPreference,
        communities: advertisement.communities?.map(communityName),
        serviceSelectors: listOf(advertisement.serviceSelector),
    });
}

/** Names for the communities of an announcement: the well-known ones keep theirs. */
export function communityAliases(communities: readonly string[]) {
    return communities.map((text) => ({
        name: communityName(text),
        value: parseCommunity(text)?.kind === "large" ? `large:${text}` : toPair(text),
    }));
}

/** All times are written out: where a session names one of them only, MetalLB would compute the others from it. */
export function bgpPeer(
    name: string,
    peer: BgpPeer,
    { localASN, nodeSelector }: Instance,
    {
        version,
        families,
        passwordSecret,
    }: {
        readonly version: string;
        readonly families: Families;
        readonly passwordSecret?: { readonly name: string; readonly namespace: string };
    },
) {
    const { holdTime, keepAliveTime, connectRetryTime } = DEFAULT_TIMES;
    return defined({
        myASN: localASN,
        peerASN: peer.asn === "any" ? undefined : peer.asn,
        peerAddress: peer.address,
        peerPort: peer.port ?? 179,
        holdTime: `${peer.holdTimeSeconds ?? holdTime}s`,
        keepaliveTime: `${peer.keepAliveTimeSeconds ?? keepAliveTime}s`,
        connectTime: `${peer.connectRetryTimeSeconds ?? connectRetryTime}s`,
        ebgpMultiHop: (peer.ebgpMultihop ?? 1) > 1,
        enableGracefulRestart: peer.gracefulRestart !== undefined,
        ...familySwitch(version, peer.families ?? families),
        bfdProfile: peer.bfd === undefined ? undefined : name,
        passwordSecret,
        nodeSelectors: listOf(nodeSelector),
    });
}

/** Intervals in milliseconds. What is left out is FRR's own default, which is also what the description says. */
export function bfdProfile(bfd: NonNullable<BgpPeer["bfd"]>) {
    return defined({
        receiveInterval: bfd.receiveIntervalMilliseconds,
        transmitInterval: bfd.transmitIntervalMilliseconds,
        detectMultiplier: bfd.detectMultiplier,
        passiveMode: bfd.passiveMode,
        minimumTtl: bfd.minimumTtl,
    });
}

/** A session speaks the family of its address. Both is a switch since 0.15; before, both was the default and could be switched off. */
function familySwitch(version: string, families: Families) {
    const both = families.length > 1;
    return minorOf(version) >= 15 ? { dualStackAddressFamily: both } : { disableMP: !both };
}

/** MetalLB takes networks and ranges; a single address is a network of one. */
function toNetwork(text: string): string {
    const address = parseAddress(text);
    if (address !== undefined) return `${text}/${address.family === "IPv4" ? 32 : 128}`;
    return parseRange(text)?.prefix === undefined ? text.replaceAll(/\s/g, "") : text;
}

function communityName(text: string): string {
    const kind = parseCommunity(text)?.kind;
    return kind === "wellKnown" ? text : `${kind ?? "unknown"}-${text.replaceAll(":", "-")}`;
}

function listOf<Value>(value: Value | undefined): Value[] | undefined {
    return value === undefined ? undefined : [value];
}
