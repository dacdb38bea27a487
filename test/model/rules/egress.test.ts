import { expect, it } from "vitest";

import { checkMesh } from "../../../model/check.ts";
import type { ClusterDescription } from "../../../model/describe.ts";
import { formatProblem } from "../../../model/problem.ts";
import * as egress from "../../../model/rules/egress.ts";
import { egressPrerequisites } from "../../../model/rules/features.ts";
import { disjoint } from "../../../model/rules/ranges.ts";
import { twoClusters, type TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

type Egress = NonNullable<ClusterDescription["egress"]>;

const BILLING = { gateways: { "east-1": "10.251.1.10" } };

function leaving(owners: Egress["owners"], more: Partial<Egress> = {}) {
    return ({ clusters }: TwoClusters) =>
        void (clusters.east.egress = { subnet: "10.251.1.0/24", owners, ...more });
}

/** What is said of a description whose shape is wrong. */
function shape(egressOfEast: unknown): string {
    const mesh = twoClusters();
    const east = { ...mesh.clusters.east, egress: egressOfEast };
    return checkMesh({ ...mesh, clusters: { ...mesh.clusters, east } })
        .problems.map(formatProblem)
        .join("\n");
}

it("accepts an address for the namespace of the owner's name, and turns the gateway on in that cluster alone", () => {
    accepts(leaving({ billing: BILLING }));
    const mesh = twoClusters();
    leaving({ billing: BILLING })(mesh);
    expect(checkMesh(mesh).mesh?.clusters.map(({ cilium }) => cilium.egressGateway)).toEqual([true, false]);
});

it("accepts owners that mean other pods, or other networks, or a smaller one", () => {
    accepts(
        leaving({
            billing: BILLING,
            exports: {
                namespaces: ["reports"],
                podSelector: { matchLabels: { app: "export" } },
                gateways: { "east-1": "10.251.1.11", "east-2": "10.251.1.12" },
            },
            imports: {
                namespaces: ["reports"],
                podSelector: { matchLabels: { app: "import" } },
                gateways: { "east-2": "10.251.1.13" },
            },
            bank: {
                namespaces: ["billing"],
                gateways: { "east-2": "10.251.1.14" },
                destinations: ["192.0.2.0/24"],
                excluded: ["192.0.2.128/25"],
            },
        }),
    );
});

it("accepts a subnet that is a part of the cluster's own node network", () => {
    accepts(
        leaving(
            { billing: { gateways: { "east-1": "192.168.10.129" } } },
            { subnet: "192.168.10.128/26", reserved: ["192.168.10.130"] },
        ),
    );
});

it("refuses what is no IPv4, and nothing where something must be", () => {
    expect(
        shape({
            subnet: "fd00:251::/120",
            owners: { billing: { gateways: { "east-1": "fd00:251::10" } }, nobody: { gateways: {} } },
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.egress.subnet = "fd00:251::/120"
          must be an IPv4 CIDR whose host bits are zero
          fix: write it as "10.251.1.0/24"
      clusters.east.egress.owners.billing.gateways.east-1 = "fd00:251::10"
          must be one IPv4 address: before Cilium 1.20 there are no other egress addresses
          fix: write it as "10.251.1.10"
      clusters.east.egress.owners.nobody.gateways
          names no gateway: what leaves would be dropped
          fix: name a node and the address on it, as { "east-egress-1": "10.251.1.10" }"
    `);
    expect(shape({ subnet: "10.251.1.0/24", owners: {} })).toMatchInlineSnapshot(`
      "clusters.east.egress.owners
          names no owner: nobody would use the subnet
          fix: add one, as { billing: { gateways: { "east-egress-1": "10.251.1.10" } } }, or leave egress out"
    `);
});

it("says where an address belongs that stands elsewhere", () => {
    expect(
        shape({
            subnet: "10.251.1.0/24",
            owners: { billing: { ...BILLING, egressIP: "10.251.1.10", interface: "eth1" } },
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.egress.owners.billing.egressIP
          write it under gateways, by the name of the node that has it
          fix: rename or remove it; docs/reference.md lists every option
      clusters.east.egress.owners.billing.interface
          it is one for all owners: write it under egress
          fix: rename or remove it; docs/reference.md lists every option"
    `);
});

it("refuses addresses while the gateway is off", () => {
    expect(
        refuses(egress.egressIsOn, (mesh) => {
            leaving({ billing: BILLING })(mesh);
            mesh.clusters.east.cilium = { egressGateway: false };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.egressGateway = false
          is off, and clusters.east.egress describes addresses: pods would leave under their node's
          fix: leave it out, or leave egress out"
    `);
});

it("refuses addresses without what the gateway needs", () => {
    expect(
        refuses(egressPrerequisites, (mesh) => {
            leaving({ billing: BILLING })(mesh);
            mesh.clusters.east.cilium = { masquerade: "iptables" };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.egressGateway = true
          needs eBPF masquerading, but masquerade is "iptables": the agents would exit
          fix: set cilium.masquerade to "bpf", or leave the egress gateway off"
    `);
});

it("refuses several gateways that the version lacks, and two ways to name namespaces", () => {
    expect(
        refuses(egress.egressFitsVersion, (mesh) => {
            mesh.rke2.version = "v1.31.1+rke2r1";
            mesh.cilium = { version: "1.17.16" };
            leaving({
                billing: { gateways: { "east-1": "10.251.1.10", "east-2": "10.251.1.11" } },
                reports: {
                    namespaces: ["reports"],
                    namespaceSelector: { matchLabels: { team: "reports" } },
                    gateways: { "east-1": "10.251.1.12" },
                },
            })(mesh);
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.egress.owners.billing.gateways = ["east-1","east-2"]
          are 2 gateways, and Cilium 1.17.16 knows one for a policy: several are possible since 1.18
          fix: name one, or use Cilium 1.18 or later
      clusters.east.egress.owners.reports.namespaceSelector = {"matchLabels":{"team":"reports"}}
          stands beside namespaces: which of the two is meant is not said
          fix: leave one of them out"
    `);
});

it("refuses a gateway that is not a node of the cluster", () => {
    expect(
        refuses(
            egress.egressGatewaysExist,
            leaving({ billing: { gateways: { "west-1": "10.251.1.10", "east-1": "10.251.1.11" } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.egress.owners.billing.gateways.west-1
          is not a node of the cluster: what leaves through it would be dropped
          fix: the nodes are east-1, east-2"
    `);
});

it("refuses a gateway that is lost", () => {
    const mesh = twoClusters();
    const agents = mesh.clusters.east.agents ?? {};
    for (const node of Object.values(agents)) node.lost = true;
    const { problems } = checkMesh({
        ...mesh,
        clusters: {
            ...mesh.clusters,
            east: {
                ...mesh.clusters.east,
                egress: { subnet: "10.251.1.0/24", owners: { a: { gateways: { "east-2": "10.251.1.9" } } } },
            },
        },
    });
    expect(problems.map(formatProblem).join("\n")).toMatchInlineSnapshot(`
      "clusters.east.egress.owners.a.gateways.east-2
          is a node that is lost: what leaves through it would be dropped
          fix: the nodes are east-1"
    `);
});

it("refuses an address with two owners, and one on two nodes", () => {
    expect(
        refuses(
            egress.egressAddressOnce,
            leaving({
                billing: BILLING,
                reports: { gateways: { "east-1": "10.251.1.10", "east-2": "10.251.1.11" } },
                archive: { gateways: { "east-2": "10.251.1.11" } },
            }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.egress.owners.reports.gateways.east-1 = "10.251.1.10"
          is also clusters.east.egress.owners.billing.gateways.east-1: an egress address has one owner, and is on one node
          fix: give each its own address
      clusters.east.egress.owners.archive.gateways.east-2 = "10.251.1.11"
          is also clusters.east.egress.owners.reports.gateways.east-2: an egress address has one owner, and is on one node
          fix: give each its own address"
    `);
});

it("refuses an address outside the subnet, and those of the subnet that are not to be had", () => {
    expect(
        refuses(
            egress.egressInSubnet,
            leaving(
                {
                    outside: { gateways: { "east-1": "192.168.10.64" } },
                    number: { gateways: { "east-1": "192.168.10.0" } },
                    broadcast: { gateways: { "east-1": "192.168.10.63" } },
                    router: { gateways: { "east-1": "192.168.10.1" } },
                    node: { gateways: { "east-1": "192.168.10.12" } },
                },
                { subnet: "192.168.10.0/26", reserved: ["192.168.10.1"] },
            ),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.egress.owners.outside.gateways.east-1 = "192.168.10.64"
          lies outside the subnet 192.168.10.0/26: nobody outside would know whose it is
          fix: choose an address of the subnet, or widen the subnet
      clusters.east.egress.owners.number.gateways.east-1 = "192.168.10.0"
          is the number of the subnet 192.168.10.0/26
          fix: choose another address of the subnet
      clusters.east.egress.owners.broadcast.gateways.east-1 = "192.168.10.63"
          is the broadcast address of the subnet 192.168.10.0/26
          fix: choose another address of the subnet
      clusters.east.egress.owners.router.gateways.east-1 = "192.168.10.1"
          is reserved in clusters.east.egress
          fix: choose another address of the subnet
      clusters.east.egress.owners.node.gateways.east-1 = "192.168.10.12"
          is the address of the node east-2
          fix: choose another address of the subnet"
    `);
});

it("refuses the address of the API", () => {
    expect(
        refuses(egress.egressInSubnet, (mesh) => {
            mesh.clusters.east.apiAddress = "192.168.10.10";
            leaving(
                { api: { gateways: { "east-1": "192.168.10.10" } } },
                { subnet: "192.168.10.0/26" },
            )(mesh);
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.egress.owners.api.gateways.east-1 = "192.168.10.10"
          is the address of the API
          fix: choose another address of the subnet"
    `);
});

it("refuses a subnet that is someone else's too", () => {
    expect(
        refuses(disjoint, (mesh) => {
            leaving({ billing: { gateways: { "east-1": "10.20.1.10" } } }, { subnet: "10.20.1.0/24" })(mesh);
        }),
    ).toMatchInlineSnapshot(`
      "clusters.west.podCidr = "10.20.0.0/16"
          overlaps clusters.east.egress.subnet (10.20.1.0/24): no two pod, service, node, pool or egress ranges of a mesh may share an address
          fix: give one of them another range; 10.22.0.0/16 is free"
    `);
    expect(
        refuses(disjoint, (mesh) => {
            leaving(
                { billing: { gateways: { "east-1": "192.168.10.210" } } },
                { subnet: "192.168.10.192/26" },
            )(mesh);
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.egress.subnet = "192.168.10.192/26"
          overlaps clusters.east.loadBalancer.pools.mesh (192.168.10.200-192.168.10.219): no two pod, service, node, pool or egress ranges of a mesh may share an address
          fix: give one of them another range; 192.168.11.0/26 is free"
    `);
});

it("refuses two owners of the same pods for the same network", () => {
    const TEAM = { matchLabels: { team: "a" } };
    expect(
        refuses(
            egress.egressOwnersApart,
            leaving({
                billing: BILLING,
                invoices: {
                    namespaces: ["invoices", "billing"],
                    podSelector: { matchLabels: { app: "invoice" } },
                    gateways: { "east-1": "10.251.1.11" },
                },
                team: { namespaceSelector: TEAM, gateways: { "east-1": "10.251.1.12" } },
                same: { namespaceSelector: TEAM, gateways: { "east-1": "10.251.1.13" } },
                all: { namespaceSelector: {}, gateways: { "east-1": "10.251.1.14" } },
            }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.egress.owners.invoices = "0.0.0.0/0"
          is where pods of the namespace billing shall leave for as invoices and as billing: which of them wins is luck
          fix: give each its own namespaces, pods (podSelector) or destinations; of two networks the smaller wins
      clusters.east.egress.owners.same = "0.0.0.0/0"
          is where pods of the namespaces {"matchLabels":{"team":"a"}} shall leave for as same and as team: which of them wins is luck
          fix: give each its own namespaces, pods (podSelector) or destinations; of two networks the smaller wins
      clusters.east.egress.owners.all = "0.0.0.0/0"
          is where pods of every namespace shall leave for as all and as billing: which of them wins is luck
          fix: give each its own namespaces, pods (podSelector) or destinations; of two networks the smaller wins"
    `);
});

it("warns of what is excluded from nothing", () => {
    expect(
        warns(
            egress.egressExcludesSomething,
            leaving({
                billing: {
                    ...BILLING,
                    destinations: ["192.0.2.0/24"],
                    excluded: ["192.0.2.0/25", "198.51.100.0/24"],
                },
            }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.egress.owners.billing.excluded = "198.51.100.0/24"
          is no part of the destinations 192.0.2.0/24: it excludes nothing
          fix: correct it, or leave it out"
    `);
});

it("warns of more than 250 addresses", () => {
    const owners = (count: number) =>
        Object.fromEntries(
            Array.from({ length: count }, (_, index) => [
                `team-${index}`,
                { gateways: { "east-1": `10.251.${Math.floor(index / 200)}.${(index % 200) + 1}` } },
            ]),
        );
    accepts(leaving(owners(250), { subnet: "10.251.0.0/16" }));
    expect(warns(egress.fewEgressAddresses, leaving(owners(251), { subnet: "10.251.0.0/16" })))
        .toMatchInlineSnapshot(`
      "clusters.east.egress.owners = 251
          are more than 250 egress addresses: each is an address on a gateway's interface, and a route or a neighbour of its own in the network
          fix: see that gateways and routers take as many, or let namespaces share an address"
    `);
});

it("refuses an interface whose name is someone else's", () => {
    expect(
        ["eth0", "cilium_egress", "egress-addresses"]
            .map((name) => shape({ subnet: "10.251.1.0/24", interface: name, owners: { billing: BILLING } }))
            .join("\n"),
    ).toMatchInlineSnapshot(`
      "clusters.east.egress.interface = "eth0"
          must be the name of an interface that no host has yet: at most 15 lower-case letters, digits and hyphens, and not begin like those of network cards or of Cilium
          fix: write it as "egress0"
      clusters.east.egress.interface = "cilium_egress"
          must be the name of an interface that no host has yet: at most 15 lower-case letters, digits and hyphens, and not begin like those of network cards or of Cilium
          fix: write it as "egress0"
      clusters.east.egress.interface = "egress-addresses"
          must be the name of an interface that no host has yet: at most 15 lower-case letters, digits and hyphens, and not begin like those of network cards or of Cilium
          fix: write it as "egress0""
    `);
});

/** East announces by BGP, from nodes that a label selects. */
function speaking(telling: object, owners: Egress["owners"] = { billing: BILLING }) {
    return (mesh: TwoClusters) => {
        const { east } = mesh.clusters;
        leaving(owners, { interface: "egress0" })(mesh);
        east.loadBalancer = { provider: "lb-ipam", pools: { mesh: ["172.16.10.0/24"] } };
        east.announce = {
            mode: "bgp",
            localASN: 65010,
            peers: { left: { address: "192.168.10.1", asn: 65000 } },
            nodeSelector: { matchLabels: { "kubernetes.io/hostname": "east-1" } },
            ...telling,
        };
    };
}

it("accepts an interface of the node network, or one that its gateways announce", () => {
    accepts(
        leaving(
            { billing: { gateways: { "east-1": "192.168.10.129" } } },
            { subnet: "192.168.10.128/26", interface: "egress0" },
        ),
    );
    accepts(
        speaking({
            advertisements: {
                services: { advertise: ["LoadBalancerIP"] },
                egress: { interfaceAddresses: ["egress0"], peers: ["left"] },
            },
        }),
    );
});

it("warns of an interface that nobody announces, in whole or on some gateways", () => {
    expect(warns(egress.egressIsRouted, leaving({ billing: BILLING }, { interface: "egress0" })))
        .toMatchInlineSnapshot(`
      "clusters.east.egress.interface = "egress0"
          is announced by nobody on east-1, and the subnet 10.251.1.0/24 is not of the node network: answers to what leaves would not come back
          fix: let these nodes speak BGP (Cilium 1.19 or later) and name egress0 in interfaceAddresses of an advertisement, or make sure that your routers know where the addresses are"
    `);
    const both = { billing: { gateways: { "east-1": "10.251.1.10", "east-2": "10.251.1.11" } } };
    const advertisements = { egress: { advertise: ["LoadBalancerIP"], interfaceAddresses: ["egress0"] } };
    expect(warns(egress.egressIsRouted, speaking({ advertisements }, both))).toMatchInlineSnapshot(`
      "clusters.east.egress.interface = "egress0"
          is announced by nobody on east-2, and the subnet 10.251.1.0/24 is not of the node network: answers to what leaves would not come back
          fix: let these nodes speak BGP (Cilium 1.19 or later) and name egress0 in interfaceAddresses of an advertisement, or make sure that your routers know where the addresses are"
    `);
    expect(warns(egress.egressIsRouted, speaking({}))).toMatchInlineSnapshot(`
      "clusters.east.egress.interface = "egress0"
          is announced by nobody on east-1, and the subnet 10.251.1.0/24 is not of the node network: answers to what leaves would not come back
          fix: let these nodes speak BGP (Cilium 1.19 or later) and name egress0 in interfaceAddresses of an advertisement, or make sure that your routers know where the addresses are"
    `);
});
