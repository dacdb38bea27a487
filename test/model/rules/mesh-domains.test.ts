import { expect, it } from "vitest";

import { checkMesh } from "../../../model/check.ts";
import { meshDomainsAreUsed, meshDomainsHoldNames } from "../../../model/rules/mesh-domains.ts";
import { highlyAvailable, oneCluster, type TwoClusters } from "../../support/mesh.ts";
import { refuses, warns } from "../../support/rules.ts";

/** A mesh in which clusters call west by a name of the mesh. */
function calling(...domains: string[]): TwoClusters {
    const mesh = highlyAvailable();
    mesh.mesh = { topology: "full", domains };
    // It restarts nothing when another one joins: no warning of that.
    mesh.cilium = { version: "1.20.2", policyDefaultLocalCluster: true };
    return mesh;
}

it("refuses a domain in which a cluster's name has no room", () => {
    const long = `${`${"a".repeat(62)}.`.repeat(3)}${"b".repeat(56)}.net`;
    expect(
        refuses(meshDomainsHoldNames, () => undefined, {
            mesh: calling("mesh.example.net", long),
            others: true,
        }),
    ).toMatchInlineSnapshot(`
      "mesh.domains = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...
          makes a name of 254 characters with east in front of it; a DNS name has 253 at most
          fix: choose a domain that is shorter by 1"
    `);
});

it("accepts the longest domain that has room", () => {
    const name = "c".repeat(32);
    const domain = `${`${"a".repeat(62)}.`.repeat(3)}${"b".repeat(27)}.net`;
    expect(`${name}.${domain}`).toHaveLength(253);
    const mesh = calling(domain);
    mesh.clusters[name] = oneCluster(3, "north");
    expect(checkMesh(mesh).problems).toEqual([]);
    mesh.mesh = { topology: "full", domains: [`a${domain}`, `b${domain}`] };
    expect(checkMesh(mesh).problems.map(({ path }) => path)).toEqual(["mesh.domains", "mesh.domains"]);
});

it("warns of a domain that nobody is called by", () => {
    expect(
        warns(
            meshDomainsAreUsed,
            (mesh) => (mesh.mesh = { topology: "full", domains: ["mesh.example.net"] }),
        ),
    ).toMatchInlineSnapshot(`
      "mesh.domains = "mesh.example.net"
          is a domain that no cluster is called by: each is reached at one address, or by a name of its own
          fix: leave it out; names that your DNS answers for are written under meshApi.names"
    `);
});

it.each(["mesh", "*.example.net", "Mesh.example.net", "192.168.10.200", "mesh.example.net."])(
    "refuses %s as a domain",
    (domain) => {
        const { mesh, problems } = checkMesh(calling(domain));
        expect(mesh).toBeUndefined();
        expect(problems).toEqual([
            {
                path: "mesh.domains[0]",
                value: JSON.stringify(domain),
                rule: "must be a full DNS name in lower case, without a wildcard",
                fix: 'write it as "mesh.example.net"',
            },
        ]);
    },
);

it("accepts a domain that a cluster with several addresses is called in", () => {
    const mesh = calling("mesh.example.net");
    mesh.clusters.west.meshApi = { type: "NodePort" };
    const { problems, warnings } = checkMesh(mesh);
    expect(problems).toEqual([]);
    expect(warnings.map(({ path }) => path)).toEqual(["clusters.west.meshApi.type"]);
});
