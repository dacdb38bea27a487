import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { checkMesh } from "../../../model/check.ts";
import { formatProblems } from "../../../model/problem.ts";
import type { Cluster, Mesh } from "../../../model/resolved.ts";
import type { Say } from "../binaries/say.ts";
import { findTools, type Tools } from "../binaries/tools.ts";
import { Engine, type OperateOptions, type Run } from "../engine/engine.ts";
import type { Operation } from "../engine/operation.ts";
import { closeLab } from "../hosts/close-lab.ts";
import type { Lab } from "../hosts/lab.ts";
import { findLab, openLab } from "../hosts/open-lab.ts";
import { hostsOf, sharedNames } from "./hosts.ts";
import { makeEnginePlace } from "./mesh-place.ts";
import { operatorKey } from "./operator-key.ts";
import { readPairs, type PairState } from "./pairs.ts";
import { PROGRAM } from "./program.ts";
import { ended, type Ended } from "./run-in-lab.ts";
import { fillSites, SITES } from "./sites.ts";

/** The stack that a lab deploys: the program finds its description in `stacks/lab.ts`. */
const STACK = "lab";
const KUBECTL = "/var/lib/rancher/rke2/bin/kubectl";
const KUBECONFIG = "/etc/rancher/rke2/rke2.yaml";
const MESH_API_PODS = "k8s-app=clustermesh-apiserver";
/** Where kvstoremesh tells of its peers. */
const KVSTOREMESH_METRICS = 9964;

/** A lab with the hosts of a mesh, and the engine that makes the mesh on them. */
export class LabMesh {
    readonly lab: Lab;
    readonly engine: Engine;
    readonly tools: Tools;
    readonly #say: Say;
    /** The servers of clusters that the program does not make. */
    readonly #servers = new Map<string, string>();
    #mesh: Mesh;

    private constructor(lab: Lab, engine: Engine, tools: Tools, mesh: Mesh, say: Say) {
        this.lab = lab;
        this.engine = engine;
        this.tools = tools;
        this.#mesh = mesh;
        this.#say = say;
    }

    /** The lab of this name with the hosts of a description. Where it is not open yet, it is opened; hosts it lacks are added. */
    static async open(name: string, description: unknown, say: Say): Promise<LabMesh> {
        const mesh = resolved(name, description);
        const tools = await findTools(say);
        const lab = findLab(name) ?? (await openFor(name, mesh, tools));
        const keyFile = keyFileOf(lab);
        const place = await makeEnginePlace(lab, { tools, stack: STACK, sshKey: keyFile });
        const made = existsSync(place.folder);
        mkdirSync(place.folder, { recursive: true });
        const labMesh = new LabMesh(lab, new Engine(place), tools, mesh, say);
        await labMesh.describe(description);
        if (!made) await labMesh.operate("configure");
        return labMesh;
    }

    /** Ends a lab, whatever state it is in. */
    static async close(name: string): Promise<void> {
        await closeLab(name);
    }

    get mesh(): Mesh {
        return this.#mesh;
    }

    /** Prepares the lab for another description: hosts, web sites, names. Hosts that it no longer has stay. */
    async describe(description: unknown): Promise<void> {
        this.#mesh = resolved(this.lab.name, description);
        await fillSites(join(this.lab.folder, "www"), this.#mesh, this.tools.helm.path, this.#say);
        const known = new Set(this.lab.hosts.map(({ name }) => name));
        for (const host of hostsOf(this.#mesh)) {
            if (!known.has(host.name)) await this.lab.addHost(host);
        }
    }

    /** Runs the engine, and fails with what it printed if it fails. */
    async operate(operation: Operation, options: Partial<OperateOptions> = {}): Promise<Run> {
        const done = await this.attempt(operation, options);
        if (done.status !== 0)
            throw new Error(`${operation} ended with ${String(done.status)}:\n${done.output}`);
        return done;
    }

    /** Runs the engine. */
    attempt(operation: Operation, options: Partial<OperateOptions> = {}): Promise<Run> {
        return this.engine.operate(operation, { program: PROGRAM, ...options });
    }

    /** A cluster of the description. */
    cluster(name: string): Cluster {
        const found = this.#mesh.clusters.find((cluster) => cluster.name === name);
        if (found !== undefined) return found;
        const names = this.#mesh.clusters.map((cluster) => cluster.name);
        throw new Error(`the lab has no cluster ${name}, only ${names.join(", ")}`);
    }

    /** Says which host is the server of a cluster that was there already: no description names it. */
    knowServer(cluster: string, host: string): void {
        this.#servers.set(cluster, host);
    }

    /** Runs a command as root on a host. */
    onHost(host: string, argv: readonly string[]): Promise<Ended> {
        return ended(this.lab.enterHost(host, argv));
    }

    /** Runs a command in the lab's own network. */
    inLab(argv: readonly string[]): Promise<Ended> {
        return ended(this.lab.enter(argv));
    }

    /** The arguments that run kubectl for a cluster, on its first server that is on. */
    kubectlArgv(cluster: string, args: readonly string[]): readonly string[] {
        const server = this.#serverOf(cluster);
        if (server === undefined) throw new Error(`every server of ${cluster} is switched off`);
        // Without the variable kubectl would leave its cache on the host's disk.
        const kubectl = ["env", "KUBECACHEDIR=/run/lab-kubectl", KUBECTL, "--kubeconfig", KUBECONFIG];
        return this.lab.enterHost(server, [...kubectl, ...args]);
    }

    /** What kubectl prints; an error if it fails. */
    async kubectl(cluster: string, ...args: readonly string[]): Promise<string> {
        const { status, stdout, stderr } = await ended(this.kubectlArgv(cluster, args));
        if (status !== 0) throw new Error(`kubectl ${args.join(" ")} in ${cluster}: ${stderr.trim()}`);
        return stdout;
    }

    /** How every cluster sees each of its peers. */
    async pairs(): Promise<PairState[]> {
        const all = await Promise.all(this.#mesh.clusters.map((cluster) => this.#pairsFrom(cluster)));
        return all.flat();
    }

    /** Waits until every pair is connected; an error says which are not. */
    async awaitPairs(seconds: number): Promise<void> {
        const end = Date.now() + seconds * 1000;
        for (;;) {
            const missing = (await this.pairs()).filter(({ ready }) => !ready);
            if (missing.length === 0) return;
            if (Date.now() > end) {
                const names = missing.map(
                    ({ from, to, reason }) => `${from} -> ${to}: ${reason ?? "not ready"}`,
                );
                throw new Error(`not connected after ${seconds} s: ${names.join("; ")}`);
            }
            await pause(1000);
        }
    }

    /** The first server of a cluster that is on. */
    #serverOf(cluster: string): string | undefined {
        const known = this.#servers.get(cluster);
        const servers = known === undefined ? this.cluster(cluster).servers.map(({ name }) => name) : [known];
        return servers.find((name) => this.lab.isOn(name));
    }

    async #pairsFrom({ name, peers }: Cluster): Promise<PairState[]> {
        const found = await this.#metricsOf(name);
        return peers.map((peer) => {
            const seen = "reason" in found ? undefined : readPairs(found.metrics).get(peer.name);
            return {
                from: name,
                to: peer.name,
                ready: seen === true,
                ...("reason" in found ? { reason: found.reason } : {}),
            };
        });
    }

    async #metricsOf(cluster: string): Promise<{ readonly metrics: string } | { readonly reason: string }> {
        if (this.#serverOf(cluster) === undefined) return { reason: "its servers are switched off" };
        const pod = await ended(
            this.kubectlArgv(cluster, [
                ...["--namespace", "kube-system", "get", "pods", "--selector", MESH_API_PODS],
                ...["--output", "jsonpath={.items[*].status.podIP}"],
            ]),
        );
        const [address] = pod.stdout.trim().split(" ");
        if (pod.status !== 0) return { reason: pod.stderr.trim() };
        if (address === undefined || address === "") return { reason: "its mesh API has no pod that runs" };
        const asked = await this.inLab([
            "curl",
            "-sS",
            "--max-time",
            "5",
            `http://${address}:${KVSTOREMESH_METRICS}/metrics`,
        ]);
        return asked.status === 0 ? { metrics: asked.stdout } : { reason: asked.stderr.trim() };
    }
}

function resolved(name: string, description: unknown): Mesh {
    const { mesh, problems } = checkMesh(description);
    if (mesh === undefined || problems.length > 0) throw new Error(formatProblems(name, problems));
    return mesh;
}

async function openFor(name: string, mesh: Mesh, tools: Tools): Promise<Lab> {
    const key = operatorKey();
    const lab = await openLab({
        name,
        hosts: hostsOf(mesh),
        tools: {
            ...Object.fromEntries(Object.entries(tools).map(([tool, { path }]) => [tool, path])),
            node: process.execPath,
        },
        authorizedKeys: [key.public],
        sites: SITES,
        names: sharedNames(mesh),
    });
    writeFileSync(keyFileOf(lab), key.pem, { mode: 0o600 });
    return lab;
}

/** The private key that logs in on every host of a lab. */
export function keyFileOf(lab: Lab): string {
    return join(lab.folder, "ssh-key");
}
