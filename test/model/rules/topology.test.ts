import { expect, it } from "vitest";

import { hubsExist, hubsOnce, notTooMany } from "../../../model/rules/topology.ts";
import { oneCluster } from "../../support/mesh.ts";
import { accepts, refuses } from "../../support/rules.ts";

it("refuses a hub that does not exist, and names the nearest cluster", () => {
    expect(
        refuses(hubsExist, (mesh) => {
            mesh.mesh = { topology: "hubs", hubs: ["eats"] };
        }),
    ).toMatchInlineSnapshot(`
      "mesh.hubs = "eats"
          is not a cluster of this mesh
          fix: did you mean east? the clusters are east, west"
    `);
});

it("refuses a hub named twice", () => {
    expect(
        refuses(hubsOnce, (mesh) => {
            mesh.mesh = { topology: "hubs", hubs: ["east", "east"] };
        }),
    ).toMatchInlineSnapshot(`
      "mesh.hubs = "east"
          is named twice
          fix: name each hub once"
    `);
});

it("accepts a hub", () => {
    accepts((mesh) => {
        mesh.mesh = { topology: "hubs", hubs: ["east"] };
    });
});

it("refuses more clusters than a mesh connects", () => {
    expect(
        refuses(
            notTooMany,
            ({ clusters }) => {
                for (let id = 3; id <= 256; id++) clusters[`c${id}`] = oneCluster((id % 20) + 1, `c${id}`);
            },
            { others: true },
        ),
    ).toMatchInlineSnapshot(`
      "clusters = 256 clusters
          are more than the mesh can connect (maxConnectedClusters 255)
          fix: set mesh.maxConnectedClusters to 511 before the first cluster is made, or make two meshes"
    `);
});
