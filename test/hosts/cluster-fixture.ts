import { readFileSync } from "node:fs";

import { Machine, type Run } from "./machine.ts";

const FAKES = new URL("cluster-fakes/", import.meta.url);
const KUBECTL = readFileSync(new URL("kubectl", FAKES), "utf8");

/** A script that calls a part as a node's script does. */
export function caller(name: "evict" | "upgrade" | "membership"): URL {
    return new URL(`${name}.sh`, FAKES);
}

/** What the cluster says of a node: see cluster-fakes/kubectl. */
export type NodeFile =
    "uid" | "etcd" | "ready" | "voter" | "left" | "made" | "version" | "unschedulable" | "held" | "stuck";

/** A machine that is a node, and can ask its cluster. */
export function nodeMachine(role: "server" | "agent"): Machine {
    const machine = new Machine();
    machine.file("/var/lib/rancher/rke2/bin/kubectl", KUBECTL, 0o755);
    machine.file("/etc/rancher/rke2/rke2.yaml", "{}");
    machine.file("/var/lib/rancher/rke2/agent/kubelet.kubeconfig", "{}");
    if (role === "server") machine.file("/var/lib/rancher/rke2/server/db/etcd/member/wal/0.wal", "");
    return machine;
}

export function addNode(machine: Machine, name: string, says: Partial<Record<NodeFile, string>> = {}): void {
    const all = { uid: `uid-of-${name}`, ready: "True", ...says };
    for (const [file, text] of Object.entries(all)) machine.file(`/cluster/nodes/${name}/${file}`, text);
    machine.file(`/cluster/secrets/${name}.node-password.rke2`, "");
}

export function addServer(
    machine: Machine,
    name: string,
    says: Partial<Record<NodeFile, string>> = {},
): void {
    addNode(machine, name, { etcd: "true", voter: "True", ...says });
}

interface PodArgs {
    readonly namespace?: string;
    readonly phase?: string;
    readonly mirror?: string;
    readonly owners?: string;
    /** How often it may not go, and why. */
    readonly refused?: string;
    /** It does not end. */
    readonly stuck?: boolean;
}

export function addPod(
    machine: Machine,
    node: string,
    name: string,
    { namespace = "default", phase = "Running", mirror = "", owners = "ReplicaSet", ...more }: PodArgs = {},
): void {
    const at = `/cluster/pods/uid-of-${name}`;
    machine.file(`${at}/pod`, `${namespace} ${name} ${phase} mirror=${mirror} owners=${owners}`);
    machine.file(`${at}/node`, node);
    if (more.refused !== undefined) machine.file(`${at}/refused`, more.refused);
    if (more.stuck === true) machine.file(`${at}/stuck`, "");
}

/** What a run asked the cluster to do, without the questions, and without what stands in front of every one. */
export function orders(run: Run): string[] {
    return run.calls
        .filter((call) => call.startsWith("kubectl "))
        .map((call) =>
            call
                .replace(/^kubectl --kubeconfig \S+ --request-timeout=10s /, "")
                .replace(/^-n kube-system /, "")
                .replace(/ -f - -v=8$/, ""),
        )
        .filter((call) => !call.startsWith("get "));
}
