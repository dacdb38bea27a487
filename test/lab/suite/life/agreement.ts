import { z } from "zod";

import type { Run } from "../../engine/engine.ts";
import { nodesOf } from "../../mesh/hosts.ts";
import type { LabMesh } from "../../mesh/lab-mesh.ts";

const nodeList = z.object({
    items: z.array(
        z.object({
            metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()) }),
            spec: z.object({ unschedulable: z.boolean().default(false) }),
            status: z.object({
                conditions: z.array(z.object({ type: z.string(), status: z.string() })),
                nodeInfo: z.object({ kubeletVersion: z.string() }),
            }),
        }),
    ),
});

/** A node as a description, a cluster, its etcd, a host or the engine's state knows it; equal where they agree. */
export interface Known {
    readonly name: string;
    readonly role: string;
    readonly version: string;
}

/** The nodes of the one cluster as they are described, without those that are lost: by their names. */
export function described(lab: LabMesh): Known[] {
    const cluster = lab.cluster("east");
    return nodesOf(cluster)
        .filter(({ lost }) => !lost)
        .map(({ name, role }) => ({ name, role, version: cluster.rke2.version }))
        .sort(byName);
}

/** The nodes that the cluster has. One that takes no pods is another than it is described. */
export async function inCluster(lab: LabMesh): Promise<Known[]> {
    const { items } = nodeList.parse(
        JSON.parse(await lab.kubectl("east", "get", "nodes", "--output", "json")),
    );
    return items
        .map(({ metadata: { name, labels }, spec, status: { conditions, nodeInfo } }) => {
            const is = (type: string) => conditions.some((one) => one.type === type && one.status === "True");
            const faults = [
                ...(is("Ready") ? [] : ["not Ready"]),
                ...(spec.unschedulable ? ["cordoned"] : []),
            ];
            const server = labels["node-role.kubernetes.io/etcd"] === "true" && is("EtcdIsVoter");
            return {
                name: [name, ...faults].join(", "),
                role: server ? "server" : "agent",
                version: nodeInfo.kubeletVersion,
            };
        })
        .sort(byName);
}

/** What runs on the hosts that are on: the unit that is active, and the release that is installed. */
export async function onHosts(lab: LabMesh): Promise<Known[]> {
    const hosts = lab.lab.hosts.filter(({ name }) => lab.lab.isOn(name));
    const found = await Promise.all(
        hosts.map(async ({ name }) => {
            const { stdout } = await lab.onHost(name, ["bash", "-c", UNITS]);
            const [version = "", ...roles] = stdout.trim().split(" ");
            return roles.map((role) => ({ name, role, version }));
        }),
    );
    return found.flat().sort(byName);
}

const UNITS = `
    printf '%s' "$(rke2 --version 2>/dev/null | sed -n 's/^rke2 version \\([^ ]*\\).*/\\1/p')"
    for role in server agent; do
        if systemctl is-active --quiet "rke2-$role" || systemctl is-enabled --quiet "rke2-$role"; then printf ' %s' "$role"; fi
    done 2>/dev/null`;

/** The names of the servers that are members of etcd. */
export async function inEtcd(lab: LabMesh): Promise<string[]> {
    const [server = ""] = serversThatAreOn(lab);
    const tls = "/var/lib/rancher/rke2/server/tls/etcd";
    const { status, stdout, stderr } = await lab.onHost(server, [
        ...["env", "ETCDCTL_API=3", lab.tools.etcdctl.path, "--endpoints=https://127.0.0.1:2379"],
        ...[`--cacert=${tls}/server-ca.crt`, `--cert=${tls}/client.crt`, `--key=${tls}/client.key`],
        ...["member", "list", "--write-out=json"],
    ]);
    if (status !== 0) throw new Error(`the members of etcd cannot be listed on ${server}: ${stderr.trim()}`);
    const { members } = etcdMembers.parse(JSON.parse(stdout));
    // The name of the node, and eight digits.
    return members.map(({ name }) => name.replace(/-[0-9a-f]{8}$/, "")).sort();
}

const etcdMembers = z.object({ members: z.array(z.object({ name: z.string() })) });

/** The servers of the cluster whose hosts are on. */
export function serversThatAreOn(lab: LabMesh): string[] {
    return lab
        .cluster("east")
        .servers.map(({ name }) => name)
        .filter((name) => lab.lab.isOn(name));
}

/** The nodes that the engine's state has after a run: those whose step it has looked at and kept. */
export function inState({ events }: Run): string[] {
    return events
        .flatMap(({ resOutputsEvent }) => resOutputsEvent ?? [])
        .flatMap(({ metadata: { op, urn } }) => {
            const [, name] = /::east-(\S+)-install$/.exec(urn) ?? [];
            return name === undefined || op === "delete" ? [] : [name];
        })
        .sort();
}

function byName(a: Known, b: Known): number {
    return a.name < b.name ? -1 : 1;
}
