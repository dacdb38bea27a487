/*
 * An upgrade of Cilium over three clusters, 1.18 to 1.19 to 1.20: one cluster after the other, each healthy before the next;
 * what a step cannot be is not planned; the objects of before are those of after; every pair is connected after each step.
 *
 * Charts, objects, conditions and the engine are real. The programs that run are those of 1.19.6 in every step, because there
 * are no others: they read the settings and take the arguments of 1.18 and 1.20 too, but for one setting of 1.18 (see VALUES).
 */
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";

import type { MeshDescription } from "../../../model/describe.ts";
import type { Run } from "../engine/engine.ts";
import { changes } from "../engine/event.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { copyProgram, describe as describeTo, edit } from "../mesh/program.ts";
import { readAudit } from "./checks/audit.ts";
import { everyPairConnected } from "./checks/every-pair-connected.ts";
import { nothingChanges } from "./checks/nothing-changes.ts";
import { labCluster, labMesh } from "./descriptions.ts";
import { missing, running } from "./running.ts";

const NAME = "upgrade";
const [V18, V19, V20] = ["1.18.11", "1.19.6", "1.20.2"] as const;
const CLUSTERS = ["east", "west", "north"] as const;
/** Not the order in which they are described. */
const ORDER = ["west", "north", "east"] as const;

/** The operator of 1.18 reads a number of seconds where that of 1.19 wants a duration, and ends. Off, it is 0 to both. */
const VALUES = { operator: { unmanagedPodWatcher: { restart: false } } };

type Upgrade = MeshDescription["cilium"]["upgrade"];

function mesh(version: string, upgrade?: Upgrade): MeshDescription {
    const description = labMesh(
        Object.fromEntries(CLUSTERS.map((name, index) => [name, labCluster(name, { id: index + 1 })])),
    );
    return {
        ...description,
        cilium: {
            ...description.cilium,
            version,
            upgradeCompatibility: "1.18",
            values: VALUES,
            ...(upgrade === undefined ? {} : { upgrade }),
        },
    };
}

let lab: LabMesh;
let program: string;
/** The pools as they were made, by cluster. */
let pools: ReadonlyMap<string, Pool>;

beforeAll(async () => {
    await LabMesh.close(NAME);
    lab = await LabMesh.open(NAME, mesh(V20, { from: "1.19" }), console.log);
    program = await copyProgram(join(lab.lab.folder, "program"));
    // The step from 1.17 to 1.18 writes pools as another version of their kind, but 1.17 does not run on the lab's Kubernetes.
    // So here it is the step to 1.19: all versions of Cilium from 1.18 on serve both.
    await edit(program, [
        {
            file: "model/support/cilium-apis.ts",
            find: "CiliumLoadBalancerIPPool: 18,",
            replace: "CiliumLoadBalancerIPPool: 19,",
        },
    ]);
    // Each of these puts the chart of its version where the engine finds it.
    await lab.describe(mesh(V19));
    await become(mesh(V18));
    pools = await allPools();
});

afterAll(() => LabMesh.close(NAME));

it("begins with 1.18 in every cluster, connected", async () => {
    await everyPairConnected(lab);
    expect([...pools.values()].map(({ apiVersion }) => apiVersion)).toEqual(
        CLUSTERS.map(() => "cilium.io/v2alpha1"),
    );
});

it("is not planned to skip a minor version, nor to take one unsaid", async () => {
    const before = running(lab.lab);
    expect(await refusal(mesh(V20, { from: "1.18" }))).toContain(
        `✖ cilium.version = "1.20.2"
    is 2 minor versions after 1.18, which clusters come from by cilium.upgrade.from: Cilium is upgraded by one at a time
    fix: go to the newest patch of 1.19 first`,
    );
    // What is described may be wrong about what runs.
    expect(await refusal(mesh(V20, { from: "1.19" }))).toContain(
        `✖ cilium.version = "1.20.2"
    is 2 minor versions after 1.18.11, which the cluster runs: Cilium is upgraded by one at a time
    fix: go to the newest patch of 1.19 first`,
    );
    expect(await refusal(mesh(V19))).toContain(
        `✖ cilium.version = "1.19.6"
    is another minor version than 1.18.11, which the cluster runs, and cilium.upgrade does not say so: all clusters would change at once, and what the step brings would not be shown
    fix: set cilium.upgrade to { from: "1.18" }`,
    );
    expect(missing(before, running(lab.lab))).toEqual([]);
});

it("goes to 1.19, one cluster after the other, in the order that is said", async () => {
    const run = await become(mesh(V19, { from: "1.18", order: [...ORDER] }));
    // Nothing is made anew, pools least of all.
    expect(new Set(changes(run.events).map(({ op }) => op))).toEqual(new Set(["update"]));
    const updated = changes(run.events).map(({ name }) => name);
    expect(updated).toEqual(expect.arrayContaining(ORDER.map((name) => `${name}-lb-ipam-mesh`)));
    expect(unordered(run, ORDER)).toEqual([]);
    expect(await revisionsInOrder(2)).toEqual(ORDER);
    await arrived(V19);
    expect(await allPools()).toEqual(
        new Map([...pools].map(([name, pool]) => [name, { ...pool, apiVersion: "cilium.io/v2" }])),
    );
});

it("goes on to 1.20, in the order of the description", async () => {
    const run = await become(mesh(V20, { from: "1.19" }));
    expect(unordered(run, CLUSTERS)).toEqual([]);
    expect(await revisionsInOrder(3)).toEqual(CLUSTERS);
    await arrived(V20);
    expect([...(await allPools()).values()].map(({ uid }) => uid)).toEqual(
        [...pools.values()].map(({ uid }) => uid),
    );
});

it("changes no cluster when the upgrade is no longer said to be under way", async () => {
    const before = running(lab.lab);
    const run = await become(mesh(V20));
    // They ask for less than before.
    expect(
        changes(run.events)
            .map(({ op, name }) => `${op} ${name}`)
            .sort(),
    ).toEqual(CLUSTERS.map((name) => `update ${name}-mesh-api-ready`).sort());
    expect(missing(before, running(lab.lab))).toEqual([]);
});

/** Brings the mesh to a description. */
async function become(description: MeshDescription): Promise<Run> {
    await lab.describe(description);
    await describeTo(program, "lab", description);
    return await lab.operate("up", { program });
}

/** What a preview says of a description that cannot be. */
async function refusal(description: MeshDescription): Promise<string> {
    await describeTo(program, "lab", description);
    const { status, output } = await lab.attempt("preview", { program });
    expect(status).not.toBe(0);
    return output;
}

/** Every cluster is told this version by its chart, every pair is connected, and nothing is left to do. */
async function arrived(version: string): Promise<void> {
    for (const name of CLUSTERS) {
        const images = await lab.kubectl(
            name,
            ...["--namespace", "kube-system", "get", "deployment", "clustermesh-apiserver"],
            ...["--output", "jsonpath={.spec.template.spec.containers[*].image}"],
        );
        for (const image of images.split(" ")) expect(image).toContain(`:v${version}`);
    }
    await everyPairConnected(lab);
    await nothingChanges(lab, { program });
}

/** A sentence for each cluster whose chart was begun before the cluster before it was healthy, as the engine noted it. */
function unordered({ events }: Run, order: readonly string[]): string[] {
    const nameOf = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);
    const began = (name: string) =>
        events.findIndex(({ resourcePreEvent }) => nameOf(resourcePreEvent?.metadata.urn ?? "") === name);
    const ended = (name: string) =>
        events.findIndex(({ resOutputsEvent }) => nameOf(resOutputsEvent?.metadata.urn ?? "") === name);
    return order.slice(1).flatMap((name, index) => {
        const before = order[index] ?? "";
        const [healthy, chart] = [ended(`${before}-mesh-api-ready`), began(`${name}-cilium-chart`)];
        return healthy >= 0 && healthy < chart ? [] : [`${name} began before ${before} was healthy`];
    });
}

/** The clusters in the order in which Helm noted this revision of Cilium's release, as their API servers noted it. */
async function revisionsInOrder(revision: number): Promise<string[]> {
    const noted = await Promise.all(
        CLUSTERS.map(async (name) => {
            const secret = `sh.helm.release.v1.cilium.v${revision}`;
            const made = (await readAudit(lab, name)).find(
                (change) => change.creates && change.name === secret,
            );
            return { name, at: made?.at ?? "never" };
        }),
    );
    return noted.sort((a, b) => (a.at < b.at ? -1 : 1)).map(({ name }) => name);
}

const pool = z.object({
    metadata: z.object({
        uid: z.string(),
        managedFields: z.array(
            z.object({ manager: z.string(), operation: z.string(), apiVersion: z.string() }),
        ),
    }),
});

interface Pool {
    /** The object itself: one that is made anew has another. */
    readonly uid: string;
    /** As what the engine wrote it last. */
    readonly apiVersion: string;
}

async function allPools(): Promise<ReadonlyMap<string, Pool>> {
    const found = await Promise.all(
        CLUSTERS.map(async (name) => {
            const get = ["get", "ciliumloadbalancerippools.cilium.io", "mesh", "--show-managed-fields"];
            const text = await lab.kubectl(name, ...get, "--output", "json");
            const { uid, managedFields } = pool.parse(JSON.parse(text)).metadata;
            const written = managedFields.filter(
                ({ manager, operation }) => manager.startsWith("pulumi-kubernetes") && operation === "Apply",
            );
            expect(written).toHaveLength(1);
            return [name, { uid, apiVersion: written[0]?.apiVersion ?? "" }] as const;
        }),
    );
    return new Map(found);
}
