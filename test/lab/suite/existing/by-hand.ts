import { setTimeout as pause } from "node:timers/promises";

import { z } from "zod";

import type { LabMesh } from "../../mesh/lab-mesh.ts";
import { endedWithInput } from "../with-input.ts";

/** A node that a person makes. */
interface HandMadeNode {
    readonly name: string;
    readonly address: string;
}

/** A cluster that a person makes: its ranges, and one server and one agent. */
export interface HandMade {
    readonly podCidr: string;
    readonly serviceCidr: string;
    readonly server: HandMadeNode;
    readonly agent: HandMadeNode;
}

/** What a person who needs a cluster today makes up. */
const TOKEN = "north-joins-north";
const READY_SECONDS = 240;
const LOOKS_MAX = 20;
const LOOK_EVERY_MS = 3000;

/** Adds two hosts to a lab and makes a Kubernetes of them, without a network plugin. */
export async function makeByHand(
    lab: LabMesh,
    { podCidr, serviceCidr, server, agent }: HandMade,
): Promise<void> {
    for (const host of [server, agent]) await lab.lab.addHost(host);
    await install(lab, server.name, "server", [
        `token: ${TOKEN}`,
        "cni: none",
        `cluster-cidr: ${podCidr}`,
        `service-cidr: ${serviceCidr}`,
        `tls-san: ${server.address}`,
    ]);
    await install(lab, agent.name, "agent", [`token: ${TOKEN}`, `server: https://${server.address}:9345`]);
}

async function install(
    lab: LabMesh,
    host: string,
    role: "server" | "agent",
    config: readonly string[],
): Promise<void> {
    await type(lab, host, [
        "mkdir -p /etc/rancher/rke2",
        "cat >/etc/rancher/rke2/config.yaml <<'END'",
        ...config,
        "END",
        `curl -sfL https://get.rke2.io | INSTALL_RKE2_TYPE=${role} INSTALL_RKE2_METHOD=tar sh -`,
        `timeout ${READY_SECONDS} systemctl enable --now rke2-${role}`,
    ]);
}

/** Turns off kube-proxy, and restarts what runs it. */
export async function turnOffKubeProxy(lab: LabMesh, { server, agent }: HandMade): Promise<void> {
    await type(lab, server.name, [
        "echo 'disable-kube-proxy: true' >>/etc/rancher/rke2/config.yaml",
        `timeout ${READY_SECONDS} systemctl restart rke2-server`,
    ]);
    await type(lab, agent.name, [`timeout ${READY_SECONDS} systemctl restart rke2-agent`]);
}

/** What a person types on a host. */
async function type(lab: LabMesh, host: string, lines: readonly string[]): Promise<void> {
    const argv = lab.lab.enterHost(host, ["bash", "-euo", "pipefail", "-s"]);
    const { status, stderr } = await endedWithInput(argv, `${lines.join("\n")}\n`);
    if (status !== 0) throw new Error(`on ${host}, by hand: ${stderr.trim()}`);
}

/** Its administrator's kubeconfig, as it is taken to another machine. */
export async function kubeconfigOf(lab: LabMesh, { server }: HandMade): Promise<string> {
    const file = "/etc/rancher/rke2/rke2.yaml";
    const { status, stdout, stderr } = await lab.onHost(server.name, ["cat", file]);
    if (status !== 0) throw new Error(`reading ${file} on ${server.name}: ${stderr.trim()}`);
    return stdout.replace("https://127.0.0.1:6443", `https://${server.address}:6443`);
}

/** What of a cluster comes and goes by itself. */
const PASSING = [
    ...["componentstatuses", "controllerrevisions.apps", "endpoints", "endpointslices.discovery.k8s.io"],
    ...["events", "events.events.k8s.io", "leases.coordination.k8s.io", "pods", "replicasets.apps"],
    ...["nodes.metrics.k8s.io", "pods.metrics.k8s.io"],
];

const listed = z.object({
    items: z.array(
        z.object({
            kind: z.string(),
            metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
        }),
    ),
});

/** What `lastingObjects` finds once that has been the same for a while: much is made by itself when a cluster begins. */
export async function settledObjects(lab: LabMesh, cluster: string): Promise<string[]> {
    let before: readonly string[] = [];
    for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
        const objects = await lastingObjects(lab, cluster);
        if (objects.join("\n") === before.join("\n")) return objects;
        before = objects;
        await pause(LOOK_EVERY_MS);
    }
    throw new Error(`the objects of ${cluster} still change after ${LOOKS_MAX} looks`);
}

/** All objects of a cluster that stay where they are put, as `Secret kube-system/cilium-ca`. */
export async function lastingObjects(lab: LabMesh, cluster: string): Promise<string[]> {
    const kinds = (await lab.kubectl(cluster, "api-resources", "--verbs=list", "--output=name"))
        .split("\n")
        .filter((kind) => kind !== "" && !PASSING.includes(kind));
    const text = await lab.kubectl(
        cluster,
        "get",
        kinds.join(","),
        ...["--all-namespaces", "--output", "json"],
    );
    return listed
        .parse(JSON.parse(text))
        .items.map(
            ({ kind, metadata: { name, namespace } }) =>
                `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`,
        )
        .sort();
}
