import { expect, it } from "vitest";

import * as api from "../../../model/rules/api.ts";
import { highlyAvailable, type TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses } from "../../support/rules.ts";

function east(apiAddress: string) {
    return ({ clusters }: TwoClusters) => void (clusters.east.apiAddress = apiAddress);
}

it.each([
    ["127.0.0.1", "is a loopback address: each host would look for the API on itself"],
    ["::1", "is a loopback address: each host would look for the API on itself"],
    ["0.0.0.0", "is no address of a host"],
    ["::", "is no address of a host"],
    ["239.1.2.3", "is a multicast address, and no host connects to one"],
    ["ff02::1", "is a multicast address, and no host connects to one"],
    ["255.255.255.255", "is the broadcast address, and no host connects to it"],
    ["Localhost", "is each host's name for itself"],
])("refuses the API at %s", (address, rule) => {
    expect(refuses(api.apiAddressReachable, east(address))).toBe(
        [
            `clusters.east.apiAddress = "${address}"`,
            `    ${rule}`,
            "    fix: name a virtual address or a balancer's in front of the servers, or a DNS name",
        ].join("\n"),
    );
});

it("refuses an API address of a family that the cluster does not speak", () => {
    expect(refuses(api.apiAddressReachable, east("fd00:10::1"))).toMatchInlineSnapshot(`
      "clusters.east.apiAddress = "fd00:10::1"
          is IPv6, but the cluster speaks IPv4
          fix: name an IPv4 address, or a DNS name"
    `);
});

it("refuses an API address among the pods, the Services or another cluster's pool", () => {
    expect(refuses(api.apiAddressOutsideRanges, east("10.10.3.4"))).toMatchInlineSnapshot(`
      "clusters.east.apiAddress = "10.10.3.4"
          lies in clusters.east.podCidr (10.10.0.0/16), whose addresses are given to others
          fix: name a virtual address or a balancer's in front of the servers, or a DNS name"
    `);
    expect(refuses(api.apiAddressOutsideRanges, east("10.21.0.1"))).toMatchInlineSnapshot(`
      "clusters.east.apiAddress = "10.21.0.1"
          lies in clusters.west.serviceCidr (10.21.0.0/16), whose addresses are given to others
          fix: name a virtual address or a balancer's in front of the servers, or a DNS name"
    `);
    expect(refuses(api.apiAddressOutsideRanges, east("192.168.20.205"))).toMatchInlineSnapshot(`
      "clusters.east.apiAddress = "192.168.20.205"
          lies in clusters.west.loadBalancer.pools.mesh (192.168.20.200-192.168.20.219), whose addresses are given to others
          fix: name a virtual address or a balancer's in front of the servers, or a DNS name"
    `);
});

it("refuses the address of an agent and of another cluster's node", () => {
    expect(refuses(api.apiAddressNotAHost, east("192.168.10.12"))).toMatchInlineSnapshot(`
      "clusters.east.apiAddress = "192.168.10.12"
          is the address of clusters.east.agents.east-2, which has no API of this cluster
          fix: name a virtual address or a balancer's in front of the servers, or a DNS name"
    `);
    expect(refuses(api.apiAddressNotAHost, east("192.168.20.11"))).toMatchInlineSnapshot(`
      "clusters.east.apiAddress = "192.168.20.11"
          is the address of clusters.west.servers.west-1, which has no API of this cluster
          fix: name a virtual address or a balancer's in front of the servers, or a DNS name"
    `);
});

it("refuses one of several servers as what is in front of them", () => {
    expect(refuses(api.apiAddressNotAHost, east("192.168.10.12"), { mesh: highlyAvailable() }))
        .toMatchInlineSnapshot(`
          "clusters.east.apiAddress = "192.168.10.12"
              is the address of clusters.east.servers.east-2, one of 3 servers: if it is lost, no node can join and Pulumi cannot reach the API
              fix: name an address in front of all servers, or leave it out to go through the first server"
        `);
});

it("refuses one name or address for two clusters", () => {
    expect(
        refuses(api.apiAddressesUnique, ({ clusters }) => {
            clusters.east.apiAddress = "api.example.net";
            clusters.west.apiAddress = "API.example.net";
        }),
    ).toMatchInlineSnapshot(`
      "clusters.west.apiAddress = "API.example.net"
          is also the apiAddress of clusters.east: nodes of one would join the other
          fix: give each cluster its own"
    `);
    expect(
        refuses(api.apiAddressesUnique, ({ clusters }) => {
            clusters.east.apiAddress = "203.0.113.1";
            clusters.west.apiAddress = "203.0.113.1";
        }),
    ).toMatchInlineSnapshot(`
      "clusters.west.apiAddress = "203.0.113.1"
          is also the apiAddress of clusters.east: nodes of one would join the other
          fix: give each cluster its own"
    `);
});

it("accepts the only server's own address, a free one and a name", () => {
    for (const address of ["192.168.10.11", "192.168.10.10", "203.0.113.1", "api.east.example.net"])
        accepts(east(address));
});
