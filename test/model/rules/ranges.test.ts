import fc from "fast-check";
import { expect, it } from "vitest";

import { resolveMesh } from "../../../model/resolve.ts";
import { disjoint, families, podCapacity, serviceCapacity } from "../../../model/rules/ranges.ts";
import { oneCluster, twoClusters } from "../../support/mesh.ts";
import { accepts, refuses } from "../../support/rules.ts";

it("refuses pods of two clusters in one range, and proposes a free one", () => {
    expect(refuses(disjoint, ({ clusters }) => void (clusters.west.podCidr = "10.10.0.0/16")))
        .toMatchInlineSnapshot(`
      "clusters.west.podCidr = "10.10.0.0/16"
          overlaps clusters.east.podCidr (10.10.0.0/16): no two pod, service, node or pool ranges of a mesh may share an address
          fix: give one of them another range; 10.12.0.0/16 is free"
    `);
});

it("refuses a pod range around a service range of another cluster", () => {
    expect(
        refuses(disjoint, ({ clusters }) => void (clusters.west.podCidr = "10.8.0.0/13"), { others: true }),
    ).toMatchInlineSnapshot(`
      "clusters.west.podCidr = "10.8.0.0/13"
          overlaps clusters.east.podCidr (10.10.0.0/16): no two pod, service, node or pool ranges of a mesh may share an address
          fix: give one of them another range; 10.24.0.0/13 is free"
    `);
});

it("refuses pods and Services of one cluster in one range", () => {
    expect(refuses(disjoint, ({ clusters }) => void (clusters.east.serviceCidr = "10.10.128.0/17")))
        .toMatchInlineSnapshot(`
      "clusters.east.serviceCidr = "10.10.128.0/17"
          overlaps clusters.east.podCidr (10.10.0.0/16): no two pod, service, node or pool ranges of a mesh may share an address
          fix: give one of them another range; 10.11.0.0/17 is free"
    `);
});

it("refuses one node network for two clusters", () => {
    expect(
        refuses(
            disjoint,
            ({ clusters }) => {
                clusters.west.nodeCidr = "192.168.0.0/16";
            },
            { others: true },
        ),
    ).toMatchInlineSnapshot(`
      "clusters.west.nodeCidr = "192.168.0.0/16"
          overlaps clusters.east.nodeCidr (192.168.10.0/24): no two pod, service, node or pool ranges of a mesh may share an address
          fix: give one of them another range"
    `);
});

it("refuses two pools with an address in common", () => {
    expect(
        refuses(disjoint, ({ clusters }) => {
            clusters.east.loadBalancer = {
                provider: "metallb",
                pools: { mesh: ["192.168.10.200-192.168.10.219"], more: ["192.168.10.219-192.168.10.230"] },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.more = "192.168.10.219-192.168.10.230"
          overlaps clusters.east.loadBalancer.pools.mesh (192.168.10.200-192.168.10.219): no two pod, service, node or pool ranges of a mesh may share an address
          fix: give one of them another range"
    `);
});

it("refuses one service range for two clusters", () => {
    expect(refuses(disjoint, ({ clusters }) => void (clusters.west.serviceCidr = "10.11.0.0/16")))
        .toMatchInlineSnapshot(`
      "clusters.west.serviceCidr = "10.11.0.0/16"
          overlaps clusters.east.serviceCidr (10.11.0.0/16): no two pod, service, node or pool ranges of a mesh may share an address
          fix: give one of them another range; 10.12.0.0/16 is free; or set mesh.sharedServiceCidrs, if Services are never reached by address from elsewhere"
    `);
});

it("accepts one service range for two clusters where the description says so", () => {
    accepts((mesh) => {
        mesh.mesh = { topology: "full", sharedServiceCidrs: true };
        mesh.clusters.west.serviceCidr = "10.11.0.0/16";
    });
});

it("finds an overlap between any two clusters, whichever comes first", () => {
    fc.assert(
        fc.property(
            fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 }),
            fc.nat(),
            (ids, seed) => {
                const mesh = twoClusters();
                const clusters = Object.fromEntries(ids.map((id) => [`c${id}`, oneCluster(id, `c${id}`)]));
                const [victim, thief] = [ids[seed % ids.length], ids[(seed + 1) % ids.length]];
                const description = { ...mesh, clusters };
                expect(disjoint(resolveMesh(description))).toEqual([]);
                const stolen = clusters[`c${thief}`];
                if (stolen !== undefined) stolen.podCidr = `10.${victim}0.128.0/17`;
                expect(disjoint(resolveMesh(description))).toHaveLength(1);
            },
        ),
    );
});

it("looks at the largest mesh in well under a second", () => {
    const clusters = Object.fromEntries(
        Array.from({ length: 511 }, (_, index) => [
            `c${index}`,
            {
                ...oneCluster(1, `c${index}`),
                podCidr: `10.${index >> 1}.${(index & 1) * 128}.0/17`,
                serviceCidr: `11.${index >> 1}.${(index & 1) * 128}.0/17`,
                nodeCidr: `12.${index >> 1}.${(index & 1) * 128}.0/17`,
                loadBalancer: {
                    provider: "lb-ipam" as const,
                    pools: { mesh: [`13.${index >> 1}.${(index & 1) * 128}.0/17`] },
                },
            },
        ]),
    );
    const mesh = resolveMesh({ ...twoClusters(), clusters });
    const begun = performance.now();
    expect(disjoint(mesh)).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(1000);
});

it("refuses two ranges of one family", () => {
    expect(
        refuses(
            families,
            ({ clusters }) => void (clusters.east.serviceCidr = ["10.11.0.0/16", "10.12.0.0/16"]),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.serviceCidr = ["10.11.0.0/16","10.12.0.0/16"]
          must be one range, or one of each family with IPv4 first
          fix: write it as ["10.10.0.0/16", "fd00:10::/56"]"
    `);
});

it("refuses Services of another family than the pods", () => {
    expect(refuses(families, ({ clusters }) => void (clusters.east.serviceCidr = "fd00:11::/112")))
        .toMatchInlineSnapshot(`
      "clusters.east.serviceCidr = ["fd00:11::/112"]
          speaks IPv6, but the pods of the cluster speak IPv4
          fix: give one range for each of IPv4"
    `);
});

it("refuses members that speak different families", () => {
    expect(
        refuses(
            families,
            ({ clusters }) => {
                clusters.west.podCidr = ["10.20.0.0/16", "fd00:20::/56"];
                clusters.west.serviceCidr = ["10.21.0.0/16", "fd00:21::/112"];
                clusters.west.nodeCidr = ["192.168.20.0/24", "fd00:22::/64"];
            },
            { others: true },
        ),
    ).toMatchInlineSnapshot(`
      "clusters.west.podCidr = ["10.20.0.0/16","fd00:20::/56"]
          speaks IPv4 and IPv6, but clusters.east speaks IPv4: members of a mesh speak the same families
          fix: give one range for each of IPv4"
    `);
});

it("refuses a pod range without a piece for every node", () => {
    expect(refuses(podCapacity, ({ clusters }) => void (clusters.east.podCidr = "10.10.0.0/24")))
        .toMatchInlineSnapshot(`
      "clusters.east.podCidr = "10.10.0.0/24"
          has room for 1 nodes (each gets a /24), but the cluster has 2
          fix: use a /23 or larger; it cannot be changed later"
    `);
});

it("refuses a pod range that the controller manager refuses", () => {
    expect(refuses(podCapacity, ({ clusters }) => void (clusters.east.podCidr = "16.0.0.0/7")))
        .toMatchInlineSnapshot(`
      "clusters.east.podCidr = "16.0.0.0/7"
          is too large: each node gets a /24, and a cluster counts at most 65536 of them
          fix: use a /8 or smaller"
    `);
});

it("refuses a Service range without a tenth address, in either family", () => {
    expect(refuses(serviceCapacity, ({ clusters }) => void (clusters.east.serviceCidr = "10.11.0.0/29")))
        .toMatchInlineSnapshot(`
          "clusters.east.serviceCidr = "10.11.0.0/29"
              is too small: the tenth address of Services is the cluster's DNS
              fix: use a /28 or larger, better a /16; it cannot be changed later"
        `);
    accepts(({ clusters }) => void (clusters.east.serviceCidr = "10.11.0.0/28"));
    const mesh = resolveMesh(twoClusters());
    const [east] = mesh.clusters;
    const ipv6 = (serviceCidr: string) =>
        serviceCapacity({
            ...mesh,
            clusters: east === undefined ? [] : [{ ...east, serviceCidrs: [serviceCidr] }],
        });
    expect(ipv6("fd00:11::/124")).toEqual([]);
    expect(ipv6("fd00:11::/125")).toEqual([
        {
            path: "clusters.east.serviceCidr",
            value: '"fd00:11::/125"',
            rule: "is too small: the tenth address of Services is the cluster's DNS",
            fix: "use a /124 or larger, better a /112; it cannot be changed later",
        },
    ]);
});

it("reports each of many ranges once", () => {
    const many = Array.from({ length: 2000 }, () => "192.168.10.200-192.168.10.219");
    const mesh = twoClusters();
    mesh.clusters.east.loadBalancer = { provider: "metallb", pools: { mesh: many } };
    expect(disjoint(resolveMesh(mesh))).toHaveLength(1999);
});
