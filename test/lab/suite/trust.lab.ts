/*
 * A rotation of the CA in a mesh that runs: in no step, and at no moment of one, does a cluster refuse another one's
 * certificate; a step is refused before the one before it holds everywhere; and only what must be replaced is. At the end a
 * cluster that would stop every further step, as its hosts are gone for good, is given up.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import type { MeshDescription } from "../../../model/describe.ts";
import { changes } from "../engine/event.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { copyProgram, describe as describeTo } from "../mesh/program.ts";
import { everyPairConnected } from "./checks/every-pair-connected.ts";
import { nothingChanges } from "./checks/nothing-changes.ts";
import { TrustSampler } from "./checks/trust-sampler.ts";
import { labCluster, labMesh } from "./descriptions.ts";
import { missing, running, type Running } from "./running.ts";

type Certificates = NonNullable<MeshDescription["certificates"]>;

const NAME = "trust";
const CLUSTERS = ["east", "west", "north"];

const clusters = {
    east: labCluster("east", { id: 1, provider: "metallb" }),
    west: labCluster("west", { id: 2 }),
    north: labCluster("north", { id: 3 }),
};

let lab: LabMesh;
let program: string;
/** What ran when the last change was over. */
let ran: readonly Running[] = [];

/** Who serves other clusters: its etcd, what fills it, and what asks the others. */
const MESH_APIS = CLUSTERS.flatMap((name) => [
    `${name}-1 clustermesh-apiserver`,
    `${name}-1 clustermesh-apiserver`,
    `${name}-1 etcd`,
]).sort();

const LEAVES = ["admin", "local", "remote", "server"];
const SECRETS = CLUSTERS.flatMap((name) => LEAVES.map((leaf) => `update ${name}-certificates-${leaf}`));
const CHARTS = CLUSTERS.flatMap((name) =>
    ["cilium-chart", "cilium-ready", "mesh-api-ready"].map((part) => `update ${name}-${part}`),
);
const SIGNED = CLUSTERS.flatMap((name) =>
    LEAVES.map((leaf) => `create-replacement ${name}-certificates-${leaf}-cert`),
);

function meshWith(certificates: Certificates): MeshDescription {
    return { ...labMesh(clusters), certificates };
}

beforeAll(async () => {
    await LabMesh.close(NAME);
    const description = meshWith({});
    lab = await LabMesh.open(NAME, description, console.log);
    program = await copyProgram(join(lab.lab.folder, "program"));
    await describeTo(program, "lab", description);
    await lab.operate("up", { program });
    await everyPairConnected(lab);
    ran = running(lab.lab);
});

afterAll(() => LabMesh.close(NAME));

it("refuses to let a CA sign that nobody trusts, and to change CAs at once", async () => {
    for (const certificates of [{ nextCa: "signing" }, { caGeneration: 2 }] as const) {
        expect(await refusal({ ...certificates })).toContain(
            "is no step that can follow caGeneration: 1 without nextCa: clusters would distrust one another on the way",
        );
    }
});

it("is refused the next step while a cluster has missed this one", async () => {
    await lab.lab.powerOff("north-1");
    await describeTo(program, "lab", meshWith({ nextCa: "trusted" }));
    const { status } = await lab.attempt("up", { program });
    expect(status).not.toBe(0);
    expect(await refusal({ nextCa: "signing" })).toContain(
        'no up has reached every cluster since caGeneration: 1, nextCa: "trusted" was written',
    );
    await lab.lab.powerOn("north-1");
    await lab.awaitPairs(300);
});

it("trusts the next CA beside the first", async () => {
    // What was done before north was there again is not done twice.
    await step({ nextCa: "trusted" });
    expect(await trusted()).toEqual(CLUSTERS.map(() => 2));
});

it("lets the next CA sign", async () => {
    const steps = await step({ nextCa: "signing" });
    expect(steps).toEqual([...SIGNED, ...SECRETS, ...CHARTS].sort());
    await meshApisReplaced();
});

it("can turn back", async () => {
    const steps = await step({ nextCa: "trusted" });
    expect(steps).toEqual([...SIGNED, ...SECRETS, ...CHARTS].sort());
    await meshApisReplaced();
    await step({ nextCa: "signing" });
    await meshApisReplaced();
});

it("gives up the first CA", async () => {
    const steps = await step({ caGeneration: 2 });
    expect(steps).toEqual([...SECRETS, ...CHARTS, "delete ca-cert", "delete ca-key"].sort());
    await meshApisReplaced();
    expect(await trusted()).toEqual(CLUSTERS.map(() => 1));
    await nothingChanges(lab, { program });
});

it("does not go back to a CA that is gone", async () => {
    expect(await refusal({})).toContain("is no step that can follow caGeneration: 2 without nextCa");
});

it("gives up a cluster whose hosts are gone for good, and asks nothing of it", async () => {
    ran = running(lab.lab);
    await lab.lab.powerOff("north-1");
    const { east, west, north } = clusters;
    await describeTo(program, "lab", {
        ...labMesh({ east, west, north: { ...north, lost: true } }),
        certificates: { caGeneration: 2 },
    });
    expect(await stepsOfUp()).toEqual(["delete north-north-1-preflight"]);
    expect(await refusal({ caGeneration: 2, nextCa: "trusted" })).toContain(
        "no up has reached every cluster since caGeneration: 2 without nextCa was written",
    );
    const description = { ...labMesh({ east, west }), certificates: { caGeneration: 2 } };
    await lab.describe(description);
    await describeTo(program, "lab", description);
    const steps = await stepsOfUp();
    expect(steps.filter((step) => !step.startsWith("delete north-"))).toEqual(
        ["east", "west"].flatMap((name) => [`update ${name}-cilium-chart`, `update ${name}-cilium-ready`]),
    );
    await everyPairConnected(lab);
    expect(await stepsOfUp(), "what the next up changes").toEqual([]);
    const others = ran.filter(({ host }) => host !== "north-1");
    expect(missing(others, running(lab.lab))).toEqual([]);
});

/** Takes a step while every pair is asked again and again, and tells what it did. */
async function step(certificates: Certificates): Promise<string[]> {
    const description = meshWith(certificates);
    await lab.describe(description);
    await describeTo(program, "lab", description);
    const sampler = TrustSampler.start(lab);
    const { events } = await lab.operate("up", { program }).finally(() => sampler.stop());
    const { answered, refused } = await sampler.stop();
    expect(refused).toEqual([]);
    // Otherwise it would show nothing.
    expect(answered).toBeGreaterThan(CLUSTERS.length);
    await everyPairConnected(lab);
    return changes(events)
        .filter(({ op }) => ["create", "update", "delete", "create-replacement"].includes(op))
        .map(({ op, name }) => `${op} ${name}`)
        .sort();
}

/** What an up does. */
async function stepsOfUp(): Promise<string[]> {
    const { events } = await lab.operate("up", { program });
    return changes(events)
        .map(({ op, name }) => `${op} ${name}`)
        .sort();
}

/** The mesh APIs, and nothing else, are others than before. */
async function meshApisReplaced(): Promise<void> {
    // A pod that was replaced may take a moment to end.
    await expect
        .poll(() => missing(ran, running(lab.lab)), { timeout: 60_000, interval: 1000 })
        .toEqual(MESH_APIS);
    expect(missing(running(lab.lab), ran)).toEqual(MESH_APIS);
    ran = running(lab.lab);
}

/** How many CAs each cluster trusts. */
async function trusted(): Promise<number[]> {
    const counts: number[] = [];
    for (const name of CLUSTERS) {
        const text = await lab.kubectl(
            name,
            ...["--namespace", "kube-system", "get", "secret", "clustermesh-apiserver-remote-cert"],
            ...["--output", String.raw`jsonpath={.data.ca\.crt}`],
        );
        const pems =
            Buffer.from(text, "base64")
                .toString("utf8")
                .match(/BEGIN CERTIFICATE/g) ?? [];
        counts.push(pems.length);
    }
    // The processes of before this step are not compared with those after the next.
    await pause(5000);
    ran = running(lab.lab);
    return counts;
}

/** What a preview says of a step that cannot be. */
async function refusal(certificates: Certificates): Promise<string> {
    await describeTo(program, "lab", meshWith(certificates));
    const { status, output } = await lab.attempt("preview", { program });
    expect(status).not.toBe(0);
    return output;
}
