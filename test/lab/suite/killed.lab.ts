/*
 * The engine is killed at each step of the first `up`, with its program and its providers, as when their machine loses its
 * power: in the middle of a script on a host, of an installation by Helm, of the creation of an object. What the README says
 * to do then is done, and in the end the mesh is there once, with nothing lost.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

import { changes } from "../engine/event.ts";
import type { Run } from "../engine/engine.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { copyProgram, describe } from "../mesh/program.ts";
import { nothingChanges } from "./checks/nothing-changes.ts";
import { noSecretLeaks } from "./checks/no-secret-leaks.ts";
import { clusterObjects } from "./cluster-objects.ts";
import { smallMesh } from "./descriptions.ts";
import { isWork, readCheckpoint } from "./killing/checkpoint.ts";
import { Killer, type KilledUp } from "./killing/killer.ts";
import { COMMAND, RELEASE } from "./killing/moment.ts";
import { running } from "./running.ts";

const NAME = "killed";
/** More kills than any machine needs: each meets at least one moment of one step for the first time. */
const KILLS_MAX = 120;
const CLUSTERS = ["east", "west"] as const;
const SECRET = "kubernetes:core/v1:Secret";

let lab: LabMesh;
let program: string;
let killer: Killer;
const killed: KilledUp[] = [];
const runs: Run[] = [];
/** Helm's records in the clusters after a kill that was to meet an installation: of which release, and its status. */
const cutOff: string[] = [];

beforeAll(async () => {
    await LabMesh.close(NAME);
    lab = await LabMesh.open(NAME, smallMesh(), console.log);
    program = await copyProgram(join(lab.lab.folder, "program"));
    await describe(program, "lab", smallMesh());
    killer = new Killer(lab, program);
});

afterAll(() => LabMesh.close(NAME));

test("an up that was killed leaves a lock, and the next one says so and does nothing", async () => {
    const first = await killer.up();
    expect(first.run.status).toBeUndefined();
    killed.push(first);
    const next = await lab.attempt("up", { program });
    expect(next.status).toBe(1);
    expect(next.output).toContain("the stack is currently locked by 1 lock(s)");
    expect(next.output).toContain("pulumi cancel");
    expect(changes(next.events)).toEqual([]);
    await lab.operate("cancel", { program });
    runs.push(first.run, next);
});

test("killed at each step, and cancelled, the next up goes on where it was", async () => {
    for (;;) {
        const up = await killer.up();
        runs.push(up.run);
        if (up.run.status !== undefined) {
            expect(up.run.status, up.run.output).toBe(0);
            break;
        }
        killed.push(up);
        console.log(`killed at ${shown(up)}`);
        await nothingOfTheEngineIsLeft();
        if (up.cause?.moment === "installing") cutOff.push(...(await pendingInstalls(up.cause.urn)));
        await lab.operate("cancel", { program });
        expect(killed.length).toBeLessThan(KILLS_MAX);
    }
    await lab.awaitPairs(180);
});

test("every step was killed", () => {
    const made = readCheckpoint(lab).resources.filter(isWork);
    const inTheMiddle = new Set(killed.flatMap(({ creating }) => creating));
    const atAll = new Set([...inTheMiddle, ...killed.flatMap(({ cause }) => cause?.urn ?? [])]);
    expect(made.map(({ urn }) => urn).filter((urn) => !atAll.has(urn))).toEqual([]);
    // Whatever takes its time was killed in the middle: it was begun, and the engine did not learn that it ended.
    const slow = made.filter(({ type }) => type === COMMAND || type === RELEASE);
    expect(slow.map(({ urn }) => urn).filter((urn) => !inTheMiddle.has(urn))).toEqual([]);
    expect([...inTheMiddle].filter((urn) => urn.includes(`$${SECRET}::`))).not.toEqual([]);
});

test("Helm was cut off while it installed, and the next up took that over", () => {
    expect(new Set(cutOff)).toEqual(
        new Set([
            "east sh.helm.release.v1.cilium.v1 pending-install",
            "west sh.helm.release.v1.cilium.v1 pending-install",
            "east sh.helm.release.v1.metallb.v1 pending-install",
        ]),
    );
    const said = runs.flatMap(
        ({ output }) => output.match(/forgot \S+: an interrupted up left it, and Helm installs again/g) ?? [],
    );
    expect(new Set(said)).toEqual(
        new Set(
            ["cilium", "metallb"].map(
                (release) =>
                    `forgot sh.helm.release.v1.${release}.v1: an interrupted up left it, and Helm installs again`,
            ),
        ),
    );
});

test("what an up warns about after kills goes with a refresh, as the README says", async () => {
    const warned = await lab.operate("up", { program });
    expect(changes(warned.events)).toEqual([]);
    expect(warned.output).toMatch(/pending operations/);
    expect(readCheckpoint(lab).creating).not.toEqual([]);
    runs.push(warned, await lab.operate("clear-pending", { program }));
    expect(readCheckpoint(lab).creating).toEqual([]);
    const quiet = await lab.operate("up", { program });
    expect(changes(quiet.events)).toEqual([]);
    expect(quiet.output).not.toMatch(/pending operations/);
    runs.push(quiet);
    await nothingChanges(lab, { program });
});

test("nothing is there twice, and nothing is missing", async () => {
    const { resources } = readCheckpoint(lab);
    const urns = resources.map(({ urn }) => urn);
    expect(urns.filter((urn, index) => urns.indexOf(urn) !== index)).toEqual([]);
    expect(resources.filter((one) => one.delete)).toEqual([]);
    for (const cluster of CLUSTERS) {
        expect(await names(cluster, "nodes")).toEqual([`${cluster}-1`]);
        expect((await tlsSecrets(cluster)).map(({ metadata }) => metadata.name)).toEqual(
            secretsOfState(cluster)
                .map(({ secret }) => secret)
                .sort(),
        );
        expect(await etcdMembers(cluster)).toEqual([`https://10.88.${cluster === "east" ? 1 : 2}.11:2380`]);
    }
    expect(await helmRecords()).toEqual([
        "east sh.helm.release.v1.cilium.v1 deployed",
        "east sh.helm.release.v1.metallb.v1 deployed",
        "west sh.helm.release.v1.cilium.v1 deployed",
    ]);
    expect(await names("east", "ipaddresspools.metallb.io")).toEqual(["mesh"]);
    expect(await names("east", "l2advertisements.metallb.io")).toEqual(["l2"]);
    expect(await names("west", "ciliumloadbalancerippools.cilium.io")).toEqual(["mesh"]);
    expect(await names("west", "ciliuml2announcementpolicies.cilium.io")).toEqual(["l2"]);
});

test("each host runs everything once", () => {
    const programs = running(lab.lab)
        .map(({ host, program: name }) => `${host} ${name}`)
        .sort();
    // The mesh API's pod has an etcd of its own, and clustermesh-apiserver twice: as itself and as kvstoremesh.
    const onEach = [
        "cilium-operator",
        "clustermesh-apiserver",
        "clustermesh-apiserver",
        "etcd",
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kubelet",
        "rke2",
    ];
    expect(programs).toEqual([
        ...onEach
            .map((name) => `east-1 ${name}`)
            .concat("east-1 metallb-controller")
            .sort(),
        ...onEach.map((name) => `west-1 ${name}`),
    ]);
});

test("the certificates in both clusters are those of the state, by its CA", async () => {
    const made = new Map(readCheckpoint(lab).resources.map(({ urn, outputs }) => [nameOf(urn), outputs]));
    const ca = pem.parse(made.get("ca-cert")).certPem;
    for (const cluster of CLUSTERS) {
        const secrets = new Map((await tlsSecrets(cluster)).map((secret) => [secret.metadata.name, secret]));
        for (const { name, secret } of secretsOfState(cluster)) {
            const data = tls.parse(secrets.get(secret)?.data);
            expect({ secret, "ca.crt": data["ca.crt"], "tls.crt": data["tls.crt"] }).toEqual({
                secret,
                "ca.crt": ca,
                "tls.crt": pem.parse(made.get(`${name}-cert`)).certPem,
            });
            const certificate = new X509Certificate(data["tls.crt"]);
            expect(certificate.checkPrivateKey(createPrivateKey(data["tls.key"])), secret).toBe(true);
            expect(certificate.verify(new X509Certificate(ca).publicKey), secret).toBe(true);
        }
    }
});

test("no run has shown a secret", async () => {
    await noSecretLeaks(lab, { runs });
});

const pem = z.object({ certPem: z.string() });
const text = z.string().transform((data) => Buffer.from(data, "base64").toString("utf8"));
const tls = z.object({ "ca.crt": text, "tls.crt": text, "tls.key": text });
const named = z.object({ metadata: z.object({ name: z.string() }) });

function nameOf(urn: string): string {
    return urn.slice(urn.lastIndexOf("::") + 2);
}

function shown({ cause, creating }: KilledUp): string {
    const at = cause === undefined ? "nothing" : `${nameOf(cause.urn)}, ${cause.moment}`;
    return `${at}; under way: ${creating.map(nameOf).join(", ")}`;
}

/** What was killed is gone, and does not go on in secret. */
async function nothingOfTheEngineIsLeft(): Promise<void> {
    const left = () =>
        lab.lab
            .processes()
            .filter(({ host }) => host === undefined)
            .map(({ argv }) => argv.join(" "))
            .filter((line) => /pulumi|operate\.ts|\/plugins\/|^ssh /.test(line));
    await expect.poll(left, { timeout: 10_000 }).toEqual([]);
}

/** Helm's records of the release of a URN that say that it is still being installed. */
async function pendingInstalls(urn: string): Promise<string[]> {
    const [cluster = "", release = ""] = nameOf(urn).split("-");
    return (await helmRecords([cluster])).filter((record) =>
        record.endsWith(`.${release}.v1 pending-install`),
    );
}

async function helmRecords(clusters: readonly string[] = CLUSTERS): Promise<string[]> {
    const records: string[] = [];
    for (const cluster of clusters) {
        const found = (await clusterObjects(lab, cluster, "secrets")).filter(
            ({ type }) => type === "helm.sh/release.v1",
        );
        records.push(
            ...found.map(({ metadata: { name, labels } }) => `${cluster} ${name} ${labels["status"]}`),
        );
    }
    return records;
}

async function names(cluster: string, kind: string): Promise<string[]> {
    return (await clusterObjects(lab, cluster, kind)).map(({ metadata }) => metadata.name);
}

async function tlsSecrets(cluster: string) {
    return (await clusterObjects(lab, cluster, "secrets")).filter(({ type }) => type === "kubernetes.io/tls");
}

/** The Secrets that the state has of a cluster: what the program calls them, and what the cluster does. */
function secretsOfState(cluster: string) {
    return readCheckpoint(lab)
        .resources.filter(({ type, urn }) => type === SECRET && nameOf(urn).startsWith(`${cluster}-`))
        .map(({ urn, outputs }) => ({ name: nameOf(urn), secret: named.parse(outputs).metadata.name }));
}

async function etcdMembers(cluster: string): Promise<string[]> {
    const tlsFolder = "/var/lib/rancher/rke2/server/tls/etcd";
    const { stdout, stderr } = await lab.onHost(`${cluster}-1`, [
        ...["env", "ETCDCTL_API=3", "etcdctl", "--endpoints=https://127.0.0.1:2379"],
        ...[`--cacert=${tlsFolder}/server-ca.crt`, `--cert=${tlsFolder}/client.crt`],
        ...[`--key=${tlsFolder}/client.key`, "member", "list"],
    ]);
    expect(stderr).toBe("");
    return stdout
        .trim()
        .split("\n")
        .map((line) => line.split(", ")[3] ?? line);
}
