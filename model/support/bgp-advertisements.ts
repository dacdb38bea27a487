import type { BgpAdvertisementDescription } from "../description/announce.ts";
import type { Bgp } from "../resolved.ts";

/** One thing that neighbours are told, with the attributes it is told with. */
export interface Advertisement extends Omit<BgpAdvertisementDescription, "advertise"> {
    readonly name: string;
    /** Where it stands below the announcement: nothing, where the announcement itself is the only one. */
    readonly at: string;
    readonly advertise: readonly ("LoadBalancerIP" | "ExternalIP" | "ClusterIP" | "PodCIDR")[];
}

/** The name of the only advertisement. One of several that has this name goes on where that one was. */
export const ONLY = "bgp";

/** What is announced by default: nothing beside the addresses of interfaces. */
export function advertiseOf({
    advertise,
    interfaceAddresses,
}: BgpAdvertisementDescription): Advertisement["advertise"] {
    return advertise ?? (interfaceAddresses === undefined ? ["LoadBalancerIP"] : []);
}

/** The advertisements of an announcement: those it names, or itself. */
export function advertisementsOf(bgp: Bgp): Advertisement[] {
    if (bgp.advertisements !== undefined) {
        return Object.entries(bgp.advertisements).map(([name, advertisement]) => ({
            ...advertisement,
            name,
            at: `.advertisements.${name}`,
            advertise: advertiseOf(advertisement),
        }));
    }
    const { advertise, serviceSelector, communities, localPreference } = bgp;
    const { aggregationLengthIPv4, aggregationLengthIPv6 } = bgp;
    return [
        {
            name: ONLY,
            at: "",
            advertise,
            serviceSelector,
            communities,
            localPreference,
            aggregationLengthIPv4,
            aggregationLengthIPv6,
        },
    ];
}

/** The advertisements that a neighbour is told. */
export function toldTo(peer: string, bgp: Bgp): Advertisement[] {
    return advertisementsOf(bgp).filter(({ peers }) => peers === undefined || peers.includes(peer));
}

/** The prefix lengths that differ from single addresses, which is what an announcement without them has. */
export function aggregations({
    aggregationLengthIPv4 = 32,
    aggregationLengthIPv6 = 128,
}: Pick<Advertisement, "aggregationLengthIPv4" | "aggregationLengthIPv6">) {
    const ipv4 =
        aggregationLengthIPv4 === 32 ? [] : [["aggregationLengthIPv4", aggregationLengthIPv4] as const];
    const ipv6 =
        aggregationLengthIPv6 === 128 ? [] : [["aggregationLengthIPv6", aggregationLengthIPv6] as const];
    return [...ipv4, ...ipv6];
}
