import { expect, it } from "vitest";

import { checkMesh } from "../../model/check.ts";
import { Ancestry } from "../../plan/ancestry.ts";
import { plain } from "../../plan/paint.ts";
import { treeText } from "../../plan/tree.ts";
import { highlyAvailable, type TwoClusters } from "../support/mesh.ts";

function treeOf(change: (mesh: TwoClusters) => void): string {
    const described = highlyAvailable();
    change(described);
    const { mesh, warnings } = checkMesh(described);
    if (mesh === undefined) throw new Error("the shape is wrong");
    return treeText({ mesh, warnings, resources: [], ancestry: new Ancestry([]), paint: plain });
}

it("shows the names of a mesh API, and by which others ask", () => {
    const tree = treeOf(({ clusters }) => {
        clusters.west.meshApi = {
            type: "NodePort",
            names: ["mesh.west.example.net", "old.west.example.net"],
        };
    });
    expect(tree).toContain(
        "mesh API      every node's port 32379, 1 replica, known as mesh.west.example.net, old.west.example.net\n",
    );
    expect(tree).toContain("west (id 2) at mesh.west.example.net:32379\n");
    expect(tree).not.toContain("warning");
});

it("shows the domain in which clusters are called, and those that certificates hold besides", () => {
    const called = (domains: string[]) =>
        treeOf((mesh) => {
            mesh.mesh = { topology: "full", domains };
            mesh.clusters.west.meshApi = { type: "NodePort" };
        })
            .split("\n")
            .filter((line) => line.includes("<cluster>"))
            .map((line) => line.replace(/^\W*/, ""));
    expect(called(["new.example.net", "old.example.net"])).toEqual([
        "mesh APIs with several addresses are called <cluster>.new.example.net; certificates also hold those of old.example.net, mesh.cilium.io",
    ]);
    expect(called(["mesh.cilium.io"])).toEqual([
        "mesh APIs with several addresses are called <cluster>.mesh.cilium.io",
    ]);
});

it("says where pods restart when another cluster comes or goes", () => {
    const tree = treeOf(({ clusters }) => void (clusters.west.meshApi = { type: "NodePort" }));
    expect(tree).toContain(
        "its servers' addresses stand in the pods of the mesh API in east, which restart when west joins, leaves or gets other servers",
    );
});
