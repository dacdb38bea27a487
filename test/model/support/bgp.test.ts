import { describe, expect, it } from "vitest";

import type { Bgp } from "../../../model/resolved.ts";
import { bgpProblems } from "../../../model/support/cilium-bgp.ts";
import { communityProblems, parseCommunity, toPair } from "../../../model/support/community.ts";

function bgp(changes: Partial<Bgp> = {}, peer: Partial<Bgp["peers"][string]> = {}): Bgp {
    return {
        mode: "bgp",
        localASN: 65010,
        peers: { tor: { address: "192.168.10.1", asn: 65000, ...peer } },
        advertise: ["LoadBalancerIP"],
        ...changes,
    };
}

/** Path and rule of each problem with Cilium's newest version. */
function problems(described: Bgp, version = "1.20.2"): string[] {
    return bgpProblems(described, version, "announce").map(({ path, rule }) => `${path} ${rule}`);
}

describe("BGP with any speaker", () => {
    it("has no problem as it is", () => {
        expect(problems(bgp())).toEqual([]);
    });

    it.each([0, -1, 4294967296, 1.5])("refuses %d as an AS number", (asn) => {
        expect(problems(bgp({ localASN: asn }, { asn }))).toEqual([
            "announce.localASN is not an AS number: 1 to 4294967295",
            "announce.peers.tor.asn is not an AS number: 1 to 4294967295",
        ]);
    });

    it.each([1, 4294967295])("accepts %d as an AS number", (asn) => {
        expect(problems(bgp({ localASN: asn }, { asn }))).toEqual([]);
    });

    it("refuses a keep-alive time above the hold time, also where one of them is the default", () => {
        const rule = (hold: number) =>
            `announce.peers.tor.keepAliveTimeSeconds is longer than the hold time, ${hold}: the session would end between two signs of life`;
        expect(problems(bgp({}, { keepAliveTimeSeconds: 91 }))).toEqual([rule(90)]);
        expect(problems(bgp({}, { holdTimeSeconds: 9 }))).toEqual([rule(9)]);
        expect(problems(bgp({}, { holdTimeSeconds: 9, keepAliveTimeSeconds: 9 }))).toEqual([]);
    });

    it("refuses hops to an internal neighbour", () => {
        expect(problems(bgp({}, { asn: 65010, ebgpMultihop: 2 }))).toEqual([
            "announce.peers.tor.ebgpMultihop is for external neighbours, and this one has our own AS number, 65010",
        ]);
        expect(problems(bgp({}, { asn: 65010, ebgpMultihop: 1 }))).toEqual([]);
        expect(problems(bgp({}, { ebgpMultihop: 255 }))).toEqual([]);
    });

    it("refuses one address twice, however it is written", () => {
        const peers = {
            one: { address: "fd00::1", asn: 65000 },
            other: { address: "fd00:0::0001", asn: 65001, port: 1790 },
        };
        expect(problems(bgp({ peers }))).toEqual([
            "announce.peers.other.address is also the address of the neighbour one: a speaker tells neighbours apart by address, whatever the port",
        ]);
    });

    it("refuses a local preference that no neighbour would see", () => {
        expect(problems(bgp({ localPreference: 200 }))).toEqual([
            "announce.localPreference is sent to internal neighbours only, and none has our own AS number, 65010",
        ]);
        expect(problems(bgp({ localPreference: 200 }, { asn: 65010 }))).toEqual([]);
    });

    it("refuses what is said twice", () => {
        expect(problems(bgp({ advertise: ["PodCIDR", "PodCIDR"] }, { families: ["ipv4", "ipv4"] }))).toEqual([
            "announce.peers.tor.families[1] is there twice",
            "announce.advertise[1] is there twice",
        ]);
    });
});

describe("communities", () => {
    it.each([
        ["65000:100", "standard"],
        ["0:0", "standard"],
        ["4294967295", "standard"],
        ["65000:1:2", "large"],
        ["4294967295:4294967295:0", "large"],
        ["no-export", "wellKnown"],
    ])("reads %s as %s", (text, kind) => {
        expect(parseCommunity(text)).toEqual({ kind, text });
    });

    it.each([
        "",
        "65536:1",
        "1:65536",
        "4294967296",
        "1:2:4294967296",
        "1:2:3:4",
        "01:2",
        "a:b",
        "No-Export",
        "large:1:2:3",
        "1:",
        "toString",
    ])("refuses %j", (text) => {
        expect(parseCommunity(text)).toBeUndefined();
    });

    it.each([
        ["65000:100", "65000:100"],
        ["4259840100", "65000:100"],
        ["no-export", "65535:65281"],
        ["no-advertise", "65535:65282"],
        ["blackhole", "65535:666"],
        ["planned-shut", "65535:0"],
        ["internet", "0:0"],
    ])("writes %s as %s in pairs", (text, pair) => {
        expect(toPair(text)).toBe(pair);
    });

    it("names each that is none or there twice", () => {
        expect(communityProblems(["1:2", "x", "1:2"], "announce.communities")).toEqual([
            {
                path: "announce.communities[1]",
                value: '"x"',
                rule: "is not a community: neither standard (two numbers up to 65535), nor large (three up to 4294967295), nor well-known",
                fix: 'write it as "65000:100", "65000:1:2" or one of internet, planned-shut, accept-own, route-filter-translated-v4, route-filter-v4, route-filter-translated-v6, route-filter-v6, llgr-stale, no-llgr, blackhole, no-export, no-advertise, no-export-subconfed, no-peer',
            },
            {
                path: "announce.communities[2]",
                value: '"1:2"',
                rule: "is there twice",
                fix: "write it once",
            },
        ]);
    });
});

describe("BGP with Cilium", () => {
    it.each([
        ["1.18.11", ["announce.peers.tor.sourceInterface Cilium has it since 1.19, not in 1.18.11"]],
        ["1.19.6", []],
    ])("knows when a session could name its interface: %s", (version, expected) => {
        expect(problems(bgp({}, { sourceInterface: "lo1" }), version)).toEqual(expected);
    });

    it.each([
        [
            "1.17.16",
            [
                "announce.aggregationLengthIPv4 Cilium has it since 1.18, not in 1.17.16",
                "announce.aggregationLengthIPv6 Cilium has it since 1.18, not in 1.17.16",
            ],
        ],
        ["1.18.11", []],
    ])("knows when networks could be announced: %s", (version, expected) => {
        expect(problems(bgp({ aggregationLengthIPv4: 24, aggregationLengthIPv6: 64 }), version)).toEqual(
            expected,
        );
        expect(problems(bgp({ aggregationLengthIPv4: 32, aggregationLengthIPv6: 128 }), version)).toEqual([]);
    });

    it.each([
        ["1.17.16", ["announce.nodes.east-1.localASN Cilium has it since 1.18, not in 1.17.16"]],
        ["1.18.11", []],
    ])("knows when a node could have an AS number of its own: %s", (version, expected) => {
        const nodes = { "east-1": { localASN: 65011, localPort: 1179 } };
        expect(problems(bgp({ nodes }), version)).toEqual(expected);
    });

    it("has no BFD in any version", () => {
        expect(problems(bgp({}, { bfd: {} }))).toEqual([
            "announce.peers.tor.bfd is not in the open-source Cilium",
        ]);
    });

    it("refuses what is about Services where none is announced", () => {
        expect(
            problems(bgp({ advertise: ["PodCIDR"], serviceSelector: {}, aggregationLengthIPv4: 24 })),
        ).toEqual([
            "announce.serviceSelector is about addresses of Services, and none of them are announced",
            "announce.aggregationLengthIPv4 is about addresses of Services, and none of them are announced",
        ]);
    });

    it("refuses identifiers that are none or not the node's alone, and a source of no neighbour's family", () => {
        const nodes = {
            "east-1": { routerId: "fd00::1" },
            "east-2": { routerId: "10.255.0.1", localAddress: "192.168.10.12" },
            "east-3": { routerId: "10.255.0.1", localAddress: "fd00::3" },
            "east-4": { localASN: 0 },
        };
        expect(problems(bgp({ nodes }))).toEqual([
            "announce.nodes.east-1.routerId is not an IPv4 address, the form of every BGP identifier, in IPv6 networks too",
            "announce.nodes.east-3.localAddress is of another address family than every neighbour",
            "announce.nodes.east-4.localASN is not an AS number: 1 to 4294967295",
            "announce.nodes.east-3.routerId is also the identifier of east-2: a router refuses the second session",
        ]);
    });
});

it("refuses a port that Cilium's agent may not listen on", () => {
    const nodes = { "east-1": { localPort: 179 } };
    expect(bgpProblems(bgp({ nodes }), "1.19.6", "announce")).toEqual([
        {
            path: "announce.nodes.east-1.localPort",
            value: "179",
            rule: "is below 1024, where Cilium's agent, as its chart runs it, may not listen",
            fix: "choose a port from 1024 on, or leave it out: sessions begin on this side",
        },
    ]);
});
