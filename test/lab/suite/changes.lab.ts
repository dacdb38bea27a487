/*
 * What happens to a mesh that runs when its description changes: what a preview announces and an up does is just what must
 * change, it arrives, the mesh is whole again, and no process ends that could have gone on. And what happens when a cluster is
 * lost with all its hosts: nothing to the others, which can be changed as before, and it comes back by itself.
 */
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import type { ClusterDescription, MeshDescription } from "../../../model/describe.ts";
import { changes } from "../engine/event.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { copyProgram, describe as describeTo } from "../mesh/program.ts";
import { labCluster, labMesh } from "./descriptions.ts";
import { keysInStore } from "./mesh-store.ts";
import { missing, running, type Running } from "./running.ts";

const NAME = "changes";
const RACK = { "lab/rack": "seven" };

/** It forgets what a cluster that is lost has offered; the others keep it for ever. */
const east = {
    ...labCluster("east", { id: 1, agents: 1, provider: "metallb" }),
    cilium: { cacheTTL: "10s" },
};
const west = labCluster("west", { id: 2, agents: 1 });
const slowEast = { ...east, cilium: { ...east.cilium, values: { bpf: { monitorInterval: "10s" } } } };
const labelledWest = withLabels(west, "west-2", RACK);
const largerWest = labCluster("west", { id: 2, agents: 2 });
const north = labCluster("north", { id: 3, agents: 1 });
const NORTH_HOSTS = ["north-1", "north-2"];

/** What changes with a value of Cilium in east, and what reads it, when it starts. */
const EAST_CHANGES = ["update east-cilium-chart", "update east-cilium-ready", "update east-mesh-api-ready"];
const EAST_OPERATORS = ["east-1 cilium-operator", "east-2 cilium-operator"];

/** What a cluster of one server and one agent is made of. */
const NORTH = [
    ...["certificates-admin", "certificates-admin-cert", "certificates-admin-request"],
    ...["certificates-local", "certificates-local-cert", "certificates-local-key"],
    ...["certificates-local-request", "certificates-mesh-api-key"],
    ...["certificates-remote", "certificates-remote-cert", "certificates-remote-key"],
    ...["certificates-remote-request", "certificates-server", "certificates-server-cert"],
    ...["certificates-server-request", "cilium-chart", "cilium-ready", "kubeconfig"],
    ...["l2-policy", "lb-ipam-mesh", "members", "mesh-api-ready", "north-1-install"],
    ...["north-1-preflight", "north-2-install", "north-2-preflight", "provider"],
];
const NORTH_RUNS = [
    ...["north-1 cilium-operator", "north-1 clustermesh-apiserver", "north-1 clustermesh-apiserver"],
    // One is Kubernetes', one the mesh API's.
    ...["north-1 etcd", "north-1 etcd"],
    ...["north-1 kube-apiserver", "north-1 kube-controller-manager", "north-1 kube-scheduler"],
    ...["north-1 kubelet", "north-1 rke2"],
    ...["north-2 cilium-operator", "north-2 kubelet", "north-2 rke2"],
];
const ALL_PAIRS = [
    ...["east -> north", "east -> west", "north -> east"],
    ...["north -> west", "west -> east", "west -> north"],
];
const OTHERS_LEARN = ["east", "west"].flatMap((name) => [
    `update ${name}-cilium-chart`,
    `update ${name}-cilium-ready`,
]);

/** What is on its way. */
const SOON = { timeout: 60_000, interval: 1000 };
/** That a peer is gone without a word shows when its heartbeat is missed twice, after two minutes. */
const LATER = { timeout: 300_000, interval: 2000 };

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
        steps: EAST_CHANGES,
        ended: EAST_OPERATORS,
        began: EAST_OPERATORS,
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

it("adds a cluster, which the others are told of", async () => {
    await change(labMesh({ east: slowEast, west, north }), {
        steps: [...NORTH.map((name) => `create north-${name}`), ...OTHERS_LEARN],
        // The mesh APIs look into their configuration again and again.
        ended: [],
        began: NORTH_RUNS,
    });
    expect(await readyNodes("north")).toEqual(NORTH_HOSTS);
    expect(await connected()).toEqual(ALL_PAIRS);
});

it("loses all hosts of that cluster at once, and nothing else", async () => {
    await offer("north", "lost");
    for (const cluster of ["east", "west"])
        await expect.poll(() => offers("north", cluster), SOON).toEqual(["lost"]);
    await Promise.all(NORTH_HOSTS.map((host) => lab.lab.powerOff(host)));
    expect(await stepsOf("up"), "what an up changes").toEqual([]);
    expect(await readyNodes("east")).toEqual(["east-1", "east-2"]);
    expect(await readyNodes("west")).toEqual(["west-1", "west-2"]);
    // What kvstoremesh says of its peers may be minutes old; what is new reaches them now.
    await offer("east", "new");
    await offer("west", "new");
    await expect.poll(() => offers("east", "west"), SOON).toEqual(["new"]);
    await expect.poll(() => offers("west", "east"), SOON).toEqual(["new"]);
    expect(missing(ran, running(lab.lab))).toEqual(NORTH_RUNS);
    expect(missing(running(lab.lab), ran)).toEqual([]);
    ran = running(lab.lab);
});

it("changes the others while it is lost", async () => {
    await describeTo(program, "lab", labMesh({ east, west, north }));
    for (const operation of ["preview", "up"] as const) {
        expect((await stepsOf(operation)).map(({ words }) => words).sort()).toEqual(EAST_CHANGES);
    }
    await expect.poll(() => missing(ran, running(lab.lab)), { timeout: 30_000 }).toEqual(EAST_OPERATORS);
    expect(missing(running(lab.lab), ran)).toEqual(EAST_OPERATORS);
    expect(await monitorInterval("east")).toBe("5s");
    ran = running(lab.lab);
});

it("adds an agent to another cluster once it is said to be lost", async () => {
    const description = labMesh({ east, west: largerWest, north: { ...north, lost: true } });
    await lab.describe(description);
    await describeTo(program, "lab", description);
    for (const operation of ["preview", "up"] as const) {
        expect((await stepsOf(operation)).map(({ words }) => words).sort()).toEqual([
            ...["create west-west-3-install", "create west-west-3-preflight"],
            ...NORTH_HOSTS.map((host) => `delete north-${host}-preflight`),
            // The gates wait for one node more.
            ...["update west-cilium-ready", "update west-members", "update west-mesh-api-ready"],
        ]);
    }
    expect(await readyNodes("west")).toEqual(["west-1", "west-2", "west-3"]);
    expect(missing(ran, running(lab.lab))).toEqual([]);
    expect(missing(running(lab.lab), ran)).toEqual(["west-3 kubelet", "west-3 rke2"]);
    ran = running(lab.lab);
    expect(await stepsOf("up"), "what the next up changes").toEqual([]);
});

it("forgets what the lost cluster has offered where that is described, and nowhere else", async () => {
    await expect.poll(() => offers("north", "east"), LATER).toEqual([]);
    await expect.poll(connected, LATER).toEqual(["east -> west", "west -> east"]);
    expect(await offers("north", "west")).toEqual(["lost"]);
    expect(missing(ran, running(lab.lab))).toEqual([]);
});

it("is whole again when those hosts are back, without an up", async () => {
    await Promise.all(NORTH_HOSTS.map((host) => lab.lab.powerOn(host)));
    await lab.awaitPairs(300);
    expect(await connected()).toEqual(ALL_PAIRS);
    for (const cluster of ["east", "west"])
        await expect.poll(() => offers("north", cluster), SOON).toEqual(["lost"]);
    await expect.poll(() => offers("west", "north"), SOON).toEqual(["new"]);
    await expect.poll(() => missing(running(lab.lab), ran), SOON).toEqual(NORTH_RUNS);
    expect(missing(ran, running(lab.lab)), "what has ended in the others").toEqual([]);
    ran = running(lab.lab);
    await describeTo(program, "lab", labMesh({ east, west: largerWest, north }));
    expect((await stepsOf("up")).map(({ words }) => words).sort()).toEqual(
        NORTH_HOSTS.map((host) => `create north-${host}-preflight`),
    );
    expect(await stepsOf("up"), "what the next up changes").toEqual([]);
    expect(missing(ran, running(lab.lab)), "what has ended by it").toEqual([]);
});

it("lets the third cluster go", async () => {
    await change(labMesh({ east, west: largerWest }), {
        steps: [...NORTH.map((name) => `delete north-${name}`), ...OTHERS_LEARN],
        ended: NORTH_RUNS,
        began: [],
    });
    expect(await connected()).toEqual(["east -> west", "west -> east"]);
    for (const host of NORTH_HOSTS) expect(lab.lab.diskFiles(host)).toEqual([]);
});

interface Expected {
    /** What is done to resources, each as `update east-cilium-chart`. */
    readonly steps: readonly string[];
    /** The programs that end, each as `east-1 cilium-operator`. */
    readonly ended: readonly string[];
    readonly began: readonly string[];
}

/** Who is connected to whom. */
async function connected(): Promise<string[]> {
    const pairs = (await lab.pairs()).filter(({ ready }) => ready);
    return pairs.map(({ from, to }) => `${from} -> ${to}`).sort();
}

/** Offers a Service of a cluster to all others. */
async function offer(cluster: string, name: string): Promise<void> {
    await lab.kubectl(cluster, "create", "service", "clusterip", name, "--tcp=80:8080");
    await lab.kubectl(cluster, "annotate", "service", name, "service.cilium.io/global=true");
}

/** The names of the Services which a cluster offers, as another one knows them. */
async function offers(of: string, to: string): Promise<string[]> {
    const prefix = `cilium/cache/services/v1/${of}/default/`;
    return (await keysInStore(lab, to, prefix)).map((key) => key.slice(prefix.length));
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
