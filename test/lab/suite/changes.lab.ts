/*
 * What happens to a mesh that runs when its description changes: what a preview announces and an up does is just what must
 * change, it arrives, the mesh is whole again, and no process ends that could have gone on.
 */
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import type { ClusterDescription, MeshDescription } from "../../../model/describe.ts";
import { changes } from "../engine/event.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { copyProgram, describe as describeTo } from "../mesh/program.ts";
import { labCluster, labMesh } from "./descriptions.ts";
import { missing, running, type Running } from "./running.ts";

const NAME = "changes";
const RACK = { "lab/rack": "seven" };

const east = labCluster("east", { id: 1, agents: 1, provider: "metallb" });
const west = labCluster("west", { id: 2, agents: 1 });
const slowEast = { ...east, cilium: { values: { bpf: { monitorInterval: "10s" } } } };
const labelledWest = withLabels(west, "west-2", RACK);
const largerWest = labCluster("west", { id: 2, agents: 2 });
const north = labCluster("north", { id: 3 });

/** What a cluster of one server is made of. */
const NORTH = [
    ...["certificates-admin", "certificates-admin-cert", "certificates-admin-request"],
    ...["certificates-local", "certificates-local-cert", "certificates-local-key"],
    ...["certificates-local-request", "certificates-mesh-api-key"],
    ...["certificates-remote", "certificates-remote-cert", "certificates-remote-key"],
    ...["certificates-remote-request", "certificates-server", "certificates-server-cert"],
    ...["certificates-server-request", "cilium-chart", "cilium-ready", "kubeconfig"],
    ...["l2-policy", "lb-ipam-mesh", "members", "mesh-api-ready", "north-1-install"],
    ...["north-1-preflight", "provider"],
];
const NORTH_RUNS = [
    ...["north-1 cilium-operator", "north-1 clustermesh-apiserver", "north-1 clustermesh-apiserver"],
    // One is Kubernetes', one the mesh API's.
    ...["north-1 etcd", "north-1 etcd"],
    ...["north-1 kube-apiserver", "north-1 kube-controller-manager", "north-1 kube-scheduler"],
    ...["north-1 kubelet", "north-1 rke2"],
];
const OTHERS_LEARN = ["east", "west"].flatMap((name) => [
    `update ${name}-cilium-chart`,
    `update ${name}-cilium-ready`,
]);

let lab: LabMesh;
let program: string;
/** What ran when the last change was over. */
let ran: readonly Running[] = [];

beforeAll(async () => {
    await LabMesh.close(NAME);
    const description = labMesh({ east, west });
    lab = await LabMesh.open(NAME, description, console.log);
    program = await copyProgram(join(lab.lab.folder, "program"));
    await describeTo(program, "lab", description);
    await lab.operate("up", { program });
    await lab.awaitPairs(120);
    ran = running(lab.lab);
});

afterAll(() => LabMesh.close(NAME));

it("changes a value of Cilium in one cluster", async () => {
    await change(labMesh({ east: slowEast, west }), {
        steps: ["update east-cilium-chart", "update east-cilium-ready", "update east-mesh-api-ready"],
        // It reads its configuration when it starts.
        ended: ["east-1 cilium-operator", "east-2 cilium-operator"],
        began: ["east-1 cilium-operator", "east-2 cilium-operator"],
    });
    expect(await monitorInterval("east")).toBe("10s");
    expect(await monitorInterval("west")).toBe("5s");
});

it("gives one agent a label", async () => {
    await change(labMesh({ east: slowEast, west: labelledWest }), {
        steps: ["update west-west-2-install"],
        // The pods of the node go on.
        ended: ["west-2 kubelet", "west-2 rke2"],
        began: ["west-2 kubelet", "west-2 rke2"],
    });
    expect(await nodesWith("west", RACK)).toEqual(["west-2"]);
});

it("takes the label away again", async () => {
    await change(labMesh({ east: slowEast, west }), {
        steps: ["update west-west-2-install"],
        ended: ["west-2 kubelet", "west-2 rke2"],
        began: ["west-2 kubelet", "west-2 rke2"],
    });
    expect(await nodesWith("west", RACK)).toEqual([]);
});

it("adds an agent", async () => {
    await change(labMesh({ east: slowEast, west: largerWest }), {
        // The gates wait for one node more.
        steps: [
            ...["create west-west-3-preflight", "create west-west-3-install", "update west-members"],
            ...["update west-cilium-ready", "update west-mesh-api-ready"],
        ],
        ended: [],
        began: ["west-3 kubelet", "west-3 rke2"],
    });
    expect(await readyNodes("west")).toEqual(["west-1", "west-2", "west-3"]);
});

it("adds a cluster, which the others are told of", async () => {
    await change(labMesh({ east: slowEast, west: largerWest, north }), {
        steps: [...NORTH.map((name) => `create north-${name}`), ...OTHERS_LEARN],
        // The mesh APIs look into their configuration again and again.
        ended: [],
        began: NORTH_RUNS,
    });
    expect(await readyNodes("north")).toEqual(["north-1"]);
    expect(await pairs()).toEqual([
        ...["east -> north", "east -> west", "north -> east"],
        ...["north -> west", "west -> east", "west -> north"],
    ]);
});

it("lets the third cluster go", async () => {
    await change(labMesh({ east: slowEast, west: largerWest }), {
        steps: [...NORTH.map((name) => `delete north-${name}`), ...OTHERS_LEARN],
        ended: NORTH_RUNS,
        began: [],
    });
    expect(await pairs()).toEqual(["east -> west", "west -> east"]);
    expect(lab.lab.diskFiles("north-1")).toEqual([]);
});

interface Expected {
    /** What is done to resources, each as `update east-cilium-chart`. */
    readonly steps: readonly string[];
    /** The programs that end, each as `east-1 cilium-operator`. */
    readonly ended: readonly string[];
    readonly began: readonly string[];
}

/** Who is connected to whom. */
async function pairs(): Promise<string[]> {
    return (await lab.pairs()).map(({ from, to }) => `${from} -> ${to}`).sort();
}

/** Brings the mesh from what it is to another description, and holds what happens to what is expected. */
async function change(description: MeshDescription, { steps, ended, began }: Expected): Promise<void> {
    await lab.describe(description);
    await describeTo(program, "lab", description);
    const previewed = await stepsOf("preview");
    expect(previewed.map(({ words }) => words).sort()).toEqual([...steps].sort());
    expect(missing(ran, running(lab.lab)), "what a preview has ended").toEqual([]);
    const done = await stepsOf("up");
    expect(done.map(({ urn }) => urn).sort()).toEqual(previewed.map(({ urn }) => urn).sort());
    expect(done.map(({ words }) => words).sort()).toEqual([...steps].sort());
    await lab.awaitPairs(120);
    // A pod that was replaced may take a moment to end.
    await expect.poll(() => missing(ran, running(lab.lab)), { timeout: 30_000 }).toEqual(ended);
    expect(missing(running(lab.lab), ran)).toEqual(began);
    ran = running(lab.lab);
    expect(await stepsOf("up"), "what the next up changes").toEqual([]);
    expect(missing(ran, running(lab.lab)), "what the next up has ended").toEqual([]);
}

async function stepsOf(operation: "preview" | "up") {
    const { events } = await lab.operate(operation, { program });
    return changes(events).map(({ op, name, urn }) => ({ words: `${op} ${name}`, urn }));
}

function monitorInterval(cluster: string): Promise<string> {
    return lab.kubectl(
        cluster,
        ...["--namespace", "kube-system", "get", "configmap", "cilium-config"],
        ...["--output", "jsonpath={.data.monitor-aggregation-interval}"],
    );
}

async function nodesWith(cluster: string, labels: Readonly<Record<string, string>>): Promise<string[]> {
    const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    return lines(await lab.kubectl(cluster, ...["get", "nodes", "--selector", selector.join(","), ...NAMES]));
}

async function readyNodes(cluster: string): Promise<string[]> {
    const condition = '{.status.conditions[?(@.type=="Ready")].status}';
    const template = `jsonpath={range .items[*]}{.metadata.name}=${condition}{"\\n"}{end}`;
    const nodes = lines(await lab.kubectl(cluster, "get", "nodes", "--output", template));
    return nodes.filter((node) => node.endsWith("=True")).map((node) => node.slice(0, -"=True".length));
}

const NAMES = ["--output", 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'];

function lines(text: string): string[] {
    return text.split("\n").filter((line) => line !== "");
}

/** A cluster with labels on one of its agents. */
function withLabels(
    cluster: ClusterDescription,
    name: string,
    labels: Readonly<Record<string, string>>,
): ClusterDescription {
    const agent = cluster.agents?.[name];
    if (agent === undefined) throw new Error(`there is no agent ${name}`);
    return { ...cluster, agents: { ...cluster.agents, [name]: { ...agent, labels } } };
}
