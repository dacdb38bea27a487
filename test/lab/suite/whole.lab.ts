/*
 * The mesh of stacks/lab.ts from nothing to nothing: one `up` makes it, every pair is connected, nothing leaks, a second `up`
 * changes nothing, and `destroy` leaves the hosts as they were.
 */
import { existsSync } from "node:fs";

import { afterAll, beforeAll, expect, test } from "vitest";

import description from "../../../stacks/lab.ts";
import type { Run } from "../engine/engine.ts";
import { changes } from "../engine/event.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { report } from "../mesh/report.ts";
import { ArgumentSampler } from "./checks/argument-sampler.ts";
import { everyPairConnected } from "./checks/every-pair-connected.ts";
import { noSecretLeaks } from "./checks/no-secret-leaks.ts";
import { nothingChanges } from "./checks/nothing-changes.ts";
import { orderOnTheWire } from "./checks/order-on-the-wire.ts";
import { keysInStore } from "./mesh-store.ts";
import { running } from "./running.ts";

const NAME = "suite-whole";

let lab: LabMesh;
let arguments_: ArgumentSampler;
const runs: Run[] = [];
let firstUp: Run;

beforeAll(async () => {
    await LabMesh.close(NAME);
    lab = await LabMesh.open(NAME, description, console.log);
    arguments_ = new ArgumentSampler(lab.lab);
    arguments_.start();
});

afterAll(async () => {
    await arguments_.stop();
    await LabMesh.close(NAME);
});

async function operate(operation: "up" | "preview" | "destroy"): Promise<Run> {
    const run = await lab.operate(operation);
    runs.push(run);
    return run;
}

/** Steps without their order: what is independent of each other ends as it likes. */
function steps(run: Run): string[] {
    return changes(run.events)
        .map(({ op, urn }) => `${op} ${urn}`)
        .sort();
}

test("one up makes both clusters, as its preview said", async () => {
    const preview = await operate("preview");
    const up = await operate("up");
    firstUp = up;
    expect(steps(up)).toEqual(steps(preview));
    expect(new Set(changes(up.events).map(({ op }) => op))).toEqual(new Set(["create"]));
});

test("every cluster is connected to the other, by certificates of the one CA alone", async () => {
    await everyPairConnected(lab);
    expect((await report(lab)).filter((line) => !line.startsWith("✔"))).toEqual([]);
});

test("nodes, Secrets, charts and objects came in the order that each needs", async () => {
    await orderOnTheWire(lab, firstUp);
});

test("a global Service of one cluster is known in the other", async () => {
    await lab.kubectl("west", "create", "service", "clusterip", "shared", "--tcp=80:8080");
    await lab.kubectl("west", "annotate", "service", "shared", "service.cilium.io/global=true");
    const key = "cilium/cache/services/v1/west/default/shared";
    await expect
        .poll(() => keysInStore(lab, "east", key), { timeout: 60_000, interval: 1000 })
        .toEqual([key]);
    await lab.kubectl("west", "delete", "service", "shared");
    await expect.poll(() => keysInStore(lab, "east", key), { timeout: 60_000, interval: 1000 }).toEqual([]);
});

test("a second up, a preview and a refresh change nothing, and no process is another", async () => {
    const before = running(lab.lab);
    await nothingChanges(lab);
    expect(running(lab.lab)).toEqual(before);
});

test("no secret is where others can read it", async () => {
    await noSecretLeaks(lab, { runs, seen: arguments_.seen });
});

test("destroy leaves the hosts as they were", async () => {
    await lab.operate("unprotect");
    const run = await operate("destroy");
    expect(new Set(changes(run.events).map(({ op }) => op))).toEqual(new Set(["delete"]));
    expect(running(lab.lab)).toEqual([]);
    for (const { name } of lab.lab.hosts) {
        expect({ name, files: lab.lab.diskFiles(name) }).toEqual({ name, files: [] });
    }
});

test("down leaves nothing of the lab", async () => {
    await arguments_.stop();
    const { folder } = lab.lab;
    await LabMesh.close(NAME);
    expect({ folder, there: existsSync(folder) }).toEqual({ folder, there: false });
});
