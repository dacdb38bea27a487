import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatAddress } from "../../../model/net/range.ts";
import type { Announce, Bgp } from "../../../model/resolved.ts";
import { metalLbAnnounceProblems } from "../../../model/support/metallb.ts";
import { metalLbAggregationProblems } from "../../../model/support/metallb-bgp.ts";

function bgp(changes: Partial<Bgp> = {}, peer: Partial<Bgp["peers"][string]> = {}): Bgp {
    return {
        mode: "bgp",
        localASN: 65010,
        peers: { tor: { address: "192.168.10.1", asn: 65000, ...peer } },
        advertise: ["LoadBalancerIP"],
        ...changes,
    };
}

function problems(announce: Announce, version = "0.16.1"): string[] {
    return metalLbAnnounceProblems(announce, version, "announce").map(({ path, rule }) => `${path} ${rule}`);
}

describe("MetalLB by L2", () => {
    it("has no problem with names of interfaces, dots included", () => {
        expect(problems({ mode: "l2", interfaces: ["eth0", "eth0.100", "en-p1s0"] })).toEqual([]);
        expect(problems({ mode: "none" })).toEqual([]);
    });

    it.each(["^eth0$", "eth.*", "eth[01]", "eth0|eth1", "eth\\d", "eth?", "e(th)0", "eth0+", "eth{1}"])(
        "refuses %s, since it compares names as they are",
        (name) => {
            expect(problems({ mode: "l2", interfaces: ["lo", name] })).toEqual([
                "announce.interfaces[1] is a pattern, and MetalLB compares interface names as they are",
            ]);
        },
    );

    it.each(["eth 0", "a/b", "eth0:1", "sixteen-letters-"])(
        "refuses %j, which no interface is called",
        (name) => {
            expect(problems({ mode: "l2", interfaces: [name] })).toEqual([
                "announce.interfaces[0] is not the name of a Linux interface: at most 15 characters, no space, slash or colon",
            ]);
        },
    );

    it("refuses to choose between kinds of addresses", () => {
        expect(problems({ mode: "l2", loadBalancerIPs: false, externalIPs: true })).toEqual([
            "announce.loadBalancerIPs MetalLB announces the addresses of load balancers always",
            "announce.externalIPs MetalLB announces no externalIPs, only addresses of its pools",
        ]);
        expect(problems({ mode: "l2", loadBalancerIPs: true, externalIPs: false })).toEqual([]);
    });

    it.each([
        ["0.15.3", ["announce.serviceSelector MetalLB has it since 0.16, not in 0.15.3"]],
        ["0.16.0", []],
    ])("knows when it could select Services: %s", (version, expected) => {
        expect(problems({ mode: "l2", serviceSelector: {} }, version)).toEqual(expected);
        expect(problems(bgp({ serviceSelector: {} }), version)).toEqual(expected);
    });
});

describe("MetalLB by BGP", () => {
    it("has no problem with what it can do", () => {
        const peer = {
            asn: 65010,
            gracefulRestart: {},
            families: ["ipv4" as const, "ipv6" as const],
            bfd: {},
            port: 16384,
        };
        expect(problems(bgp({ localPreference: 100, communities: ["no-export"] }, peer))).toEqual([]);
    });

    it("refuses what holds for every speaker", () => {
        expect(problems(bgp({ localASN: 0 }))).toEqual([
            "announce.localASN is not an AS number: 1 to 4294967295",
        ]);
    });

    it("names each field that it lacks", () => {
        expect(
            problems(
                bgp(
                    {
                        advertise: ["LoadBalancerIP", "PodCIDR", "ClusterIP", "ExternalIP"],
                        nodes: { "east-1": { routerId: "10.255.0.1" } },
                    },
                    {
                        port: 16385,
                        sourceInterface: "lo1",
                        gracefulRestart: { restartTimeSeconds: 60 },
                        families: ["ipv6"],
                        bfd: { minimumTtl: 250 },
                    },
                ),
            ),
        ).toEqual([
            "announce.advertise[1] MetalLB announces only the addresses of its pools",
            "announce.advertise[2] MetalLB announces only the addresses of its pools",
            "announce.advertise[3] MetalLB announces only the addresses of its pools",
            "announce.peers.tor.port MetalLB takes ports up to 16384 only",
            "announce.peers.tor.sourceInterface MetalLB chooses the source address by the route",
            "announce.peers.tor.gracefulRestart.restartTimeSeconds MetalLB restarts gracefully with FRR's time, 120 seconds",
            "announce.peers.tor.families MetalLB always speaks the family of the neighbour's address, ipv4, and the other one beside it",
            "announce.peers.tor.bfd.minimumTtl MetalLB looks at the TTL only with ebgpMultihop",
            "announce.nodes.east-1 MetalLB treats all nodes of a neighbour the same",
        ]);
    });

    it("refuses to select and to aggregate at once, and a local preference of 0", () => {
        const announce = bgp(
            { serviceSelector: {}, aggregationLengthIPv6: 64, localPreference: 0 },
            { asn: 65010 },
        );
        expect(problems(announce)).toEqual([
            "announce.serviceSelector MetalLB cannot select Services and aggregate at once",
            "announce.localPreference MetalLB reads 0 as no local preference",
        ]);
    });
});

describe("the aggregation of pools", () => {
    const pool = (...addresses: string[]) => [{ name: "mesh", addresses, autoAssign: true }];
    const rules = (announce: Announce, ...addresses: string[]) =>
        metalLbAggregationProblems(pool(...addresses), announce, "announce").map(
            ({ path, fix }) => `${path} ${fix}`,
        );

    it("is refused where no network of a pool is that large", () => {
        const announce = bgp({ aggregationLengthIPv4: 24, aggregationLengthIPv6: 64 });
        expect(rules(announce, "10.9.0.0/24", "10.8.0.0-10.8.1.255", "fd00::/64")).toEqual([]);
        expect(rules(announce, "10.9.0.0/25", "10.8.0.1-10.8.0.254", "fd00::1")).toEqual([
            "announce.aggregationLengthIPv4 write 25 or more, or make the pool a whole network",
            "announce.aggregationLengthIPv4 write 26 or more, or make the pool a whole network",
            "announce.aggregationLengthIPv6 write 128 or more, or make the pool a whole network",
        ]);
    });

    it("is no matter for L2, nor where it is not asked for", () => {
        expect(rules({ mode: "l2" }, "10.9.0.1")).toEqual([]);
        expect(rules(bgp(), "10.9.0.1", "fd00::1")).toEqual([]);
    });

    it("finds the largest network of any range", () => {
        fc.assert(
            fc.property(fc.nat(5000), fc.nat(5000), (from, length) => {
                const [first, last] = [BigInt(from), BigInt(from + length)];
                const text = `${formatAddress(first, "IPv4")}-${formatAddress(last, "IPv4")}`;
                const fits = (bits: number) => {
                    const size = 1n << BigInt(32 - bits);
                    const start = ((first + size - 1n) / size) * size;
                    return start + size - 1n <= last;
                };
                const largest = Array.from({ length: 33 }, (_, bits) => bits).find(fits) ?? 32;
                const announce = (bits: number) => bgp({ aggregationLengthIPv4: bits });
                expect(rules(announce(largest), text)).toEqual([]);
                expect(rules(announce(largest - 1), text)).toHaveLength(1);
            }),
        );
    });
});
