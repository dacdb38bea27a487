import { expect, it } from "vitest";

import { parseDescription } from "../../../model/describe.ts";
import { formatProblem } from "../../../model/problem.ts";
import { twoClusters } from "../../support/mesh.ts";

/** What is wrong with the shape of a mesh with something written under a cilium of it. */
function problemsOf(where: "mesh" | "east", upgrade: unknown): string {
    const mesh = twoClusters();
    const cilium = { ...mesh.cilium, upgrade };
    const parsed = parseDescription(
        where === "mesh"
            ? { ...mesh, cilium }
            : { ...mesh, clusters: { ...mesh.clusters, east: { ...mesh.clusters.east, cilium } } },
    );
    return parsed.ok ? "" : parsed.problems.map(formatProblem).join("\n");
}

it("takes an upgrade with and without an order", () => {
    expect(problemsOf("mesh", { from: "1.18" })).toBe("");
    expect(problemsOf("mesh", { from: "1.18", order: ["west", "east"], notesRead: true })).toBe("");
});

it.each(["1.18.11", "v1.18", "1.18.", "118"])("refuses to come from %s", (from) => {
    expect(problemsOf("mesh", { from })).toBe(
        [
            `cilium.upgrade.from = "${from}"`,
            "    must be a minor version of Cilium, without a patch",
            '    fix: write it as "1.18"',
        ].join("\n"),
    );
});

it("is one for the whole mesh", () => {
    expect(problemsOf("east", { from: "1.18" })).toMatchInlineSnapshot(`
      "clusters.east.cilium.upgrade
          clusters change one after the other: write it under cilium of the mesh
          fix: rename or remove it; docs/reference.md lists every option"
    `);
});
