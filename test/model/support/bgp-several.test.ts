/* Several instances and advertisements: what each speaker refuses of them, as a person reads it. */
import { describe, expect, it } from "vitest";

import { formatProblem, type Problem } from "../../../model/problem.ts";
import type { Announce, Bgp, Pool } from "../../../model/resolved.ts";
import { resolveAnnounce } from "../../../model/resolve/announce.ts";
import { bgpProblems } from "../../../model/support/cilium-bgp.ts";
import { metalLbAnnounceProblems } from "../../../model/support/metallb.ts";
import { metalLbAggregationProblems } from "../../../model/support/metallb-bgp.ts";

type Described = Omit<Extract<Parameters<typeof resolveAnnounce>[0], { mode: "bgp" }>, "mode">;

const tor = { address: "192.168.10.1", asn: 65000 };
const core = { address: "192.168.10.2", asn: 65010 };
const plain = { localASN: 65010, peers: { tor } } as const;

function bgp(described: Described): Bgp {
    const resolved: Announce = resolveAnnounce({ mode: "bgp", ...described });
    if (resolved.mode !== "bgp") throw new Error("not BGP");
    return resolved;
}

function text(problems: readonly Problem[]): string {
    return problems.map(formatProblem).join("\n");
}

const byCilium = (described: Described, version = "1.20.2") =>
    text(bgpProblems(bgp(described), version, "announce"));

const byMetalLb = (described: Described, version = "0.16.2") =>
    text(metalLbAnnounceProblems(bgp(described), version, "announce"));

describe("what is announced in all", () => {
    it("is that of each advertisement, once", () => {
        expect(bgp(plain).advertise).toEqual(["LoadBalancerIP"]);
        expect(
            bgp({
                ...plain,
                advertisements: {
                    a: { advertise: ["PodCIDR", "ClusterIP"] },
                    b: { advertise: ["ClusterIP"] },
                    c: {},
                    d: { interfaceAddresses: ["lo1"] },
                },
            }).advertise,
        ).toEqual(["PodCIDR", "ClusterIP", "LoadBalancerIP"]);
    });
});

describe("BGP with any speaker", () => {
    it("has no problem with several of everything", () => {
        const several: Described = {
            ...plain,
            instances: { two: { localASN: 65010, peers: { core } } },
            advertisements: {
                all: { localPreference: 200 },
                some: { peers: ["core"], communities: ["no-export"], localPreference: 200 },
            },
        };
        expect(byCilium(several)).toBe("");
        expect(byMetalLb(several)).toBe("");
    });

    it("tells instances and neighbours apart by name", () => {
        expect(byCilium({ ...plain, instances: { bgp: { localASN: 0, peers: { tor: core } } } }))
            .toMatchInlineSnapshot(`
          "announce.instances.bgp.localASN = 0
              is not an AS number: 1 to 4294967295
              fix: use the number agreed with the network's owner, or a private one: 64512 to 65534, 4200000000 to 4294967294
          announce.instances.bgp
              is the name of the instance that the announcement itself describes
              fix: choose another name
          announce.instances.bgp.peers.tor = "tor"
              is also the name of a neighbour of the first instance: passwords and advertisements know neighbours by name
              fix: choose another name, such as "bgp-tor""
        `);
    });

    it("refuses neighbours that are nowhere, at two places or at one with another", () => {
        const gateway = { defaultGateway: "ipv4", asn: 65000 } as const;
        expect(
            byCilium({
                localASN: 65010,
                peers: { nowhere: { asn: 65000 }, both: { ...tor, ...gateway }, one: gateway, same: gateway },
            }),
        ).toMatchInlineSnapshot(`
          "announce.peers.nowhere.address
              is missing: nothing says where the neighbour is
              fix: write its address, or defaultGateway: "ipv4" where it is each node's default gateway
          announce.peers.both.defaultGateway = "ipv4"
              is one place of the neighbour, and its address 192.168.10.1 another: Cilium would take the address
              fix: leave one of them out
          announce.peers.one.defaultGateway = "ipv4"
              is also the place of the neighbour both: a speaker tells neighbours apart by address, whatever the port
              fix: describe each neighbour once
          announce.peers.same.defaultGateway = "ipv4"
              is also the place of the neighbour both: a speaker tells neighbours apart by address, whatever the port
              fix: describe each neighbour once"
        `);
    });

    it("refuses an advertisement to nobody, and a neighbour that is told nothing", () => {
        expect(
            byCilium({
                localASN: 65010,
                peers: { tor, core },
                advertisements: {
                    one: { peers: ["tor", "tor", "spine"], localPreference: 5, communities: ["x"] },
                },
            }),
        ).toMatchInlineSnapshot(`
          "announce.advertisements.one.communities[0] = "x"
              is not a community: neither standard (two numbers up to 65535), nor large (three up to 4294967295), nor well-known
              fix: write it as "65000:100", "65000:1:2" or one of internet, planned-shut, accept-own, route-filter-translated-v4, route-filter-v4, route-filter-translated-v6, route-filter-v6, llgr-stale, no-llgr, blackhole, no-export, no-advertise, no-export-subconfed, no-peer
          announce.advertisements.one.localPreference = 5
              is sent to internal neighbours only, and none has our own AS number, 65010
              fix: leave it out, and let the neighbours prefer routes by their communities
          announce.advertisements.one.peers[1] = "tor"
              is there twice
              fix: write it once
          announce.advertisements.one.peers[2] = "spine"
              is the name of no neighbour
              fix: the neighbours are tor, core
          announce.peers.core = "core"
              is named by no advertisement: it would be told nothing
              fix: add it to the peers of one, or take the neighbour out"
        `);
    });

    it("refuses attributes that would be in no advertisement", () => {
        expect(
            byCilium({
                ...plain,
                advertise: ["PodCIDR"],
                communities: ["no-export"],
                advertisements: { one: {} },
            }),
        ).toMatchInlineSnapshot(`
          "announce.advertise = ["PodCIDR"]
              stands beside advertisements, and would be in none of them
              fix: move it into those that it is for
          announce.communities = ["no-export"]
              stands beside advertisements, and would be in none of them
              fix: move it into those that it is for"
        `);
        expect(
            byCilium({
                ...plain,
                advertise: ["PodCIDR"],
                advertisements: { one: { advertise: ["PodCIDR"] } },
            }),
        ).toBe("");
    });

    it("takes a neighbour of any AS number for one that may be internal", () => {
        const any = { ...tor, asn: "any" } as const;
        expect(byCilium({ ...plain, peers: { any }, localPreference: 200 })).toBe("");
    });
});

describe("Cilium", () => {
    const newest: Described = {
        localASN: 65010,
        localPort: 1790,
        peers: { gateway: { defaultGateway: "ipv6", asn: "any" } },
        routerIds: "10.255.0.0/24",
        advertisements: { own: { interfaceAddresses: ["lo1"] } },
    };

    it("has all of it in 1.20", () => {
        expect(byCilium(newest)).toBe("");
    });

    it("lacks some of it before", () => {
        expect(byCilium(newest, "1.18.11")).toMatchInlineSnapshot(`
          "announce.advertisements.own.interfaceAddresses = ["lo1"]
              Cilium has it since 1.19, not in 1.18.11
              fix: use Cilium 1.19 or later, or leave it out"
        `);
        expect(byCilium({ localASN: 65010, peers: { tor: { ...tor, asn: "any" } } }, "1.16.19"))
            .toMatchInlineSnapshot(`
          "announce.peers.tor.asn = "any"
              Cilium has it since 1.17, not in 1.16.19
              fix: use Cilium 1.17 or later, or leave it out"
        `);
        expect(byCilium(newest, "1.17.16")).toMatchInlineSnapshot(`
          "announce.peers.gateway.defaultGateway = "ipv6"
              Cilium has it since 1.18, not in 1.17.16
              fix: use Cilium 1.18 or later, or leave it out
          announce.localPort = 1790
              Cilium has it since 1.18, not in 1.17.16
              fix: use Cilium 1.18 or later, or leave it out
          announce.advertisements.own.interfaceAddresses = ["lo1"]
              Cilium has it since 1.19, not in 1.17.16
              fix: use Cilium 1.19 or later, or leave it out
          announce.routerIds = "10.255.0.0/24"
              Cilium has it since 1.18, not in 1.17.16
              fix: use Cilium 1.18 or later, or leave it out"
        `);
    });

    it("refuses what no version has", () => {
        expect(
            byCilium({
                ...plain,
                localPort: 179,
                routerIds: "fd00::/64",
                advertisements: {
                    own: { interfaceAddresses: ["lo1"], serviceSelector: {}, aggregationLengthIPv4: 24 },
                    web: { pools: ["web"] },
                },
            }),
        ).toMatchInlineSnapshot(`
          "announce.localPort = 179
              is below 1024, where Cilium's agent, as its chart runs it, may not listen
              fix: choose a port from 1024 on, or leave it out: sessions begin on this side
          announce.advertisements.own.serviceSelector = {}
              is about addresses of Services, and none of them are announced
              fix: add "LoadBalancerIP" to advertise, or leave this out
          announce.advertisements.own.aggregationLengthIPv4 = 24
              is about addresses of Services, and none of them are announced
              fix: add "LoadBalancerIP" to advertise, or leave this out
          announce.advertisements.web.pools = ["web"]
              is MetalLB's: Cilium announces Services, whichever pool their address is from
              fix: give those Services a label, and name it in serviceSelector
          announce.routerIds = "fd00::/64"
              is not an IPv4 range, and every BGP identifier has the form of an IPv4 address, in IPv6 networks too
              fix: write a range that nothing else uses, such as "10.255.0.0/24""
        `);
    });

    it("lets no two nodes have one identifier, whatever the instance", () => {
        const routerId = "10.255.0.1";
        const two = { localASN: 65010, peers: { core }, nodes: { "east-1": { routerId } } };
        expect(byCilium({ ...plain, nodes: { "east-1": { routerId } }, instances: { two } })).toBe("");
        expect(byCilium({ ...plain, nodes: { "east-2": { routerId } }, instances: { two } }))
            .toMatchInlineSnapshot(`
          "announce.instances.two.nodes.east-1.routerId = "10.255.0.1"
              is also the identifier of east-2: a router refuses the second session
              fix: give each node its own"
        `);
    });

    it("takes 16 instances for a node", () => {
        const instances = (count: number) =>
            Object.fromEntries(
                Array.from({ length: count }, (_, index) => [
                    `n${index}`,
                    { localASN: 65010, peers: { [`p${index}`]: { ...tor, address: `10.0.0.${index + 1}` } } },
                ]),
            );
        expect(byCilium({ ...plain, instances: instances(15) })).toBe("");
        expect(byCilium({ ...plain, instances: instances(16) })).toMatchInlineSnapshot(`
          "announce.instances = 17
              are the instances for the nodes of the first instance, and Cilium takes 16 for a node
              fix: give some of them a nodeSelector that selects other nodes"
        `);
    });
});

describe("MetalLB", () => {
    const pools: Pool[] = ["mesh", "web"].map((name, index) => ({
        name,
        addresses: [`10.9.${index}.0/24`],
        autoAssign: true,
    }));

    it("names what it lacks", () => {
        expect(
            byMetalLb({
                ...plain,
                localPort: 1790,
                routerIds: "10.255.0.0/24",
                instances: {
                    two: {
                        localASN: 65010,
                        localPort: 1791,
                        peers: { gateway: { defaultGateway: "ipv4", asn: "any" } },
                        nodes: { "east-1": { localPort: 1 } },
                    },
                },
                advertisements: { own: { advertise: ["PodCIDR"], interfaceAddresses: ["lo1"] } },
            }),
        ).toMatchInlineSnapshot(`
          "announce.advertisements.own.advertise[0] = "PodCIDR"
              MetalLB announces only the addresses of its pools
              fix: leave it out, or let Cilium give and announce the addresses (lb-ipam)
          announce.advertisements.own.interfaceAddresses = ["lo1"]
              MetalLB announces only the addresses of its pools
              fix: leave it out, or let Cilium give and announce the addresses (lb-ipam)
          announce.localPort = 1790
              MetalLB begins its sessions itself, and does not listen
              fix: leave it out, or let Cilium give and announce the addresses (lb-ipam)
          announce.instances.two.peers.gateway.asn = "any"
              MetalLB needs the AS number of every neighbour
              fix: write it, or let Cilium give and announce the addresses (lb-ipam)
          announce.instances.two.peers.gateway.defaultGateway = "ipv4"
              MetalLB finds no neighbour itself
              fix: write its address, or let Cilium give and announce the addresses (lb-ipam)
          announce.instances.two.localPort = 1791
              MetalLB begins its sessions itself, and does not listen
              fix: leave it out, or let Cilium give and announce the addresses (lb-ipam)
          announce.instances.two.nodes.east-1 = {"localPort":1}
              MetalLB treats all nodes of a neighbour the same
              fix: leave it out, or let Cilium give and announce the addresses (lb-ipam)
          announce.routerIds = "10.255.0.0/24"
              MetalLB takes the node's IPv4 address as its identifier
              fix: leave it out, or let Cilium give and announce the addresses (lb-ipam)"
        `);
    });

    const internal = { localASN: 65010, peers: { core, edge: { ...core, address: "192.168.10.3" } } };

    it("refuses two preferences for the same addresses", () => {
        const two: Described = {
            ...internal,
            advertisements: { low: { localPreference: 50 }, high: { localPreference: 200 } },
        };
        expect(byMetalLb(two)).toMatchInlineSnapshot(`
          "announce.advertisements.high.localPreference = 200
              differs from that of low, 50, for the same addresses: MetalLB would refuse one of them
              fix: write the same, or tell the two apart by pools or serviceSelector"
        `);
    });

    it.each<[string, NonNullable<Described["advertisements"]>]>([
        ["pools", { low: { pools: ["mesh"] }, high: { pools: ["web"], localPreference: 200 } }],
        ["length", { low: {}, high: { aggregationLengthIPv4: 24, localPreference: 200 } }],
        ["Services", { low: {}, high: { serviceSelector: {}, localPreference: 200 } }],
    ])("tells advertisements apart by %s", (_, advertisements) => {
        expect(byMetalLb({ ...internal, advertisements })).toBe("");
    });

    it("tells them apart by neighbours since 0.16.2", () => {
        const advertisements = { low: { peers: ["core"] }, high: { peers: ["edge"], localPreference: 200 } };
        expect(byMetalLb({ ...internal, advertisements })).toBe("");
        expect(byMetalLb({ ...internal, advertisements }, "0.16.1")).toContain(
            "announce.advertisements.high.localPreference",
        );
    });

    it("refuses pools that there are not, and looks at the size of those that are told", () => {
        const announced = bgp({
            ...plain,
            advertisements: { one: { pools: ["mesh", "msh"], aggregationLengthIPv4: 16 } },
        });
        expect(text(metalLbAggregationProblems(pools, announced, "announce"))).toMatchInlineSnapshot(`
          "announce.advertisements.one.pools[1] = "msh"
              is not a pool of the load balancer
              fix: name one of mesh, web
          announce.advertisements.one.aggregationLengthIPv4 = 16
              is wider than the pool mesh: the largest network in 10.9.0.0/24 is a /24
              fix: write 24 or more, or make the pool a whole network"
        `);
    });
});
