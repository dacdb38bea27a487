import { parseRange, type Range } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Announce, Bgp, Pool } from "../resolved.ts";
import { sharedBgpProblems } from "./bgp.ts";
import { advertisementsOf, aggregations, type Advertisement } from "./bgp-advertisements.ts";
import { familyOf, instancesOf, type BgpPeer, type Instance } from "./bgp-instances.ts";
import { lacks, serviceSelectorProblems } from "./metallb-lacks.ts";
import { compareVersions } from "./version.ts";

/** What MetalLB, in this version, cannot announce by BGP as described. */
export function bgpProblems(bgp: Bgp, version: string, path: string): Problem[] {
    return [
        ...sharedBgpProblems(bgp, path),
        ...advertisementsOf(bgp).flatMap((advertisement) =>
            advertisementProblems(advertisement, version, `${path}${advertisement.at}`),
        ),
        ...instancesOf(bgp).flatMap((instance) => instanceProblems(instance, `${path}${instance.at}`)),
        ...preferenceProblems(bgp, version, path),
        ...(bgp.routerIds === undefined
            ? []
            : lacks(`${path}.routerIds`, bgp.routerIds, "takes the node's IPv4 address as its identifier")),
    ];
}

function instanceProblems({ peers, localPort, nodes }: Instance, path: string): Problem[] {
    return [
        ...Object.entries(peers).flatMap(([name, peer]) => peerProblems(peer, `${path}.peers.${name}`)),
        ...(localPort === undefined
            ? []
            : lacks(`${path}.localPort`, localPort, "begins its sessions itself, and does not listen")),
        ...Object.entries(nodes ?? {}).flatMap(([node, override]) =>
            lacks(`${path}.nodes.${node}`, override, "treats all nodes of a neighbour the same"),
        ),
    ];
}

function advertisementProblems(advertisement: Advertisement, version: string, path: string): Problem[] {
    const { advertise, interfaceAddresses, localPreference } = advertisement;
    return [
        ...advertise.flatMap((what, index) =>
            what === "LoadBalancerIP"
                ? []
                : lacks(`${path}.advertise[${index}]`, what, "announces only the addresses of its pools"),
        ),
        ...(interfaceAddresses === undefined
            ? []
            : lacks(
                  `${path}.interfaceAddresses`,
                  interfaceAddresses,
                  "announces only the addresses of its pools",
              )),
        ...serviceSelectorProblems(advertisement, version, path),
        ...selectedAggregationProblems(advertisement, path),
        ...(localPreference === 0
            ? lacks(`${path}.localPreference`, 0, "reads 0 as no local preference")
            : []),
    ];
}

/**
 * MetalLB's webhook refuses two preferences for what may be one route: of a common pool, at the same length, to whomever;
 * since 0.16.2 only where they share a neighbour. Where Services are selected it does not know, and lets both in.
 */
function preferenceProblems(bgp: Bgp, version: string, path: string): Problem[] {
    const advertisements = advertisementsOf(bgp).filter(
        ({ serviceSelector }) => serviceSelector === undefined,
    );
    const byNeighbour = compareVersions(version, "0.16.2") >= 0;
    const clash = (a: Advertisement, b: Advertisement) =>
        (a.localPreference ?? 0) !== (b.localPreference ?? 0) &&
        share(a.pools, b.pools) &&
        (!byNeighbour || share(a.peers, b.peers)) &&
        JSON.stringify(aggregations(a)) === JSON.stringify(aggregations(b));
    return advertisements.flatMap((advertisement, index) => {
        const other = advertisements.slice(0, index).find((earlier) => clash(earlier, advertisement));
        return other === undefined
            ? []
            : [
                  {
                      path: `${path}${advertisement.at}.localPreference`,
                      value: show(advertisement.localPreference),
                      rule: `differs from that of ${other.name}, ${show(other.localPreference ?? "none")}, for the same addresses: MetalLB would refuse one of them`,
                      fix: "write the same, or tell the two apart by pools or serviceSelector",
                  },
              ];
    });
}

/** Whether two lists of names have one in common; a list that is left out has all. */
function share(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
    return a === undefined || b === undefined || a.some((name) => b.includes(name));
}

function peerProblems(peer: BgpPeer, path: string): Problem[] {
    const { port, sourceInterface, gracefulRestart, families, defaultGateway } = peer;
    const own = familyOf(peer) === "IPv6" ? "ipv6" : "ipv4";
    return [
        ...(peer.asn === "any"
            ? lacks(`${path}.asn`, peer.asn, "needs the AS number of every neighbour", "write it")
            : []),
        ...(port !== undefined && port > 16384
            ? lacks(`${path}.port`, port, "takes ports up to 16384 only")
            : []),
        ...(defaultGateway === undefined
            ? []
            : lacks(
                  `${path}.defaultGateway`,
                  defaultGateway,
                  "finds no neighbour itself",
                  "write its address",
              )),
        ...(sourceInterface === undefined
            ? []
            : lacks(`${path}.sourceInterface`, sourceInterface, "chooses the source address by the route")),
        ...(gracefulRestart?.restartTimeSeconds === undefined
            ? []
            : lacks(
                  `${path}.gracefulRestart.restartTimeSeconds`,
                  gracefulRestart.restartTimeSeconds,
                  "restarts gracefully with FRR's time, 120 seconds",
              )),
        ...(families === undefined || families.includes(own)
            ? []
            : lacks(
                  `${path}.families`,
                  families,
                  `always speaks the family of the neighbour's address, ${own}, and the other one beside it`,
              )),
        ...(peer.bfd?.minimumTtl !== undefined && (peer.ebgpMultihop ?? 1) === 1
            ? lacks(`${path}.bfd.minimumTtl`, peer.bfd.minimumTtl, "looks at the TTL only with ebgpMultihop")
            : []),
    ];
}

function selectedAggregationProblems(advertisement: Advertisement, path: string): Problem[] {
    const { serviceSelector, aggregationLengthIPv4 = 32, aggregationLengthIPv6 = 128 } = advertisement;
    return serviceSelector === undefined || (aggregationLengthIPv4 === 32 && aggregationLengthIPv6 === 128)
        ? []
        : lacks(`${path}.serviceSelector`, serviceSelector, "cannot select Services and aggregate at once");
}

/**
 * Pools that MetalLB's webhook refuses beside this announcement: it aggregates whole networks only. And names of pools that
 * there are not.
 *
 * @param path Where the announcement stands.
 */
export function metalLbAggregationProblems(
    pools: readonly Pool[],
    announce: Announce,
    path: string,
): Problem[] {
    if (announce.mode !== "bgp") return [];
    return advertisementsOf(announce).flatMap((advertisement) => [
        ...poolNameProblems(advertisement, pools, `${path}${advertisement.at}`),
        ...lengthProblems(advertisement, pools, `${path}${advertisement.at}`),
    ]);
}

function poolNameProblems(
    { pools: named = [] }: Advertisement,
    pools: readonly Pool[],
    path: string,
): Problem[] {
    const names = pools.map(({ name }) => name);
    return named.flatMap((name, index) =>
        names.includes(name)
            ? []
            : [
                  {
                      path: `${path}.pools[${index}]`,
                      value: show(name),
                      rule: "is not a pool of the load balancer",
                      fix: `name one of ${names.join(", ")}`,
                  },
              ],
    );
}

function lengthProblems(advertisement: Advertisement, pools: readonly Pool[], path: string): Problem[] {
    const lengths = {
        IPv4: advertisement.aggregationLengthIPv4,
        IPv6: advertisement.aggregationLengthIPv6,
    } as const;
    const told = pools.filter(({ name }) => advertisement.pools?.includes(name) ?? true);
    return told.flatMap(({ name, addresses }) =>
        addresses.flatMap((text) => {
            const range = parseRange(text);
            if (range === undefined) return [];
            const length = lengths[range.family];
            const largest = largestNetwork(range);
            return length === undefined || length >= largest
                ? []
                : [
                      {
                          path: `${path}.aggregationLength${range.family}`,
                          value: show(length),
                          rule: `is wider than the pool ${name}: the largest network in ${text} is a /${largest}`,
                          fix: `write ${largest} or more, or make the pool a whole network`,
                      },
                  ];
        }),
    );
}

/** The prefix length of the largest network among those that a range is made of. */
function largestNetwork({ first, last, prefix, family }: Range): number {
    if (prefix !== undefined) return prefix;
    const bits = family === "IPv4" ? 32 : 128;
    let shortest = bits;
    for (let from = first; from <= last;) {
        let length = bits;
        let size = 1n;
        while (length > 0 && from % (size * 2n) === 0n && from + size * 2n - 1n <= last) {
            size *= 2n;
            length -= 1;
        }
        shortest = Math.min(shortest, length);
        from += size;
    }
    return shortest;
}
