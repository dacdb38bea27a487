import { expect, it } from "vitest";

import { formatProblems } from "../../model/problem.ts";
import { memberChangeProblems } from "../../stacks/member-changes.ts";

const OWN = { clusterId: 3, rke2Version: "v1.35.7+rke2r1" };
const EXISTING = { clusterId: 3, kubernetesVersion: "1.35" };

it("lets a member stay what it is", () => {
    expect(memberChangeProblems(OWN, { ...OWN, rke2Version: "v1.36.0+rke2r1" })).toEqual([]);
    expect(memberChangeProblems(EXISTING, { ...EXISTING, kubernetesVersion: "1.36" })).toEqual([]);
});

it("refuses to take RKE2 off the machines of a cluster that is said to be there already", () => {
    expect(formatProblems("clusters.north", memberChangeProblems(OWN, EXISTING))).toMatchInlineSnapshot(`
      "clusters.north: 1 problem
      ✖ kubernetes
          says that the cluster is there already, and it is this program's own: RKE2 would be taken off its machines
          fix: describe it as before, or describe a new cluster beside this one and move to it"
    `);
});

it("refuses to begin another cluster under the name of one that was there already", () => {
    expect(formatProblems("clusters.north", memberChangeProblems(EXISTING, OWN))).toMatchInlineSnapshot(`
      "clusters.north: 1 problem
      ✖ servers
          makes another cluster of the name of one that is there already, and that this program has its network in
          fix: describe it as before, or describe a new cluster beside this one and move to it"
    `);
});

it("lets a member keep who makes its certificates", () => {
    const certgen = { ...OWN, certgen: true };
    expect(memberChangeProblems(certgen, { ...certgen, rke2Version: "v1.36.0+rke2r1" })).toEqual([]);
});

it("refuses to change who makes the certificates of a cluster that runs", () => {
    const certgen = { ...OWN, certgen: true };
    expect(formatProblems("clusters.north", memberChangeProblems(OWN, certgen))).toMatchInlineSnapshot(`
      "clusters.north: 1 problem
      ✖ certificates.method = "certgen"
          was "pulumi" when the cluster was made: both keep certificates in Secrets of the same names, and those that one has made would go, or be in the way, when the other begins
          fix: write "pulumi" again, or describe a new mesh beside this one and move to it"
    `);
    expect(formatProblems("clusters.north", memberChangeProblems(certgen, OWN))).toMatchInlineSnapshot(`
      "clusters.north: 1 problem
      ✖ certificates.method = "pulumi"
          was "certgen" when the cluster was made: both keep certificates in Secrets of the same names, and those that one has made would go, or be in the way, when the other begins
          fix: write "certgen" again, or describe a new mesh beside this one and move to it"
    `);
});
