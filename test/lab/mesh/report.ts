import { z } from "zod";

import { meshApiAddresses } from "../../../model/mesh-api.ts";
import type { Cluster } from "../../../model/resolved.ts";
import { nodesOf } from "./hosts.ts";
import type { LabMesh } from "./lab-mesh.ts";

const nodeList = z.object({
    items: z.array(
        z.object({
            metadata: z.object({ name: z.string() }),
            status: z.object({
                conditions: z.array(z.object({ type: z.string(), status: z.string() })),
                nodeInfo: z.object({ kubeletVersion: z.string() }),
            }),
        }),
    ),
});

const service = z.object({
    status: z.object({
        loadBalancer: z.object({ ingress: z.array(z.object({ ip: z.string() })).optional() }),
    }),
});

/** The state of a lab's mesh, in lines for a person: every cluster's nodes and mesh API, and every pair. */
export async function report(lab: LabMesh): Promise<string[]> {
    const clusters = await Promise.all(lab.mesh.clusters.map((cluster) => reportCluster(lab, cluster)));
    const pairs = await lab.pairs();
    return [
        ...clusters.flat(),
        ...pairs.map(
            ({ from, to, ready, reason }) =>
                `${mark(ready)} ${from} -> ${to}: ${ready ? "connected" : (reason ?? "not connected")}`,
        ),
    ];
}

async function reportCluster(lab: LabMesh, cluster: Cluster): Promise<string[]> {
    try {
        return [...(await reportNodes(lab, cluster)), await reportMeshApi(lab, cluster)];
    } catch (error) {
        return [`${mark(false)} ${cluster.name}: ${error instanceof Error ? error.message : String(error)}`];
    }
}

async function reportNodes(lab: LabMesh, cluster: Cluster): Promise<string[]> {
    const { items } = nodeList.parse(
        JSON.parse(await lab.kubectl(cluster.name, "get", "nodes", "--output", "json")),
    );
    return nodesOf(cluster).map(({ name, role, addresses: [address = ""] }) => {
        const found = items.find(({ metadata }) => metadata.name === name);
        const ready = found?.status.conditions.some(
            ({ type, status }) => type === "Ready" && status === "True",
        );
        const state =
            found === undefined
                ? "is not there"
                : `${found.status.nodeInfo.kubeletVersion} ${ready === true ? "ready" : "not ready"}`;
        return `${mark(ready === true)} ${cluster.name}: ${role} ${name} at ${address}: ${state}`;
    });
}

async function reportMeshApi(lab: LabMesh, cluster: Cluster): Promise<string> {
    const { status } = service.parse(
        JSON.parse(
            await lab.kubectl(
                cluster.name,
                ...[
                    "--namespace",
                    "kube-system",
                    "get",
                    "service",
                    "clustermesh-apiserver",
                    "--output",
                    "json",
                ],
            ),
        ),
    );
    const given = status.loadBalancer.ingress?.map(({ ip }) => ip) ?? [];
    const wanted = meshApiAddresses(cluster);
    const right = wanted.every((address) => given.includes(address));
    return `${mark(right)} ${cluster.name}: mesh API at ${given.length === 0 ? "no address yet" : given.join(", ")}, described ${wanted.join(", ")}`;
}

function mark(good: boolean): string {
    return good ? "✔" : "✖";
}
