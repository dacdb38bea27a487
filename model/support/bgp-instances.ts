import type { BgpInstanceDescription } from "../description/announce.ts";
import { parseAddress, type Family } from "../net/range.ts";
import type { Bgp } from "../resolved.ts";

/** A speaker on some nodes, with its neighbours. */
export interface Instance extends BgpInstanceDescription {
    readonly name: string;
    /** Where it stands below the announcement: nothing for the first, which is the announcement itself. */
    readonly at: string;
}

export type BgpPeer = Bgp["peers"][string];

/** The name of the instance that the announcement itself describes. */
export const FIRST = "bgp";

/** The instances of an announcement: itself, then those it names. */
export function instancesOf(bgp: Bgp): Instance[] {
    const { localASN, peers, nodeSelector, localPort, nodes } = bgp;
    return [
        { name: FIRST, at: "", localASN, peers, nodeSelector, localPort, nodes },
        ...Object.entries(bgp.instances ?? {}).map(([name, instance]) => ({
            ...instance,
            name,
            at: `.instances.${name}`,
        })),
    ];
}

/** What a person calls an instance. */
export function called({ name }: Instance): string {
    return name === FIRST ? "the first instance" : `the instance ${name}`;
}

/** Instances whose selectors are the same, which one object of Cilium's describes together. The first one's name is the group's. */
export function instancesByNodes(bgp: Bgp): Instance[][] {
    return [
        ...Map.groupBy(instancesOf(bgp), ({ nodeSelector }) => JSON.stringify(nodeSelector ?? {})).values(),
    ];
}

/** Every neighbour, with the instance that speaks to it. */
export function neighboursOf(
    bgp: Bgp,
): { readonly name: string; readonly peer: BgpPeer; readonly instance: Instance; readonly at: string }[] {
    return instancesOf(bgp).flatMap((instance) =>
        Object.entries(instance.peers).map(([name, peer]) => ({
            name,
            peer,
            instance,
            at: `${instance.at}.peers.${name}`,
        })),
    );
}

/** The neighbours by name. Their names are unique among all instances, or refused. */
export function peersOf(bgp: Bgp): Readonly<Record<string, BgpPeer>> {
    return Object.fromEntries(neighboursOf(bgp).map(({ name, peer }) => [name, peer]));
}

/** The family a session with this neighbour runs over. */
export function familyOf({ address, defaultGateway }: BgpPeer): Family | undefined {
    if (defaultGateway !== undefined) return defaultGateway === "ipv6" ? "IPv6" : "IPv4";
    return parseAddress(address ?? "")?.family;
}
