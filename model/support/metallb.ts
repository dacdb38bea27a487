import { parseAddress, parseRange, type Range } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Announce, Bgp, L2, Pool } from "../resolved.ts";
import { sharedBgpProblems } from "./bgp.ts";
import { minorOf } from "./version.ts";

/** What MetalLB, in this version, cannot announce as described. */
export function metalLbAnnounceProblems(announce: Announce, version: string, path: string): Problem[] {
    switch (announce.mode) {
        case "none":
            return [];
        case "l2":
            return l2Problems(announce, version, path);
        case "bgp":
            return bgpProblems(announce, version, path);
    }
}

/**
 * Pools that MetalLB's webhook refuses beside this announcement: it aggregates whole networks only.
 *
 * @param path Where the announcement stands.
 */
export function metalLbAggregationProblems(
    pools: readonly Pool[],
    announce: Announce,
    path: string,
): Problem[] {
    if (announce.mode !== "bgp") return [];
    const lengths = { IPv4: announce.aggregationLengthIPv4, IPv6: announce.aggregationLengthIPv6 } as const;
    return pools.flatMap(({ name, addresses }) =>
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

function l2Problems(l2: L2, version: string, path: string): Problem[] {
    return [
        ...(l2.interfaces ?? []).flatMap((name, index) =>
            interfaceProblems(name, `${path}.interfaces[${index}]`),
        ),
        ...serviceSelectorProblems(l2, version, path),
        ...(l2.loadBalancerIPs === false
            ? lacks(`${path}.loadBalancerIPs`, false, "announces the addresses of load balancers always")
            : []),
        ...(l2.externalIPs === true
            ? lacks(`${path}.externalIPs`, true, "announces no externalIPs, only addresses of its pools")
            : []),
    ];
}

/** MetalLB compares names as they are; a pattern would be the name of no interface, and nothing would be announced. */
function interfaceProblems(name: string, path: string): Problem[] {
    const at = { path, value: show(name) };
    if (/[\^$*+?()[\]{}|\\]/.test(name)) {
        return [
            {
                ...at,
                rule: "is a pattern, and MetalLB compares interface names as they are",
                fix: 'name each interface: ["eth0", "eth1"]; patterns work with LB-IPAM',
            },
        ];
    }
    return /^[^\s/:]{1,15}$/.test(name)
        ? []
        : [
              {
                  ...at,
                  rule: "is not the name of a Linux interface: at most 15 characters, no space, slash or colon",
                  fix: "write a name that `ip link` shows",
              },
          ];
}

function bgpProblems(bgp: Bgp, version: string, path: string): Problem[] {
    return [
        ...sharedBgpProblems(bgp, path),
        ...bgp.advertise.flatMap((what, index) =>
            what === "LoadBalancerIP"
                ? []
                : lacks(`${path}.advertise[${index}]`, what, "announces only the addresses of its pools"),
        ),
        ...Object.keys(bgp.peers).flatMap((name) => peerProblems(name, bgp, `${path}.peers.${name}`)),
        ...serviceSelectorProblems(bgp, version, path),
        ...selectedAggregationProblems(bgp, path),
        ...(bgp.localPreference === 0
            ? lacks(`${path}.localPreference`, 0, "reads 0 as no local preference")
            : []),
        ...Object.entries(bgp.nodes ?? {}).flatMap(([node, override]) =>
            lacks(`${path}.nodes.${node}`, override, "treats all nodes of a neighbour the same"),
        ),
    ];
}

function peerProblems(name: string, { peers }: Bgp, path: string): Problem[] {
    const peer = peers[name];
    if (peer === undefined) return [];
    const { port, sourceInterface, gracefulRestart, families, address } = peer;
    const own = parseAddress(address)?.family === "IPv6" ? "ipv6" : "ipv4";
    return [
        ...(port !== undefined && port > 16384
            ? lacks(`${path}.port`, port, "takes ports up to 16384 only")
            : []),
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

function serviceSelectorProblems({ serviceSelector }: Bgp | L2, version: string, path: string): Problem[] {
    return serviceSelector === undefined || minorOf(version) >= 16
        ? []
        : [
              {
                  path: `${path}.serviceSelector`,
                  value: show(serviceSelector),
                  rule: `MetalLB has it since 0.16, not in ${version}`,
                  fix: "use MetalLB 0.16 or later, or leave it out",
              },
          ];
}

function selectedAggregationProblems(bgp: Bgp, path: string): Problem[] {
    const { serviceSelector, aggregationLengthIPv4 = 32, aggregationLengthIPv6 = 128 } = bgp;
    return serviceSelector === undefined || (aggregationLengthIPv4 === 32 && aggregationLengthIPv6 === 128)
        ? []
        : lacks(`${path}.serviceSelector`, serviceSelector, "cannot select Services and aggregate at once");
}

function lacks(path: string, value: unknown, does: string): Problem[] {
    return [
        {
            path,
            value: show(value),
            rule: `MetalLB ${does}`,
            fix: "leave it out, or let Cilium give and announce the addresses (lb-ipam)",
        },
    ];
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
