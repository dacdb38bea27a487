/* That clusters wait for one another during an upgrade of Cilium, and at no other time. */
import { expect, it } from "vitest";

import { oneCluster, twoClusters, type TwoClusters } from "../support/mesh.ts";
import { deployed, type Deployment } from "../support/program.ts";
import { gateOf } from "../charts/gate.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const GATE = "command:remote:Command";

/** Three clusters that go from 1.18 to 1.19. */
function upgrading(upgrade: TwoClusters["cilium"]["upgrade"]): TwoClusters {
    const mesh = twoClusters();
    mesh.cilium.upgradeCompatibility = "1.18";
    mesh.cilium.hubble = { enabled: true, relay: true };
    if (upgrade !== undefined) mesh.cilium.upgrade = upgrade;
    mesh.clusters["north"] = oneCluster(3, "north");
    return mesh;
}

/** The clusters whose health another one's chart waits for. */
function waitsFor(deployment: Deployment, cluster: string): string[] {
    const { dependsOn } = deployment.one(RELEASE, `${cluster}-cilium-chart`);
    return deployment.mesh.clusters
        .map(({ name }) => name)
        .filter((name) => dependsOn.includes(deployment.one(GATE, `${name}-mesh-api-ready`).urn));
}

const chain = (deployment: Deployment) =>
    Object.fromEntries(["east", "west", "north"].map((name) => [name, waitsFor(deployment, name)]));

it("lets every cluster go by itself where no upgrade is under way", async () => {
    const deployment = await deployed(upgrading(undefined));
    expect(chain(deployment)).toEqual({ east: [], west: [], north: [] });
    expect(gateOf(deployment, "east-mesh-api-ready").rollouts).toEqual([]);
});

it("lets one cluster after the other change, in the order of the description", async () => {
    expect(chain(await deployed(upgrading({ from: "1.18" })))).toEqual({
        east: [],
        west: ["east"],
        north: ["west"],
    });
});

it("lets one cluster after the other change, in the order that is said", async () => {
    const deployment = await deployed(upgrading({ from: "1.18", order: ["north", "east", "west"] }));
    expect(chain(deployment)).toEqual({ north: [], east: ["north"], west: ["east"] });
});

it("goes on only when the mesh API of before is gone, and so is what asks other clusters", async () => {
    const deployment = await deployed(upgrading({ from: "1.18" }));
    for (const cluster of ["east", "west", "north"]) {
        expect(gateOf(deployment, `${cluster}-mesh-api-ready`).rollouts).toEqual([
            "deployment kube-system clustermesh-apiserver",
            "deployment kube-system hubble-relay",
        ]);
    }
});

it("makes the same things, and waits for the same hosts, with an upgrade under way", async () => {
    const [before, during] = [
        await deployed(upgrading(undefined)),
        await deployed(upgrading({ from: "1.18" })),
    ];
    const names = ({ resources }: Deployment) => resources.map(({ urn }) => urn).sort();
    expect(names(during)).toEqual(names(before));
    const different = during.resources.filter(({ urn, inputs }) => {
        const old = before.resources.find((resource) => resource.urn === urn);
        return JSON.stringify(old?.inputs) !== JSON.stringify(inputs);
    });
    // They ask for more; nothing in a cluster changes by saying so.
    expect(different.map(({ name }) => name).sort()).toEqual([
        "east-mesh-api-ready",
        "north-mesh-api-ready",
        "west-mesh-api-ready",
    ]);
});
