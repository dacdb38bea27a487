/*
 * What goes wrong outside of the program: a host that nobody reaches, an SSH server that refuses, an install script that fails,
 * an API server that is down, an address that somebody else has. Each time the error names where and why, what is under way in
 * the other cluster is finished, nothing else is touched, and once the fault is repaired the next `up` finishes: nothing is
 * done twice. What hosts lack is found out before any of them is changed. The steps build on each other.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { ClusterDescription } from "../../../model/describe.ts";
import { changes } from "../engine/event.ts";
import type { Run } from "../engine/engine.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { copyProgram, describe as describeTo } from "../mesh/program.ts";
import { nothingChanges } from "./checks/nothing-changes.ts";
import { noSecretLeaks } from "./checks/no-secret-leaks.ts";
import { labCluster, labMesh } from "./descriptions.ts";
import { failures } from "./faults/failures.ts";

const NAME = "faults";
const PAIRS_SECONDS = 180;
const RKE2 = "/usr/local/bin/rke2";
const HOSTS = ["east-1", "west-1"];
const FIRST_STEPS = ["east-east-1-install", "west-west-1-install"];

const east = labCluster("east", { id: 1, provider: "metallb" });
const west = labCluster("west", { id: 2 });

let lab: LabMesh;
let program: string;
/** RKE2's install script on the lab's web site, and what it says when it is right. */
let installScript: string;
let rightScript: string;
const runs: Run[] = [];

beforeAll(async () => {
    await LabMesh.close(NAME);
    lab = await LabMesh.open(NAME, labMesh({ east, west }), console.log);
    program = await copyProgram(join(lab.lab.folder, "program"));
    await describe({ east, west });
    installScript = join(lab.lab.folder, "www/get.rke2.io/index");
    rightScript = await readFile(installScript, "utf8");
});

afterAll(() => LabMesh.close(NAME));

test("a host that is not reached is named before any host is changed", async () => {
    await lab.lab.unplug("west-1");
    const failed = await failingUp();
    expect(Object.keys(failures(failed))).toEqual(["west-west-1-preflight"]);
    expect(failures(failed)["west-west-1-preflight"]).toMatch(
        /after 11 failed attempts to connect to root@10\.88\.2\.11:22: .*(No route to host|timed out)/,
    );
    expect(done(failed)).toContain("create east-east-1-preflight");
    expect(lab.lab.diskFiles("east-1")).toEqual([]);
    expect(lab.lab.diskFiles("west-1")).toEqual([]);
    await lab.lab.plug("west-1");
    await nothingRuns(failed);
});

test("no install script at its address", async () => {
    await rm(installScript);
    const failed = await failingUp();
    expect(Object.keys(failures(failed))).toEqual(["west-west-1-preflight"]);
    expect(failures(failed)["west-west-1-preflight"]).toContain(
        `west-1: this host cannot be a node as it is (refused: 1), and nothing was changed on it. A finding named in rke2.host.ignore no longer stops anything.
✖ west-1: install-url
    found: https://get.rke2.io: curl: (22) The requested URL returned error: 404
    needed: RKE2's install script
    fix: open the way there, set rke2.proxy or rke2.installUrl, or install with rke2.install.method air-gap`,
    );
    await nothingRuns(failed);
});

test("an install script that fails", async () => {
    await writeFile(installScript, "#!/bin/sh\necho 'no space left on device' >&2\nexit 1\n");
    const failed = await failingUp();
    expect(done(failed)).toContain("create west-west-1-preflight");
    expect(Object.keys(failures(failed)).sort()).toEqual(FIRST_STEPS);
    for (const host of HOSTS) {
        expect(failures(failed)[`${host.slice(0, 4)}-${host}-install`]).toContain(
            `no space left on device\n${host}: the install script of RKE2 failed`,
        );
    }
    await nothingRuns(failed);
});

test("an install script that was cut off on its way", async () => {
    // The last line of the right one starts it: without it the script ends well, and has done nothing.
    await writeFile(installScript, rightScript.slice(0, rightScript.lastIndexOf("main")));
    const failed = await failingUp();
    expect(Object.keys(failures(failed)).sort()).toEqual(FIRST_STEPS);
    for (const host of HOSTS) {
        expect(failures(failed)[`${host.slice(0, 4)}-${host}-install`]).toContain(
            `${host}: the install script has left RKE2 nowhere, not v1.35.4+rke2r1`,
        );
    }
    await nothingRuns(failed);
});

test("with the right install script the next up makes what is missing, and nothing twice", async () => {
    await writeFile(installScript, rightScript);
    const finished = await finishingUp();
    expect(done(finished)).toContain("create west-mesh-api-ready");
    const all = runs.flatMap(done);
    expect(all).toContain("create east-mesh-api-ready");
    expect(all.filter((step, index) => !step.startsWith("create ") || all.indexOf(step) !== index)).toEqual(
        [],
    );
});

test("an SSH server that refuses: west is as it was, and east is changed", async () => {
    await describe({ east: withConfig(east), west: withConfig(west) });
    const started = await startOf("west-1");
    await lab.lab.stopSsh("west-1");
    const failed = await failingUp();
    expect(Object.keys(failures(failed))).toEqual(["west-west-1-install"]);
    expect(failures(failed)["west-west-1-install"]).toMatch(
        /after 11 failed attempts to connect to root@10\.88\.2\.11:22: .*Connection refused/,
    );
    expect(done(failed)).toEqual(["update east-east-1-install"]);
    expect(await startOf("west-1")).toBe(started);
    await lab.lab.startSsh("west-1");
    const finished = await finishingUp();
    expect(done(finished)).toEqual(["update west-west-1-install"]);
    expect(await startOf("west-1")).not.toBe(started);
});

test("an API server that is down: west's is named, and nothing of west is touched", async () => {
    await describe({ east: withValue(withConfig(east)), west: withValue(withConfig(west)) });
    await onHost("west-1", "rke2-killall.sh >/dev/null 2>&1");
    const failed = await failingUp();
    expect(Object.keys(failures(failed))).toEqual(["west-cilium-chart"]);
    expect(failures(failed)["west-cilium-chart"]).toMatch(/10\.88\.2\.11:6443.*connect: connection refused/s);
    expect(done(failed).filter((step) => step !== "update east-cilium-chart")).toEqual([]);
    await onHost("west-1", "systemctl start rke2-server");
    const finished = await finishingUp();
    expect([failed, finished].flatMap(done).sort()).toEqual([
        "update east-cilium-chart",
        "update east-cilium-ready",
        "update east-mesh-api-ready",
        "update west-cilium-chart",
        "update west-cilium-ready",
        "update west-mesh-api-ready",
    ]);
});

test("an address that another Service has: both load balancers' own reasons are told", async () => {
    await takeAddress("east", "metallb.io/loadBalancerIPs", "10.88.1.205");
    await takeAddress("west", "lbipam.cilium.io/ips", "10.88.2.205");
    await describe({
        east: at("10.88.1.205", withValue(withConfig(east))),
        west: at("10.88.2.205", withValue(withConfig(west))),
    });
    const failed = await failingUp();
    expect(Object.keys(failures(failed)).sort()).toEqual(["east-mesh-api-ready", "west-mesh-api-ready"]);
    expect(failures(failed)["east-mesh-api-ready"]).toContain(
        "waiting is of no use; still missing:\n" +
            "Service kube-system/clustermesh-apiserver has not got the address 10.88.1.205, but none; AllocationFailed: " +
            'Failed to allocate IP for "kube-system/clustermesh-apiserver": ' +
            `can't change sharing key for "kube-system/clustermesh-apiserver", address also in use by default/taker`,
    );
    expect(failures(failed)["west-mesh-api-ready"]).toContain(
        "waiting is of no use; still missing:\n" +
            "Service kube-system/clustermesh-apiserver has not got the address 10.88.2.205, but none; already_allocated: " +
            "The IP '10.88.2.205' is already allocated to another service",
    );
    for (const cluster of ["east", "west"]) await lab.kubectl(cluster, "delete", "service", "taker");
    const finished = await finishingUp();
    expect(done(finished).sort()).toEqual([
        // A run that fails deletes nothing: what it has replaced goes with the next one.
        ...["east", "west"].flatMap((cluster) => [
            `delete-replaced ${cluster}-certificates-server-cert`,
            `delete-replaced ${cluster}-certificates-server-request`,
        ]),
        "update east-mesh-api-ready",
        "update west-mesh-api-ready",
    ]);
});

test("no run has shown a secret", async () => {
    await noSecretLeaks(lab, { runs });
});

/** Lets the program deploy another mesh. */
async function describe(clusters: Record<string, ClusterDescription>): Promise<void> {
    await lab.describe(labMesh(clusters));
    await describeTo(program, "lab", labMesh(clusters));
}

/** A run that must fail. */
async function failingUp(): Promise<Run> {
    const run = await lab.attempt("up", { program });
    runs.push(run);
    console.log(failures(run), done(run));
    expect(run.status, run.output).toBe(1);
    return run;
}

/** A run after a repair: it finishes, the mesh is connected, and nothing is left to do. */
async function finishingUp(): Promise<Run> {
    const run = await lab.operate("up", { program });
    runs.push(run);
    await lab.awaitPairs(PAIRS_SECONDS);
    await nothingChanges(lab, { program });
    return run;
}

/** What a run has done, as `update east-cilium-chart`. */
function done({ events }: Run): string[] {
    return changes(events).map(({ op, name }) => `${op} ${name}`);
}

async function onHost(host: string, line: string): Promise<string> {
    const { status, stdout, stderr } = await lab.onHost(host, ["bash", "-euo", "pipefail", "-c", line]);
    if (status !== 0) throw new Error(`${line} on ${host} ended with ${status}: ${stderr}`);
    return stdout.trim();
}

/** A first deployment that fails on its way makes what needs no host, and leaves nothing there that runs. */
async function nothingRuns(run: Run): Promise<void> {
    expect(done(run).filter((step) => !/^create (default|ca|tokens)[-_]|-preflight$/.test(step))).toEqual([]);
    for (const host of HOSTS) {
        expect(await onHost(host, "systemctl is-active rke2-server || true")).toBe("inactive");
        expect(lab.lab.diskFiles(host).filter((path) => path === RKE2)).toEqual([]);
    }
}

/** Which start of RKE2's service it is that runs. */
function startOf(host: string): Promise<string> {
    return onHost(host, "systemctl show --property=InvocationID --value rke2-server");
}

/** A change that only the host itself learns of. */
function withConfig(cluster: ClusterDescription): ClusterDescription {
    return { ...cluster, rke2: { config: { debug: true } } };
}

/** A change that only Cilium learns of. */
function withValue(cluster: ClusterDescription): ClusterDescription {
    return { ...cluster, cilium: { values: { bpf: { monitorInterval: "10s" } } } };
}

function at(address: string, cluster: ClusterDescription): ClusterDescription {
    return { ...cluster, meshApi: { type: "LoadBalancer", address } };
}

/** Somebody else's Service has the address, before the mesh API asks for it. */
async function takeAddress(cluster: string, annotation: string, address: string): Promise<void> {
    await lab.kubectl(cluster, "create", "service", "loadbalancer", "taker", "--tcp=2379");
    await lab.kubectl(cluster, "annotate", "service", "taker", `${annotation}=${address}`);
    await expect
        .poll(
            () =>
                lab.kubectl(
                    cluster,
                    ...["get", "service", "taker", "--output=jsonpath={.status.loadBalancer.ingress[*].ip}"],
                ),
            { timeout: 60_000, interval: 500 },
        )
        .toBe(address);
}
