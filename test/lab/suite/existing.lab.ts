/*
 * A member that is a Kubernetes which was there already: somebody has made it by hand, without a network plugin.
 * The program never logs in to its hosts. A wrong one is refused before anything is put into it; it becomes a member like any
 * other; and when it is taken out of the description it loses what it got, and goes on.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { fromConfig, type ClusterDescription, type MeshDescription } from "../../../model/describe.ts";
import type { Run } from "../engine/engine.ts";
import { changes } from "../engine/event.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { copyProgram, describe as describeTo } from "../mesh/program.ts";
import { ArgumentSampler } from "./checks/argument-sampler.ts";
import { everyPairConnected } from "./checks/every-pair-connected.ts";
import { noSecretLeaks } from "./checks/no-secret-leaks.ts";
import { nothingChanges } from "./checks/nothing-changes.ts";
import { secretsOfState } from "./checks/secrets-of-state.ts";
import { labCluster, labMesh } from "./descriptions.ts";
import {
    kubeconfigOf,
    lastingObjects,
    makeByHand,
    settledObjects,
    turnOffKubeProxy,
    type HandMade,
} from "./existing/by-hand.ts";
import { failures } from "./faults/failures.ts";
import { missing, running, type Running } from "./running.ts";

const NAME = "existing";
const HOSTS = ["north-1", "north-2"];

const east = labCluster("east", { id: 1 });
const handMade: HandMade = {
    podCidr: "10.103.0.0/16",
    serviceCidr: "10.113.0.0/16",
    server: { name: "north-1", address: "10.88.3.11" },
    agent: { name: "north-2", address: "10.88.3.12" },
};

let lab: LabMesh;
let program: string;
let arguments_: ArgumentSampler;
let kubeconfig: string;
/** What the cluster held before this program knew of it, and what ran on its hosts. */
let before: readonly string[];
let ran: readonly Running[];
/** What was made of it. */
let made: readonly string[];
const runs: Run[] = [];

/** The cluster as it is described: no node, and no word of RKE2. */
function north(version: string): ClusterDescription {
    const { servers: _, agents: __, ...network } = labCluster("north", { id: 3 });
    return {
        ...network,
        kubernetes: { kubeconfig: fromConfig("northKubeconfig"), version },
        apiAddress: handMade.server.address,
    };
}

beforeAll(async () => {
    await LabMesh.close(NAME);
    lab = await LabMesh.open(NAME, labMesh({ east }), console.log);
    lab.knowServer("north", handMade.server.name);
    arguments_ = new ArgumentSampler(lab.lab);
    await makeByHand(lab, handMade);
    kubeconfig = await kubeconfigOf(lab, handMade);
    const file = join(lab.lab.folder, "north-kubeconfig");
    await writeFile(file, kubeconfig, { mode: 0o600 });
    await lab.operate("configure", { secrets: { northKubeconfig: file } });
    await rm(file);
    program = await copyProgram(join(lab.lab.folder, "program"));
    // From now on nobody logs in there.
    for (const host of HOSTS) await lab.lab.stopSsh(host);
    arguments_.start();
});

afterAll(async () => {
    await arguments_.stop();
    await LabMesh.close(NAME);
});

test("one that is not as described is refused, and nothing is put into it", async () => {
    before = await settledObjects(lab, "north");
    await expect
        .poll(kubeProxies, { timeout: 60_000, interval: 500 })
        .toBe("pod/kube-proxy-north-1\npod/kube-proxy-north-2\n");
    await describe(labMesh({ east, north: { ...north("1.34"), cilium: { operatorReplicas: 3 } } }));
    const failed = await lab.attempt("up", { program });
    runs.push(failed);
    expect(failed.status, failed.output).toBe(1);
    expect(Object.keys(failures(failed))).toEqual(["north-checked"]);
    expect(failures(failed)["north-checked"]).toContain(
        `exit status 1: running "timeout -k 10 180 bash -euo pipefail -s":
north: runs Kubernetes 1.35, and the description says 1.34
    fix: write it in kubernetes.version
north: kube-proxy runs on its nodes, whose place Cilium takes
    fix: turn it off where the nodes are made (RKE2: disable-kube-proxy: true in every server's config.yaml), and restart them, as they still have its rules
north: has 2 node(s) for 3 operators of Cilium, and two never share one
    fix: set cilium.operatorReplicas to 2, or let more nodes join
`,
    );
    expect(stepsOf(failed).filter((step) => step.includes(" north"))).toEqual([]);
    expect(await lastingObjects(lab, "north")).toEqual(before);
});

test("one that is as described becomes a member, as its preview said", async () => {
    await turnOffKubeProxy(lab, handMade);
    await expect.poll(kubeProxies, { timeout: 60_000, interval: 500 }).toBe("");
    ran = running(lab.lab).filter(({ host }) => HOSTS.includes(host));
    await describe(labMesh({ east, north: north("1.35") }));
    const preview = await operate("preview");
    const up = await operate("up");
    expect(stepsOf(up)).toEqual(stepsOf(preview));
    expect(stepsOf(up).filter((step) => step.includes(" north") && !step.includes("-certificates-")))
        .toMatchInlineSnapshot(`
      [
        "create north-checked",
        "create north-cilium-chart",
        "create north-cilium-ready",
        "create north-l2-policy",
        "create north-lb-ipam-mesh",
        "create north-mesh-api-ready",
        "create north-provider",
      ]
    `);
    await everyPairConnected(lab);
    expect(missing(ran, running(lab.lab)), "what has ended").toEqual([]);
    made = stepsOf(up).filter((step) => step.includes(" north"));
});

test("a second up, a preview and a refresh change nothing", async () => {
    await nothingChanges(lab, { program });
});

test("its kubeconfig is a secret in the state, and nowhere else", async () => {
    const key = /client-key-data: (\S+)/.exec(kubeconfig)?.[1] ?? "";
    const file = join(lab.lab.folder, "existing-state.json");
    try {
        await lab.operate("export", { to: file });
        const secrets = secretsOfState(await readFile(file, "utf8"));
        // It is in many places, and is named after the first of them.
        expect(secrets.filter(({ words }) => words.includes(key))).toHaveLength(1);
    } finally {
        await rm(file, { force: true });
    }
    await arguments_.stop();
    await noSecretLeaks(lab, { runs, seen: arguments_.seen });
});

test("nobody has logged in to its hosts", async () => {
    for (const host of HOSTS) {
        const { stdout } = await lab.onHost(host, ["cat", "/var/log/sshd.log"]);
        expect(stdout).toContain("Server listening on ");
        expect(stdout).not.toContain("Accepted");
        expect(lab.lab.diskFiles(host).filter((path) => path.includes("multicluster"))).toEqual([]);
    }
});

test("taken out of the description, it loses what it got, and goes on", async () => {
    await describe(labMesh({ east }));
    const gone = await operate("up");
    const steps = stepsOf(gone);
    expect(steps.filter((step) => step.includes(" north"))).toEqual(
        made.map((step) => step.replace("create", "delete")),
    );
    expect(steps.filter((step) => !step.includes(" north"))).toMatchInlineSnapshot(`
      [
        "update east-cilium-chart",
        "update east-cilium-ready",
      ]
    `);
    const after = await settledObjects(lab, "north");
    expect(before.filter((object) => !after.includes(object))).toEqual([]);
    expect(after.filter((object) => !before.includes(object))).toMatchInlineSnapshot(`
      [
        "APIService v2.cilium.io",
        "APIService v2alpha1.cilium.io",
        "CustomResourceDefinition ciliumcidrgroups.cilium.io",
        "CustomResourceDefinition ciliumclusterwidenetworkpolicies.cilium.io",
        "CustomResourceDefinition ciliumendpoints.cilium.io",
        "CustomResourceDefinition ciliumidentities.cilium.io",
        "CustomResourceDefinition ciliuml2announcementpolicies.cilium.io",
        "CustomResourceDefinition ciliumloadbalancerippools.cilium.io",
        "CustomResourceDefinition ciliumnetworkpolicies.cilium.io",
        "CustomResourceDefinition ciliumnodeconfigs.cilium.io",
        "CustomResourceDefinition ciliumnodes.cilium.io",
        "CustomResourceDefinition ciliumpodippools.cilium.io",
      ]
    `);
    expect(missing(ran, running(lab.lab)), "what has ended").toEqual([]);
    // A pod may take a moment to end.
    const more = () => missing(running(lab.lab), ran).filter((one) => one.startsWith("north"));
    await expect.poll(more, { timeout: 30_000 }).toEqual([]);
    expect(await lab.kubectl("north", "get", "--raw", "/readyz")).toBe("ok");
});

/** The pods that kube-proxy runs in. */
function kubeProxies(): Promise<string> {
    const pods = ["get", "pods", "--selector", "component=kube-proxy", "--output", "name"];
    return lab.kubectl("north", "--namespace", "kube-system", ...pods);
}

async function describe(description: MeshDescription): Promise<void> {
    await lab.describe(description);
    await describeTo(program, "lab", description);
}

async function operate(operation: "up" | "preview"): Promise<Run> {
    const run = await lab.operate(operation, { program });
    runs.push(run);
    return run;
}

/** What a run has done to resources, or would do, as `create north-checked`. */
function stepsOf({ events }: Run): string[] {
    return changes(events)
        .map(({ op, name }) => `${op} ${name}`)
        .sort();
}
