/* What a cluster that joins or leaves changes in what the program asks of the others. What their charts make of it: joining.charts.ts. */
import { isDeepStrictEqual } from "node:util";

import { expect, it } from "vitest";

import type { ClusterDescription } from "../../model/describe.ts";
import { oneCluster, twoClusters } from "../support/mesh.ts";
import { deployed, type Deployment } from "../support/program.ts";

async function withNorth(meshApi?: ClusterDescription["meshApi"]): Promise<Deployment> {
    const mesh = twoClusters();
    mesh.clusters["north"] = { ...oneCluster(3, "north"), ...(meshApi === undefined ? {} : { meshApi }) };
    return deployed(mesh);
}

/** The resources of providers that are in both, and not the same; those of only one are the third cluster's. */
function changed(before: Deployment, after: Deployment): string[] {
    const inputs = new Map(before.resources.map((resource) => [resource.urn, resource.inputs]));
    return after.resources
        .filter(({ custom, urn }) => custom && inputs.has(urn))
        .filter((resource) => !isDeepStrictEqual(inputs.get(resource.urn), resource.inputs))
        .map(({ name }) => name)
        .sort();
}

it.each([
    ["by its load balancer", undefined],
    ["by a name", { type: "NodePort" as const, names: ["mesh.north.example.net"] }],
])("changes the charts of the others and the gates after them, and nothing else, %s", async (_, meshApi) => {
    const [two, three] = [await deployed(twoClusters()), await withNorth(meshApi)];
    const others = ["east-cilium-chart", "east-cilium-ready", "west-cilium-chart", "west-cilium-ready"];
    expect(changed(two, three)).toEqual(others);
    expect(changed(three, two)).toEqual(others);
    const only = (some: Deployment, rest: Deployment) =>
        some.resources
            .filter(({ custom, urn }) => custom && !rest.resources.some((one) => one.urn === urn))
            .map(({ name }) => name);
    expect(only(two, three)).toEqual([]);
    expect(only(three, two).length).toBeGreaterThan(0);
    expect(only(three, two).filter((name) => !name.startsWith("north-"))).toEqual([]);
});
