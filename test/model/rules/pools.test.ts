import { expect, it } from "vitest";

import {
    poolFamilies,
    poolsFitProvider,
    poolsInPlace,
    reservedLeavesAddresses,
} from "../../../model/rules/pools.ts";
import type { TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses } from "../../support/rules.ts";

function pool(...addresses: string[]) {
    return ({ clusters }: TwoClusters) => {
        clusters.east.loadBalancer = { provider: "lb-ipam", pools: { mesh: addresses } };
    };
}

function byBgp(mesh: TwoClusters): void {
    mesh.clusters.east.announce = {
        mode: "bgp",
        localASN: 65001,
        peers: { tor: { address: "192.168.10.1", asn: 65000 } },
    };
}

it("refuses an L2 pool outside the node network", () => {
    expect(refuses(poolsInPlace, pool("192.168.99.200-192.168.99.219"))).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.mesh = "192.168.99.200-192.168.99.219"
          lies outside the node network 192.168.10.0/24: L2 answers ARP there, and nobody asks there for an address of another network
          fix: choose addresses of 192.168.10.0/24 that no host has and no DHCP server gives out, or announce by BGP"
    `);
});

it("refuses a pool with a node's address", () => {
    expect(refuses(poolsInPlace, pool("192.168.10.0/28"))).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.mesh = "192.168.10.0/28"
          holds 192.168.10.11, the address of the node east-1: a Service could be given it
          fix: take that address out of the pool
      clusters.east.loadBalancer.pools.mesh = "192.168.10.0/28"
          holds 192.168.10.12, the address of the node east-2: a Service could be given it
          fix: take that address out of the pool
      clusters.east.loadBalancer.pools.mesh = "192.168.10.0/28"
          holds 192.168.10.0, the number of the node network 192.168.10.0/24: a Service could be given it
          fix: take that address out of the pool"
    `);
});

it("refuses a pool with the API's address", () => {
    expect(refuses(poolsInPlace, ({ clusters }) => void (clusters.east.apiAddress = "192.168.10.205")))
        .toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.mesh = "192.168.10.200-192.168.10.219"
          holds 192.168.10.205, the address of the API (apiAddress): a Service could be given it
          fix: take that address out of the pool"
    `);
});

it("refuses a BGP pool in the node network", () => {
    expect(
        refuses(poolsInPlace, (mesh) => {
            pool("192.168.10.200-192.168.10.219")(mesh);
            byBgp(mesh);
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.mesh = "192.168.10.200-192.168.10.219"
          lies in the node network 192.168.10.0/24: hosts there would ask for it by ARP, and BGP does not answer
          fix: choose addresses outside the node network, or announce by L2"
    `);
});

it("accepts a BGP pool of its own network", () => {
    accepts((mesh) => {
        pool("10.250.1.0/24")(mesh);
        byBgp(mesh);
    });
});

it("refuses of a pool what its provider cannot do", () => {
    const addresses = ["192.168.10.200-192.168.10.219"];
    expect(
        refuses(poolsFitProvider, ({ clusters }) => {
            clusters.east.loadBalancer = {
                provider: "lb-ipam",
                pools: { mesh: { addresses, autoAssign: false } },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.mesh.autoAssign = false
          is MetalLB's: LB-IPAM gives out the addresses of every pool
          fix: leave it out, and limit the pool by a serviceSelector"
    `);
    expect(
        refuses(poolsFitProvider, ({ clusters }) => {
            const serviceSelector = { matchLabels: { "io.kubernetes.service.namespace": "kube-system" } };
            clusters.east.loadBalancer = {
                provider: "metallb",
                pools: { mesh: { addresses, serviceSelector } },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.mesh.serviceSelector = "io.kubernetes.service.namespace"
          is a label that only Cilium adds to Services: MetalLB would find it on none
          fix: select by a label that the Services have"
    `);
});

it("refuses a pool of a family that the cluster does not speak", () => {
    expect(
        refuses(poolFamilies, pool("192.168.10.200-192.168.10.219", "fd00::200-fd00::2ff"), { others: true }),
    ).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.mesh = "fd00::200-fd00::2ff"
          is IPv6, which the cluster's Services do not speak
          fix: write IPv4 addresses, or give the cluster ranges of that family"
    `);
});

it("refuses a pool with the network's own addresses", () => {
    expect(refuses(poolsInPlace, pool("192.168.10.240-192.168.10.255"))).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.mesh = "192.168.10.240-192.168.10.255"
          holds 192.168.10.255, the broadcast address of the node network 192.168.10.0/24: a Service could be given it
          fix: take that address out of the pool"
    `);
});

function reserving(addresses: string[], reserved: string[]) {
    return ({ clusters }: TwoClusters) => {
        clusters.east.loadBalancer = { provider: "lb-ipam", pools: { mesh: { addresses, reserved } } };
    };
}

it("accepts a pool around addresses that others have, where those are reserved", () => {
    accepts(reserving(["192.168.10.0/28"], ["192.168.10.0", "192.168.10.8-192.168.10.15"]));
});

it("refuses to reserve what is not in the pool, and all that is", () => {
    const addresses = ["192.168.10.200-192.168.10.219"];
    expect(refuses(reservedLeavesAddresses, reserving(addresses, ["192.168.10.200", "192.168.10.220"])))
        .toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.mesh.reserved[1] = "192.168.10.220"
          is no address of the pool (192.168.10.200-192.168.10.219): nothing is reserved by it
          fix: correct it, or leave it out"
    `);
    expect(refuses(reservedLeavesAddresses, reserving(addresses, ["192.168.10.192/26"]), { others: true }))
        .toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.mesh.reserved = ["192.168.10.192/26"]
          is all of the pool (192.168.10.200-192.168.10.219): no Service would get an address
          fix: reserve less, or give the pool more addresses"
    `);
});
