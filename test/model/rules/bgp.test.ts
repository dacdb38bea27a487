import { expect, it } from "vitest";

import type { ClusterDescription } from "../../../model/describe.ts";
import * as bgp from "../../../model/rules/bgp.ts";
import { twoClusters, type TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

type Bgp = Extract<ClusterDescription["announce"], { mode: "bgp" }>;

const tor = { address: "192.168.10.1", asn: 65000 };
const plain: Bgp = { mode: "bgp", localASN: 65001, peers: { tor } };
const pools = { mesh: ["10.250.1.0/24"] };
const onNode = (name: string) => ({ matchLabels: { "kubernetes.io/hostname": name } });
/** A neighbour in another place. */
const other = { second: { address: "192.168.10.2", asn: 65000 } };

const by =
    (provider: "lb-ipam" | "metallb", announce: Bgp, version?: string) =>
    ({ clusters: { east } }: TwoClusters) => {
        east.loadBalancer =
            provider === "lb-ipam"
                ? { provider, pools }
                : { provider, pools, ...(version === undefined ? {} : { version }) };
        east.announce = announce;
    };

it("accepts instances on nodes of their own, and on the same nodes", () => {
    const rack = { localASN: 65002, peers: other };
    for (const provider of ["lb-ipam", "metallb"] as const) {
        accepts(
            by(provider, {
                ...plain,
                nodeSelector: onNode("east-1"),
                // The same address in another rack is another router.
                instances: { two: { ...rack, peers: { second: tor }, nodeSelector: onNode("east-2") } },
            }),
        );
    }
    accepts(by("lb-ipam", { ...plain, instances: { two: rack } }));
    accepts(by("metallb", { ...plain, instances: { two: { ...rack, localASN: 65001 } } }));
});

it("refuses instances of which Cilium would take one", () => {
    expect(
        refuses(
            bgp.instancesApart,
            by("lb-ipam", {
                ...plain,
                instances: { two: { localASN: 65002, peers: other, nodeSelector: onNode("east-2") } },
            }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.instances.two.nodeSelector = {"matchLabels":{"kubernetes.io/hostname":"east-2"}}
          selects east-2, as the selector of the first instance does: Cilium takes one of two different ones, and the other instance would speak nowhere
          fix: write the same selector for instances of the same nodes, or selectors that share no node"
    `);
});

it("refuses two sessions of a node with one router, and two processes on one port", () => {
    expect(
        refuses(
            bgp.instancesApart,
            by("lb-ipam", {
                ...plain,
                localPort: 1790,
                instances: { two: { localASN: 65002, peers: { second: tor }, localPort: 1790 } },
            }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.instances.two.peers.second = "192.168.10.1"
          is also the neighbour tor of the first instance on east-1, east-2: a router takes one session from a node
          fix: speak to it in one of the instances only
      clusters.east.announce.instances.two.localPort = 1790
          is also the port of the first instance on east-1, east-2: one of them could not listen
          fix: choose another port"
    `);
});

it("refuses two processes on one port of a single node", () => {
    expect(
        refuses(
            bgp.instancesApart,
            by("lb-ipam", {
                ...plain,
                localPort: 1790,
                instances: {
                    two: {
                        localASN: 65002,
                        peers: other,
                        localPort: 1791,
                        nodes: { "east-2": { localPort: 1790 } },
                    },
                },
            }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.instances.two.nodes.east-2.localPort = 1790
          is also the port of the first instance on east-2: one of them could not listen
          fix: choose another port"
    `);
});

it("refuses two AS numbers on a node where MetalLB speaks, and anywhere before 0.16", () => {
    expect(
        refuses(
            bgp.instancesApart,
            by("metallb", { ...plain, instances: { two: { localASN: 65002, peers: other } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.instances.two.localASN = 65002
          differs from that of the first instance, 65001, on east-1, east-2: MetalLB has one AS number on a node
          fix: write the same, give the two nodeSelectors that share no node, or let Cilium give and announce the addresses (lb-ipam)"
    `);
    expect(
        refuses(
            bgp.instancesApart,
            by(
                "metallb",
                {
                    ...plain,
                    nodeSelector: onNode("east-1"),
                    instances: {
                        two: {
                            localASN: 65002,
                            peers: { second: tor },
                            nodeSelector: onNode("east-2"),
                        },
                    },
                },
                "0.15.3",
            ),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.instances.two.peers.second = "192.168.10.1"
          is also the neighbour tor of the first instance: a router takes one session from a node
          fix: speak to it in one of the instances only
      clusters.east.announce.instances.two.localASN = 65002
          differs from that of the first instance, 65001: MetalLB 0.15.3 has one AS number
          fix: write the same, or use MetalLB 0.16 or later, where nodes may differ"
    `);
});

it("accepts a range of identifiers that is nobody else's", () => {
    accepts(by("lb-ipam", { ...plain, routerIds: "10.255.0.0/31" }));
});

it("refuses identifiers that others have, or too few of them", () => {
    expect(refuses(bgp.routerIdsHaveRoom, by("lb-ipam", { ...plain, routerIds: "192.168.10.128/25" })))
        .toMatchInlineSnapshot(`
      "clusters.east.announce.routerIds = "192.168.10.128/25"
          overlaps nodeCidr (192.168.10.0/24): another router may have an address of it as its identifier
          fix: write a range that nothing else uses, such as "10.255.0.0/24""
    `);
    expect(
        refuses(
            bgp.routerIdsHaveRoom,
            by("lb-ipam", {
                ...plain,
                routerIds: "10.255.0.0/31",
                instances: { two: { localASN: 65002, peers: other } },
            }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.routerIds = "10.255.0.0/31"
          has 2 identifiers, and 4 are needed: one for each node and instance
          fix: use a /30 or larger"
    `);
    expect(
        refuses(
            bgp.routerIdsHaveRoom,
            by("lb-ipam", {
                ...plain,
                routerIds: "10.255.0.0/24",
                nodes: { "east-1": { routerId: "10.255.0.7" } },
            }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.nodes.east-1.routerId = "10.255.0.7"
          is in routerIds (10.255.0.0/24), where it may be another node's already
          fix: leave it out, or write one outside of that range"
    `);
});

/** Two clusters without IPv4. */
function ipv6Only(version: string): TwoClusters {
    const mesh = twoClusters();
    mesh.cilium = { version };
    mesh.rke2.version = "v1.32.1+rke2r1";
    Object.values(mesh.clusters).forEach((cluster, index) => {
        cluster.podCidr = `fd00:${index}0::/56`;
        cluster.serviceCidr = `fd00:${index}1::/112`;
        cluster.nodeCidr = `fd00:${index}2::/64`;
        const nodes = [...Object.values(cluster.servers ?? {}), ...Object.values(cluster.agents ?? {})];
        nodes.forEach((node, number) => (node.address = `fd00:${index}2::${number + 1}`));
        cluster.loadBalancer = { provider: "lb-ipam", pools: { mesh: [`fd00:${index}3::/120`] } };
        cluster.announce = {
            mode: "bgp",
            localASN: 65001,
            peers: { tor: { address: `fd00:${index}2::ffff`, asn: 65000 } },
        };
    });
    return mesh;
}

it("refuses speakers that nothing would identify", () => {
    expect(
        refuses(
            bgp.nodesHaveRouterIds,
            ({ clusters: { east, west } }) => {
                Object.assign(east.announce, { nodes: { "east-1": { routerId: "10.255.0.1" } } });
                Object.assign(west.announce, {
                    nodes: { "west-1": { routerId: "10.255.1.1" }, "west-2": { routerId: "10.255.1.2" } },
                });
            },
            { mesh: ipv6Only("1.17.16"), others: true },
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.announce.nodes.east-2.routerId
          is missing: the node has no IPv4 address, which Cilium 1.17.16 would identify it by, and without an identifier it does not speak
          fix: write any IPv4 address that is the node's alone, such as "10.255.0.1", or use Cilium 1.18 or later"
    `);
});

it("warns of a default gateway that may be that of another table", () => {
    const announce: Bgp = { ...plain, peers: { tor: { defaultGateway: "ipv4", asn: 65000 } } };
    expect(warns(bgp.gatewayOfAnyTable, by("lb-ipam", announce))).toMatchInlineSnapshot(`
      "clusters.east.announce.peers.tor.defaultGateway = "ipv4"
          is looked for in all routing tables by Cilium 1.19.6, not in the main one only: with policy routing it may be another gateway
          fix: make sure that the nodes have one default route of that family, write the neighbour's address, or use Cilium 1.20.2 or later"
    `);
    accepts((mesh) => {
        mesh.cilium.version = "1.20.2";
        by("lb-ipam", announce)(mesh);
    });
});

it.each([
    ["1.16.12", "1.16.13"],
    ["1.17.4", "1.17.7"],
])("warns of a port on which Cilium %s hears no password", (version, fixed) => {
    const password = { fromConfig: "torPassword" };
    const announce = (peers: Bgp["peers"]): Bgp => ({
        ...plain,
        peers,
        nodes: { "east-1": { localPort: 1790 } },
    });
    const using = (patch: string, peers: Bgp["peers"]) => (mesh: TwoClusters) => {
        mesh.rke2.version = "v1.32.7+rke2r1";
        mesh.cilium = { version: patch };
        by("lb-ipam", announce(peers))(mesh);
    };
    const secured = { tor: { ...tor, password }, ...other };
    expect(warns(bgp.listenersTakePasswords, using(version, secured))).toBe(
        [
            "clusters.east.announce.nodes.east-1.localPort = 1790",
            `    is where Cilium ${version} listens with Multipath TCP, which knows no passwords: a session that tor begins, with its password, never comes up`,
            `    fix: leave it out, so that the agent begins the session itself, or use Cilium ${fixed} or later`,
        ].join("\n"),
    );
    accepts(using(version, { tor, ...other }));
    accepts(using(fixed, secured));
});
