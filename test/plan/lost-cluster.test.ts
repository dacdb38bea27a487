import { expect, it } from "vitest";

import { checkMesh } from "../../model/check.ts";
import { Ancestry } from "../../plan/ancestry.ts";
import { plain } from "../../plan/paint.ts";
import { treeText } from "../../plan/tree.ts";
import { twoClusters } from "../support/mesh.ts";

it("says of a lost cluster that it stays as it was", () => {
    const described = twoClusters();
    described.clusters.west.lost = true;
    const { mesh, warnings } = checkMesh(described);
    if (mesh === undefined) throw new Error("the shape is wrong");
    const tree = treeText({ mesh, warnings, resources: [], ancestry: new Ancestry([]), paint: plain });
    expect(tree).toContain(" west (id 2), lost: all of it stays as it was\n");
    expect(tree).toContain(" east (id 1)\n");
    expect(tree).toContain("! clusters.west.lost = true\n");
});
