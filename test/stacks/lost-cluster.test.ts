/* That a cluster which no longer answers is left as it is, and the others are not. */
import { expect, it } from "vitest";

import type { RecordedResource } from "../../plan/record.ts";
import { twoClusters } from "../support/mesh.ts";
import { deployed, type Deployment } from "../support/program.ts";

function mesh(lost?: boolean) {
    const described = twoClusters();
    if (lost !== undefined) described.clusters.west.lost = lost;
    return described;
}

// One after the other: the runtime is one per process.
const before = await deployed(mesh());
const found = await deployed(mesh(false));
const lost = await deployed(mesh(true));

const CLUSTER = "multicluster:mesh:Cluster";

it("changes nothing of a lost cluster, and forgets it without a word when it is left out", () => {
    const left = lost.inCluster("west").filter(({ custom }) => custom);
    expect(left.map(({ name }) => name)).toEqual(
        before
            .inCluster("west")
            .filter(({ custom }) => custom)
            .map(({ name }) => name),
    );
    for (const { name, ignoreChanges, retainOnDelete } of left) {
        expect([name, ignoreChanges.at(-1), retainOnDelete]).toEqual([name, "*", true]);
    }
});

it("describes everything else as before, but for the lost hosts' own checks", () => {
    const isCheck = ({ name }: RecordedResource) => /^west-.*-preflight$/.test(name);
    const others = (deployment: Deployment) => {
        const west = [deployment.one(CLUSTER, "west"), ...deployment.inCluster("west")];
        return deployment.resources
            .filter((resource) => !west.includes(resource) && !isCheck(resource))
            .map(({ name, ignoreChanges, retainOnDelete }) => ({ name, ignoreChanges, retainOnDelete }));
    };
    expect(others(lost)).toEqual(others(before));
    expect(lost.resources.filter(isCheck)).toEqual([]);
    expect(before.resources.filter(isCheck)).not.toEqual([]);
});

it("describes nothing otherwise where a cluster is said not to be lost", () => {
    expect(found.resources).toEqual(before.resources);
});
