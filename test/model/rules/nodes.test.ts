import { expect, it } from "vitest";

import * as nodes from "../../../model/rules/nodes.ts";
import { highlyAvailable, hostKeyOf } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

const hostKey = hostKeyOf("another");

it("accepts three servers behind one address", () => {
    accepts(() => undefined, { mesh: highlyAvailable() });
});

it("refuses an even number of servers", () => {
    expect(
        refuses(
            nodes.oddServers,
            ({ clusters }) =>
                void (clusters.east.servers["east-9"] = { address: "192.168.10.19", ssh: { hostKey } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.servers = ["east-1","east-9"]
          is an even number of servers (2): etcd needs a majority, and survives no more losses than with 1
          fix: add a server, or make one of them an agent"
    `);
});

it("refuses a cluster without a server", () => {
    expect(refuses(nodes.oddServers, ({ clusters }) => void (clusters.east.servers = {})))
        .toMatchInlineSnapshot(`
      "clusters.east.servers = {}
          needs at least one server
          fix: describe one, by its name"
    `);
});

it("refuses a node name that Kubernetes refuses", () => {
    expect(
        refuses(
            nodes.nodeNames,
            ({ clusters }) =>
                void (clusters.east.agents = { East_2: { address: "192.168.10.12", ssh: { hostKey } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.agents.East_2 = "East_2"
          is no node name: at most 63 lower-case letters, digits, hyphens and dots, each part beginning and ending with a letter or digit
          fix: rename it, for example to "east-1""
    `);
});

it("refuses a node that is server and agent", () => {
    expect(
        refuses(
            nodes.nodeNamesUnique,
            ({ clusters }) =>
                void (clusters.east.agents = { "east-1": { address: "192.168.10.12", ssh: { hostKey } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.agents.east-1 = "east-1"
          is both a server and an agent
          fix: describe it once; a server runs pods too unless it is tainted"
    `);
});

it("refuses one address for two nodes, across clusters too", () => {
    expect(
        refuses(
            nodes.nodeAddressesUnique,
            ({ clusters }) =>
                void (clusters.east.agents = { "east-2": { address: "192.168.10.11", ssh: { hostKey } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.agents.east-2.address = "192.168.10.11"
          is also the address of clusters.east.servers.east-1
          fix: give each node its own address"
    `);
});

it("refuses a node outside its network", () => {
    expect(
        refuses(
            nodes.nodesInTheirNetwork,
            ({ clusters }) =>
                void (clusters.east.agents = { "east-2": { address: "192.168.77.12", ssh: { hostKey } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.agents.east-2.address = "192.168.77.12"
          lies outside the cluster's nodeCidr 192.168.10.0/24
          fix: correct the address, or widen nodeCidr so that overlaps with other clusters are seen"
    `);
});

it("refuses a node with one address in a dual-stack cluster", () => {
    expect(
        refuses(nodes.nodeFamilies, ({ clusters }) => {
            for (const cluster of Object.values(clusters)) {
                cluster.podCidr = [`10.${cluster.id}0.0.0/16`, `fd00:${cluster.id}0::/56`];
                cluster.serviceCidr = [`10.${cluster.id}1.0.0/16`, `fd00:${cluster.id}1::/112`];
                cluster.nodeCidr = [`192.168.${cluster.id}0.0/24`, `fd00:${cluster.id}2::/64`];
                for (const [index, node] of Object.values({
                    ...cluster.servers,
                    ...cluster.agents,
                }).entries()) {
                    node.address = [
                        `192.168.${cluster.id}0.1${index + 1}`,
                        `fd00:${cluster.id}2::1${index + 1}`,
                    ];
                }
            }
            clusters.east.servers = { "east-1": { address: "192.168.10.11", ssh: { hostKey } } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.servers.east-1.address = ["192.168.10.11"]
          must be one address of each family of the cluster's pods: IPv4, then IPv6
          fix: write it as ["192.168.10.11", "fd00:192::11"]"
    `);
});

it("warns of servers without an address in front of them", () => {
    expect(
        warns(nodes.fixedApiAddress, ({ clusters }) => Reflect.deleteProperty(clusters.east, "apiAddress"), {
            mesh: highlyAvailable(),
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.apiAddress
          is not given: nodes join, and Pulumi reaches the API, through the first server 192.168.10.11; if it is lost, neither works
          fix: put a DNS name, a virtual address or a balancer (TCP 6443 and 9345) in front of the servers and name it here"
    `);
});

it("refuses a node name that is longer than a label's value", () => {
    expect(
        refuses(nodes.nodeNames, ({ clusters }) => {
            clusters.east.agents = { ["a".repeat(64)]: { address: "192.168.10.12", ssh: { hostKey } } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.agents.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          is no node name: at most 63 lower-case letters, digits, hyphens and dots, each part beginning and ending with a letter or digit
          fix: rename it, for example to "east-1""
    `);
    accepts(({ clusters }) => {
        clusters.east.agents = { ["a".repeat(63)]: { address: "192.168.10.12", ssh: { hostKey } } };
    });
});
