/*
 * The life of one cluster of three servers and three agents, from bare hosts to bare hosts: options, two minor versions, nodes
 * that come, go and are lost, rotations, and a snapshot that is restored. After each step another `up` changes nothing, and the
 * engine's state, the hosts, etcd and the API agree with the description. The steps build on each other.
 */
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import type { Run } from "../engine/engine.ts";
import { changes } from "../engine/event.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { copyProgram, describe as describeTo } from "../mesh/program.ts";
import { failures } from "./faults/failures.ts";
import { described, inCluster, inEtcd, inState, onHosts } from "./life/agreement.ts";
import { lifeMesh, type Shape } from "./life/description.ts";
import { podHosts, twoPodsOn } from "./life/pods.ts";
import { restore } from "./life/restore.ts";
import { disorder, lastStarts } from "./life/starts.ts";
import { missing, running, type Running } from "./running.ts";

const NAME = "life";

// The first one brings the etcd that must have run before the second.
const [V33, V34, V35] = ["v1.33.8+rke2r1", "v1.34.4+rke2r1", "v1.35.4+rke2r1"] as const;
const SERVERS = ["east-1", "east-2", "east-3"];
const AGENTS = ["east-4", "east-5", "east-6"];

/** What the API server keeps of events, and how many snapshots there are: keys of servers. */
const OPTIONS = { "kube-apiserver-arg": ["event-ttl=2h"], "etcd-snapshot-retention": 7 };
const SAME_OPTIONS = { "etcd-snapshot-retention": 7, "kube-apiserver-arg": ["event-ttl=2h"] };

const created: Shape = { version: V33, servers: SERVERS, agents: AGENTS };
const configured: Shape = { ...created, rke2: { config: OPTIONS } };
const upgraded34: Shape = { ...configured, version: V34 };
const upgraded: Shape = { ...configured, version: V35 };
const larger: Shape = { ...upgraded, agents: [...AGENTS, "east-7"] };
// The one that goes is the one that the cluster was begun with.
const replaced: Shape = { ...larger, servers: ["east-2", "east-3", "east-8"] };
const smaller: Shape = { ...replaced, agents: ["east-4", "east-5", "east-7"] };
const losing: Shape = { ...smaller, lost: ["east-5"] };
const lost: Shape = { ...smaller, agents: ["east-4", "east-7"] };
const otherToken: Shape = { ...lost, rke2: { config: OPTIONS, tokenGeneration: 2 } };
const otherCertificates: Shape = {
    ...lost,
    rke2: { config: OPTIONS, tokenGeneration: 2, certificateGeneration: 2 },
};

let lab: LabMesh;
let program: string;

beforeAll(async () => {
    await LabMesh.close(NAME);
    lab = await LabMesh.open(NAME, lifeMesh(created), console.log);
    program = await copyProgram(join(lab.lab.folder, "program"));
});

afterAll(() => LabMesh.close(NAME));

it("is created, servers one by one, then agents", async () => {
    const { run } = await become(created);
    expect(new Set(changes(run.events).map(({ op }) => op))).toEqual(new Set(["create"]));
    await inOrder(SERVERS, AGENTS);
});

it("restarts the servers, one by one, for a key of theirs, and no agent", async () => {
    const { restarted, steps } = await become(configured);
    expect(restarted).toEqual(SERVERS);
    expect(steps).toEqual(SERVERS.map((name) => `update east-${name}-install`));
    await inOrder(SERVERS, []);
    for (const name of SERVERS) expect(apiServerArguments(name)).toContain("--event-ttl=2h");
});

it("does not change for the same options in another order", async () => {
    const { steps, ended } = await become({ ...configured, rke2: { config: SAME_OPTIONS } });
    expect({ steps, ended }).toEqual({ steps: [], ended: [] });
});

it("is not planned to become what it cannot", async () => {
    const before = running(lab.lab);
    const files = await configurations();
    const other = { podCidr: "10.109.0.0/16" };
    expect(await refusal({ ...configured, cluster: other })).toContain(
        `clusters.east: 1 problem
✖ podCidr = ["10.109.0.0/16"]
    is ["10.101.0.0/16"] in the cluster that runs, and RKE2 cannot change it
    fix: write the old one again, or describe a new cluster beside this one and move to it`,
    );
    expect(await refusal({ ...configured, version: "v1.33.7+rke2r1" })).toContain(
        `clusters.east: 1 problem
✖ rke2.version = "v1.33.7+rke2r1"
    is older than v1.33.8+rke2r1, which the cluster runs: etcd and Kubernetes do not go back
    fix: write "v1.33.8+rke2r1"; to go back all the same, restore a snapshot of that version`,
    );
    expect(await refusal({ ...configured, version: V35 })).toContain(
        `clusters.east: 1 problem
✖ rke2.version = "v1.35.4+rke2r1"
    is 2 minor versions after v1.33.8+rke2r1, which the cluster runs: Kubernetes is upgraded by one at a time
    fix: upgrade to the newest release of v1.34 first`,
    );
    expect(missing(before, running(lab.lab))).toEqual([]);
    expect(await configurations()).toEqual(files);
});

it.each([upgraded34, upgraded])("is upgraded to $version, agents last", async (shape) => {
    const { restarted } = await become(shape);
    expect(restarted).toEqual([...SERVERS, ...AGENTS]);
    const starts = await inOrder(SERVERS, AGENTS);
    expect(new Set(starts.map(({ version }) => version))).toEqual(new Set([shape.version]));
    expect(await snapshots("east-1")).toContainEqual(
        expect.stringMatching(`^before-${shape.version.replace("+", "-")}-east-1-[0-9]+$`),
    );
});

it("gets another agent, which the others do not notice", async () => {
    const { steps, ended } = await become(larger);
    expect(steps).toEqual([
        ...["create east-east-7-install", "create east-east-7-preflight"],
        ...["update east-cilium-ready", "update east-members", "update east-mesh-api-ready"],
    ]);
    expect(ended).toEqual([]);
});

it("gets another server for the one that it was begun with", async () => {
    const { steps, ended } = await become(replaced);
    expect(steps).toContain("create east-east-8-install");
    expect(steps).toContain("delete east-east-1-install");
    // An operator that cannot renew its Lease while the API's address moves ends, and starts again.
    const expected = (one: string) => one.startsWith("east-1 ") || one.endsWith(" cilium-operator");
    expect(ended.filter((one) => !expected(one))).toEqual([]);
    isClean("east-1");
});

it("lets an agent go, whose pods move within their budget", async () => {
    const others = [...replaced.servers, ...smaller.agents];
    await twoPodsOn(lab, "east-6", others);
    const { steps } = await become(smaller);
    expect(steps).toContain("delete east-east-6-install");
    const hosts = await podHosts(lab);
    expect(hosts).toHaveLength(2);
    expect(others).toEqual(expect.arrayContaining(hosts));
    isClean("east-6");
});

it("goes on without an agent whose host is lost", async () => {
    await lab.lab.powerOff("east-5");
    await become(losing);
    const { steps, ended } = await become(lost);
    expect(steps).toContain("delete east-east-5-install");
    expect(ended).toEqual([]);
});

it("gets another token, on every node", async () => {
    const before = await onAll(TOKEN);
    const { restarted } = await become(otherToken);
    expect(restarted).toEqual(nodes(otherToken).toSorted());
    const after = await onAll(TOKEN);
    expect(new Set(after).size).toBe(1);
    expect(after).not.toContain(before[0]);
});

it("gets other certificates, on every node", async () => {
    const before = await onAll(CERTIFICATE);
    const { restarted } = await become(otherCertificates);
    expect(restarted).toEqual(nodes(otherCertificates).toSorted());
    const after = await onAll(CERTIFICATE);
    expect(after.filter((one) => before.includes(one))).toEqual([]);
    await inOrder(otherCertificates.servers, otherCertificates.agents);
});

it("comes back from a snapshot", async () => {
    const [first = "", ...others] = lost.servers;
    await lab.kubectl("east", "create", "configmap", "before");
    await onHost(first, "rke2 etcd-snapshot save --name test");
    const [snapshot = ""] = (await snapshots(first)).filter((name) => name.startsWith("test-"));
    await lab.kubectl("east", "create", "configmap", "after");
    await restore(lab, { first, others, snapshot });
    await expect
        .poll(() => lab.kubectl("east", "get", "configmaps", "--output=name"), { timeout: 60_000 })
        .toContain("configmap/before\n");
    expect(await lab.kubectl("east", "get", "configmaps", "--output=name")).not.toContain("after");
    await lab.kubectl("east", "delete", "configmap", "before");
    await expect.poll(() => inCluster(lab), { timeout: 120_000 }).toEqual(described(lab));
    const { steps, ended } = await become(otherCertificates);
    expect({ steps, ended }).toEqual({ steps: [], ended: [] });
});

it("is destroyed, and leaves its hosts as they were", async () => {
    await lab.operate("unprotect", { program });
    const { events } = await lab.operate("destroy", { program });
    expect(new Set(changes(events).map(({ op }) => op))).toEqual(new Set(["delete"]));
    expect(running(lab.lab)).toEqual([]);
    for (const name of nodes(otherCertificates)) isClean(name);
});

interface Became {
    readonly run: Run;
    /** What was done to resources, each as `update east-cilium-chart`. */
    readonly steps: readonly string[];
    /** The programs that ended, each as `east-1 etcd`. */
    readonly ended: readonly string[];
    /** The hosts on which RKE2 was started again. */
    readonly restarted: readonly string[];
}

/** Brings the cluster from what it is to another description; then everything agrees, and the next run does nothing. */
async function become(shape: Shape): Promise<Became> {
    const before = running(lab.lab);
    await describe(shape);
    const run = await lab.operate("up", { program });
    const after = running(lab.lab);
    await agrees(shape, after);
    return {
        run,
        steps: changes(run.events)
            .map(({ op, name }) => `${op} ${name}`)
            .sort(),
        ended: missing(before, after),
        restarted: restarts(before, after),
    };
}

async function describe(shape: Shape): Promise<void> {
    const description = lifeMesh(shape);
    await lab.describe(description);
    await describeTo(program, "lab", description);
}

/** The hosts where RKE2 is another process than before. */
function restarts(before: readonly Running[], after: readonly Running[]): string[] {
    const gone = new Set(missing(before, after));
    return missing(after, before)
        .filter((one) => one.endsWith(" rke2") && gone.has(one))
        .map((one) => one.slice(0, -" rke2".length))
        .sort();
}

async function agrees(shape: Shape, ran: readonly Running[]): Promise<void> {
    const wanted = described(lab);
    expect(await inCluster(lab), "the API's nodes").toEqual(wanted);
    expect(await onHosts(lab), "what hosts run").toEqual(wanted);
    expect(await inEtcd(lab), "the members of etcd").toEqual([...shape.servers].sort());
    const again = await lab.operate("up", { program });
    expect(
        changes(again.events).map(({ op, name }) => `${op} ${name}`),
        "what the next up changes",
    ).toEqual([]);
    expect(missing(ran, running(lab.lab)), "what the next up has ended").toEqual([]);
    expect(inState(again), "the nodes of the engine's state").toEqual(nodes(shape).toSorted());
}

/** What a preview says of a description that it refuses. */
async function refusal(shape: Shape): Promise<string> {
    await describe(shape);
    const run = await lab.attempt("preview", { program });
    expect(run.status, run.output).toBe(1);
    return Object.values(failures(run)).join("\n");
}

function nodes({ servers, agents }: Shape): string[] {
    return [...servers, ...agents];
}

async function inOrder(servers: readonly string[], agents: readonly string[]) {
    const [first, then] = await Promise.all([lastStarts(lab, servers), lastStarts(lab, agents)]);
    expect(disorder(first, then)).toEqual([]);
    return [...first, ...then];
}

async function onHost(host: string, line: string): Promise<string> {
    const { status, stdout, stderr } = await lab.onHost(host, ["bash", "-euo", "pipefail", "-c", line]);
    if (status !== 0) throw new Error(`${line} on ${host} ended with ${status}: ${stderr}`);
    return stdout.trim();
}

const TOKEN = "cat /etc/rancher/rke2/token";
const CERTIFICATE = "sha256sum </var/lib/rancher/rke2/agent/client-kubelet.crt";

/** What a command says on every node of the description, servers first. */
function onAll(line: string): Promise<string[]> {
    const { servers, agents } = lab.cluster("east");
    return Promise.all([...servers, ...agents].map(({ name }) => onHost(name, line)));
}

/** What RKE2 was last started with, on every node. */
function configurations(): Promise<string[]> {
    return onAll(
        "find /etc/rancher /etc/multicluster -type f -printf '%p %T@\\n' 2>/dev/null | sort; rke2 --version",
    );
}

function apiServerArguments(host: string): readonly string[] {
    const process = lab.lab
        .processes()
        .find((one) => one.host === host && one.argv[0]?.endsWith("/kube-apiserver") === true);
    return process?.argv ?? [];
}

async function snapshots(host: string): Promise<string[]> {
    return (await onHost(host, "ls /var/lib/rancher/rke2/server/db/snapshots")).split("\n");
}

function isClean(host: string): void {
    const lasting = running(lab.lab).filter((one) => one.host === host);
    expect({ host, lasting, files: lab.lab.diskFiles(host) }).toEqual({ host, lasting: [], files: [] });
}
