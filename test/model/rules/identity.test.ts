import { expect, it } from "vitest";

import { idsInRange, idsUnique, names } from "../../../model/rules/identity.ts";
import { oneCluster } from "../../support/mesh.ts";
import { accepts, refuses } from "../../support/rules.ts";

it.each(["North", "-north", "north-", "north_1", "n".repeat(33), "north.1"])(
    "refuses the name %j",
    (name) => {
        expect(
            refuses(names, ({ clusters }) => {
                clusters[name] = oneCluster(3, "north");
            }),
        ).toContain(
            "must be 1 to 32 lower-case letters, digits and hyphens, not beginning or ending with a hyphen",
        );
    },
);

it("refuses a name that Cilium refuses", () => {
    expect(
        refuses(names, ({ clusters }) => {
            clusters["North"] = oneCluster(3, "north");
        }),
    ).toMatchInlineSnapshot(`
      "clusters.North = "North"
          must be 1 to 32 lower-case letters, digits and hyphens, not beginning or ending with a hyphen
          fix: rename it, for example to "east""
    `);
});

it("refuses the name of a cluster outside a mesh", () => {
    expect(
        refuses(names, ({ clusters }) => {
            clusters["default"] = oneCluster(3, "north");
        }),
    ).toMatchInlineSnapshot(`
      "clusters.default = "default"
          is the name Cilium gives to a cluster outside a mesh
          fix: give the cluster a name of its own"
    `);
});

it.each([0, -1, 512])("refuses the id %i", (id) => {
    expect(refuses(idsInRange, ({ clusters }) => void (clusters.west.id = id))).toContain("must be 1 to 255");
});

it("refuses an id above 255 and says how to have it", () => {
    expect(refuses(idsInRange, ({ clusters }) => void (clusters.west.id = 256))).toMatchInlineSnapshot(`
      "clusters.west.id = 256
          must be 1 to 255, the mesh's maxConnectedClusters; 0 means no mesh
          fix: choose a smaller one, or set mesh.maxConnectedClusters to 511 before the first cluster is made"
    `);
});

it("accepts ids up to 511 in a mesh of 511", () => {
    accepts((mesh) => {
        mesh.mesh = { topology: "full", maxConnectedClusters: 511 };
        mesh.clusters.west.id = 511;
    });
});

it("refuses one id for two clusters", () => {
    expect(refuses(idsUnique, ({ clusters }) => void (clusters.west.id = 1))).toMatchInlineSnapshot(`
      "clusters.west.id = 1
          is also the id of clusters.east: traffic of the two could not be told apart
          fix: use another one; 2 is free"
    `);
});
