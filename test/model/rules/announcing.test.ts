import { expect, it } from "vitest";

import type { ClusterDescription } from "../../../model/describe.ts";
import * as announcing from "../../../model/rules/announcing.ts";
import { disjoint } from "../../../model/rules/ranges.ts";
import type { TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

type Announce = ClusterDescription["announce"];
type Bgp = Extract<Announce, { mode: "bgp" }>;

const tor = { address: "192.168.10.1", asn: 65000 };
const bgp: Bgp = { mode: "bgp", localASN: 65001, peers: { tor } };
const pools = { mesh: ["10.250.1.0/24"] };

const byCilium = (announce: Announce) => (mesh: TwoClusters) => {
    mesh.clusters.east.loadBalancer = {
        provider: "lb-ipam",
        pools: announce.mode === "bgp" ? pools : { mesh: ["192.168.10.200-192.168.10.219"] },
    };
    mesh.clusters.east.announce = announce;
};

const byMetalLb = (announce: Announce) => (mesh: TwoClusters) => {
    mesh.clusters.east.loadBalancer = {
        provider: "metallb",
        pools: announce.mode === "bgp" ? pools : { mesh: ["192.168.10.200-192.168.10.219"] },
    };
    mesh.clusters.east.announce = announce;
};

it("accepts BGP by either speaker", () => {
    accepts(byCilium({ ...bgp, advertise: ["PodCIDR", "LoadBalancerIP"] }));
    accepts(byMetalLb(bgp));
});

it.each([0, 4294967296])("refuses the AS number %i", (localASN) => {
    expect(refuses(announcing.speakerCanDoIt, byCilium({ ...bgp, localASN }))).toContain("4294967295");
});

it("refuses an interface pattern that does not compile", () => {
    expect(refuses(announcing.speakerCanDoIt, byCilium({ mode: "l2", interfaces: ["^eth[0-9+$"] })))
        .toMatchInlineSnapshot(`
      "clusters.east.announce.interfaces[0] = "^eth[0-9+$"
          is not a regular expression of Go's: error parsing regexp: missing closing ]: \`[0-9+$\`
          fix: write one such as "^eth[0-9]+$"; Go has neither look-around nor back-references"
    `);
});

it("refuses a pattern that Go does not know", () => {
    expect(refuses(announcing.speakerCanDoIt, byCilium({ mode: "l2", interfaces: ["^(?!lo).*$"] })))
        .toMatchInlineSnapshot(`
      "clusters.east.announce.interfaces[0] = "^(?!lo).*$"
          is not a regular expression of Go's: error parsing regexp: invalid or unsupported Perl syntax: \`(?!\`
          fix: write one such as "^eth[0-9]+$"; Go has neither look-around nor back-references"
    `);
});

it("refuses a pattern where MetalLB compares names", () => {
    expect(refuses(announcing.speakerCanDoIt, byMetalLb({ mode: "l2", interfaces: ["^eth[0-9]+$"] })))
        .toMatchInlineSnapshot(`
      "clusters.east.announce.interfaces[0] = "^eth[0-9]+$"
          is a pattern, and MetalLB compares interface names as they are
          fix: name each interface: ["eth0", "eth1"]; patterns work with LB-IPAM"
    `);
});

it("refuses to leave the pools unannounced", () => {
    expect(
        refuses(
            announcing.speakerCanDoIt,
            byCilium({ mode: "l2", loadBalancerIPs: false, externalIPs: true }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.loadBalancerIPs = false
          leaves the pools' addresses unannounced, the mesh API's among them
          fix: leave it out; externalIPs can be announced besides"
    `);
});

it("refuses pod ranges where MetalLB speaks", () => {
    expect(
        refuses(announcing.speakerCanDoIt, byMetalLb({ ...bgp, advertise: ["LoadBalancerIP", "PodCIDR"] })),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.advertise[1] = "PodCIDR"
          MetalLB announces only the addresses of its pools
          fix: leave it out, or let Cilium give and announce the addresses (lb-ipam)"
    `);
});

it("refuses fast failure detection where Cilium speaks", () => {
    expect(refuses(announcing.speakerCanDoIt, byCilium({ ...bgp, peers: { tor: { ...tor, bfd: {} } } })))
        .toMatchInlineSnapshot(`
      "clusters.east.announce.peers.tor.bfd = {}
          is not in the open-source Cilium
          fix: leave it out and shorten holdTimeSeconds, or let MetalLB announce"
    `);
});

it("refuses a selector that selects no node", () => {
    expect(
        refuses(
            announcing.someNodeAnnounces,
            byCilium({ ...bgp, nodeSelector: { matchLabels: { rack: "1" } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.nodeSelector = {"matchLabels":{"rack":"1"}}
          selects none of the nodes, by the labels they are described with: nothing would be announced
          fix: correct it, or give nodes that label"
    `);
});

it("refuses two speakers on one node", () => {
    expect(
        refuses(announcing.oneBgpSpeaker, (mesh) => {
            byMetalLb(bgp)(mesh);
            mesh.clusters.east.nextLoadBalancer = {
                loadBalancer: { provider: "lb-ipam", pools: { next: ["10.251.1.0/24"] } },
                announce: bgp,
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.nextLoadBalancer.announce = "bgp"
          makes two BGP speakers (MetalLB and Cilium) on east-1, east-2: a router takes one session from a node
          fix: give the two announcements nodeSelectors that share no node, or announce one of them by L2"
    `);
});

it("accepts two speakers on different nodes", () => {
    accepts((mesh) => {
        byMetalLb({ ...bgp, nodeSelector: { matchLabels: { "kubernetes.io/hostname": "east-1" } } })(mesh);
        mesh.clusters.east.nextLoadBalancer = {
            loadBalancer: { provider: "lb-ipam", pools: { next: ["10.251.1.0/24"] } },
            announce: { ...bgp, nodeSelector: { matchLabels: { "kubernetes.io/hostname": "east-2" } } },
        };
    });
});

it("refuses to move to the provider in use", () => {
    expect(
        refuses(announcing.differentProviders, ({ clusters }) => {
            clusters.east.nextLoadBalancer = {
                loadBalancer: { provider: "metallb", pools: { next: ["192.168.10.220-192.168.10.229"] } },
                announce: { mode: "l2" },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.nextLoadBalancer.loadBalancer.provider = "metallb"
          is the provider in use already: two of one kind are one
          fix: name the other provider, or add its pools to loadBalancer"
    `);
});

it("refuses a move to MetalLB in which both would serve the same Services", () => {
    expect(
        refuses(announcing.movingNeedsAClass, (mesh) => {
            byCilium({ mode: "l2" })(mesh);
            mesh.clusters.east.nextLoadBalancer = {
                loadBalancer: { provider: "metallb", pools: { next: ["192.168.10.220-192.168.10.229"] } },
                announce: { mode: "l2" },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.nextLoadBalancer.loadBalancer.loadBalancerClass
          is missing: MetalLB and LB-IPAM would both give addresses to Services without a class
          fix: name a class, for example "metallb.io/metallb", and give it to the Services that shall move"
    `);
});

it("refuses a neighbour described twice", () => {
    expect(refuses(announcing.speakerCanDoIt, byCilium({ ...bgp, peers: { tor, again: tor } })))
        .toMatchInlineSnapshot(`
      "clusters.east.announce.peers.again.address = "192.168.10.1"
          is also the address of the neighbour tor: a speaker tells neighbours apart by address, whatever the port
          fix: describe each neighbour once"
    `);
});

it("refuses an override for a node that does not exist", () => {
    expect(
        refuses(
            announcing.overriddenNodesExist,
            byCilium({ ...bgp, nodes: { "east-9": { routerId: "192.168.10.19" } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.nodes.east-9
          is not a node of the cluster
          fix: the nodes are east-1, east-2"
    `);
});

it("refuses a family that the cluster does not speak", () => {
    expect(
        refuses(
            announcing.peerFamilies,
            byCilium({ ...bgp, peers: { tor: { ...tor, families: ["ipv4", "ipv6"] } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.peers.tor.families = "ipv6"
          is not spoken by the cluster (ipv4)
          fix: leave it out, or give the cluster ranges of that family"
    `);
});

it("refuses one range for MetalLB and LB-IPAM", () => {
    expect(
        refuses(disjoint, ({ clusters }) => {
            clusters.east.nextLoadBalancer = {
                loadBalancer: { provider: "lb-ipam", pools: { next: ["192.168.10.210-192.168.10.229"] } },
                announce: { mode: "l2" },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.nextLoadBalancer.loadBalancer.pools.next = "192.168.10.210-192.168.10.229"
          overlaps clusters.east.loadBalancer.pools.mesh (192.168.10.200-192.168.10.219): no two pod, service, node or pool ranges of a mesh may share an address
          fix: give one of them another range"
    `);
});

it("warns of a pattern that matches parts of names", () => {
    expect(warns(announcing.patternsMatchParts, byCilium({ mode: "l2", interfaces: ["eth0", "^eth1$"] })))
        .toMatchInlineSnapshot(`
      "clusters.east.announce.interfaces[0] = "eth0"
          matches any interface whose name has such a part: eth0 matches veth0 too
          fix: begin it with ^ and end it with $ to match whole names"
    `);
});

it("refuses IPv6 on the node network where Cilium answers ARP only", () => {
    expect(
        refuses(
            announcing.speakerCanDoIt,
            (mesh) => {
                mesh.cilium = { version: "1.18.11" };
                byCilium({ mode: "l2" })(mesh);
                mesh.clusters.east.loadBalancer = {
                    provider: "lb-ipam",
                    pools: { mesh: ["192.168.10.200-192.168.10.219", "fd00::200-fd00::2ff"] },
                };
            },
            { others: true },
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce = "l2"
          Cilium 1.18.11 announces no IPv6 addresses on the node network, and the pool mesh has fd00::200-fd00::2ff: it does from 1.19 on
          fix: use Cilium 1.19 or later, let MetalLB announce, or announce by BGP"
    `);
});

it("refuses a move to LB-IPAM in which both would serve the same Services", () => {
    expect(
        refuses(announcing.movingNeedsAClass, (mesh) => {
            mesh.cilium = { version: "1.16.1" };
            mesh.rke2.version = "v1.31.1+rke2r1";
            mesh.clusters.east.nextLoadBalancer = {
                loadBalancer: { provider: "lb-ipam", pools: { next: ["192.168.10.220-192.168.10.229"] } },
                announce: { mode: "l2" },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.loadBalancerClass
          is missing: Cilium 1.16.1 cannot leave Services without a class to MetalLB, so both would give them addresses
          fix: name a class before moving and give it to MetalLB's Services, or use Cilium 1.17 or later"
    `);
});

it.each(["10.10.0.1", "192.168.10.11", "10.250.1.7"])(
    "refuses %s, which is no router, as a neighbour",
    (address) => {
        expect(
            refuses(
                announcing.neighboursAreElsewhere,
                byCilium({ ...bgp, peers: { tor: { address, asn: 65000 } } }),
            ),
        ).toContain("which is no router");
    },
);

it("refuses a neighbour that is one of the nodes", () => {
    expect(
        refuses(
            announcing.neighboursAreElsewhere,
            byCilium({ ...bgp, peers: { tor: { address: "192.168.10.12", asn: 65000 } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.peers.tor.address = "192.168.10.12"
          belongs to the node east-2, which is no router
          fix: write the router's address"
    `);
});

it("refuses a neighbour of a family that the nodes lack", () => {
    expect(
        refuses(
            announcing.neighboursAreElsewhere,
            byCilium({ ...bgp, peers: { tor: { address: "fd00::1", asn: 65000 } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.peers.tor.address = "fd00::1"
          is an IPv6 address, and the nodes have none of that family
          fix: write the neighbour's IPv4 address"
    `);
});

it("refuses an override for a node that does not speak", () => {
    expect(
        refuses(
            announcing.overriddenNodesSpeak,
            byCilium({
                ...bgp,
                nodeSelector: { matchLabels: { "kubernetes.io/hostname": "east-1" } },
                nodes: { "east-2": { localPort: 1179 } },
            }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.nodes.east-2
          is for a node that nodeSelector does not select: it does not speak
          fix: take it out, or select the node"
    `);
});

it("accepts times of leases that the agents keep", () => {
    accepts(
        byCilium({
            mode: "l2",
            lease: { durationSeconds: 3, renewDeadlineSeconds: 2, retryPeriodSeconds: 1 },
            services: 500,
        }),
    );
});

it("refuses times of leases that the agents would replace", () => {
    expect(
        refuses(
            announcing.speakerCanDoIt,
            byCilium({ mode: "l2", lease: { durationSeconds: 5, retryPeriodSeconds: 5 } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.lease.renewDeadlineSeconds = 5
          is not shorter than the lease, 5 seconds: it would end before it is renewed, so the agents would take other times
          fix: write a third of durationSeconds
      clusters.east.announce.lease.retryPeriodSeconds = 5
          with a fifth on top is not shorter than renewDeadlineSeconds, 5: no second try would fit, so the agents would take other times
          fix: write less than five sixths of renewDeadlineSeconds, or make that longer"
    `);
    expect(
        refuses(
            announcing.speakerCanDoIt,
            byCilium({ mode: "l2", lease: { renewDeadlineSeconds: 6, retryPeriodSeconds: 5 } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.lease.retryPeriodSeconds = 5
          with a fifth on top is not shorter than renewDeadlineSeconds, 6: no second try would fit, so the agents would take other times
          fix: write less than five sixths of renewDeadlineSeconds, or make that longer"
    `);
});

it("refuses leases where MetalLB speaks", () => {
    expect(
        refuses(
            announcing.speakerCanDoIt,
            byMetalLb({ mode: "l2", lease: { durationSeconds: 9 }, services: 500 }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.lease = {"durationSeconds":9}
          MetalLB has no leases: its speakers tell each other who is there
          fix: leave it out, or let Cilium give and announce the addresses (lb-ipam)
      clusters.east.announce.services = 500
          MetalLB asks the API for nothing while it announces
          fix: leave it out, or let Cilium give and announce the addresses (lb-ipam)"
    `);
});

it("looks at the nodes, neighbours and families of every instance", () => {
    const spine = { address: "fd00::1", asn: 65000, families: ["ipv6" as const] };
    const announce: Bgp = {
        ...bgp,
        nodeSelector: { matchLabels: { "kubernetes.io/hostname": "east-1" } },
        instances: {
            two: {
                localASN: 65002,
                peers: { spine },
                nodeSelector: { matchLabels: { rack: "2" } },
                nodes: { "east-2": { routerId: "10.255.0.1" }, "east-9": { routerId: "10.255.0.2" } },
            },
        },
    };
    const every = [
        announcing.someNodeAnnounces,
        announcing.overriddenNodesExist,
        announcing.peerFamilies,
        announcing.neighboursAreElsewhere,
        announcing.overriddenNodesSpeak,
    ];
    expect(every.map((rule) => refuses(rule, byCilium(announce), { others: true })).join("\n"))
        .toMatchInlineSnapshot(`
      "clusters.east.announce.instances.two.nodeSelector = {"matchLabels":{"rack":"2"}}
          selects none of the nodes, by the labels they are described with: nothing would be announced
          fix: correct it, or give nodes that label
      clusters.east.announce.instances.two.nodes.east-9
          is not a node of the cluster
          fix: the nodes are east-1, east-2
      clusters.east.announce.instances.two.peers.spine.families = "ipv6"
          is not spoken by the cluster (ipv4)
          fix: leave it out, or give the cluster ranges of that family
      clusters.east.announce.instances.two.peers.spine.address = "fd00::1"
          is an IPv6 address, and the nodes have none of that family
          fix: write the neighbour's IPv4 address
      clusters.east.announce.instances.two.nodes.east-2
          is for a node that nodeSelector does not select: it does not speak
          fix: take it out, or select the node"
    `);
});

it("refuses a default gateway of a family that the nodes lack", () => {
    expect(
        refuses(
            announcing.neighboursAreElsewhere,
            byCilium({ ...bgp, peers: { tor: { defaultGateway: "ipv6", asn: 65000 } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.peers.tor.defaultGateway = "ipv6"
          is a family that the nodes have no addresses of
          fix: write "ipv4""
    `);
});

it("refuses a second speaker on a node of any instance", () => {
    expect(
        refuses(announcing.oneBgpSpeaker, (mesh) => {
            byMetalLb({
                ...bgp,
                nodeSelector: { matchLabels: { "kubernetes.io/hostname": "east-1" } },
                instances: {
                    two: {
                        localASN: 65001,
                        peers: { spine: { ...tor, address: "192.168.10.2" } },
                        nodeSelector: { matchLabels: { "kubernetes.io/hostname": "east-2" } },
                    },
                },
            })(mesh);
            mesh.clusters.east.nextLoadBalancer = {
                loadBalancer: { provider: "lb-ipam", pools: { next: ["10.251.1.0/24"] } },
                announce: { ...bgp, nodeSelector: { matchLabels: { "kubernetes.io/hostname": "east-2" } } },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.nextLoadBalancer.announce = "bgp"
          makes two BGP speakers (MetalLB and Cilium) on east-2: a router takes one session from a node
          fix: give the two announcements nodeSelectors that share no node, or announce one of them by L2"
    `);
});
