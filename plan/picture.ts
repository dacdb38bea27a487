import type { Cluster, Mesh } from "../model/resolved.ts";
import { count, meshApiText, topologyText } from "./words.ts";

/** A mesh as boxes and lines, before anyone draws it. */
export interface Picture {
    readonly title: string;
    readonly boxes: readonly Box[];
    readonly lines: readonly Line[];
}

export interface Box {
    readonly name: string;
    readonly kind: "cluster" | "hub" | "junction";
    readonly rows: readonly string[];
}

export interface Line {
    readonly from: string;
    readonly to: string;
    readonly label: string;
    /** Whether only `from` connects to `to`. */
    readonly oneWay: boolean;
}

/** With more lines than this nobody sees anything, and neither Mermaid nor Graphviz draws them in time. */
const MOST_LINES = 100;

export function pictureOf(mesh: Mesh): Picture {
    const hubs = mesh.topology.kind === "hubs" ? mesh.topology.hubs : [];
    const boxes = mesh.clusters.map((cluster) => boxOf(cluster, hubs.includes(cluster.name)));
    const lines = linesOf(mesh);
    const title = `${mesh.name}: ${topologyText(mesh)}`;
    if (lines.length <= MOST_LINES) return { title, boxes, lines };
    const junction: Box = { name: "", kind: "junction", rows: [topologyText(mesh)] };
    return {
        title,
        boxes: [junction, ...boxes],
        lines: boxes.map(({ name }) => ({ from: name, to: junction.name, label: "", oneWay: false })),
    };
}

function boxOf(cluster: Cluster, hub: boolean): Box {
    return {
        name: cluster.name,
        kind: hub ? "hub" : "cluster",
        rows: [
            `id ${cluster.id}${hub ? ", hub" : ""}`,
            nodesText(cluster),
            `pods ${cluster.podCidrs.join(", ")}`,
            `mesh API ${meshApiText(cluster)}`,
        ],
    };
}

function nodesText({ kubernetes, servers, agents }: Cluster): string {
    if (kubernetes !== undefined) return `Kubernetes ${kubernetes.version}, there already`;
    return `${count(servers.length, "server")}${agents.length === 0 ? "" : `, ${count(agents.length, "agent")}`}`;
}

/** Two clusters that connect to each other are one line. */
function linesOf({ clusters }: Mesh): Line[] {
    const byName = new Map(clusters.map((cluster) => [cluster.name, cluster]));
    const seen = new Set<string>();
    return clusters.flatMap((from) =>
        from.peers.flatMap(({ name, port }) => {
            const back = byName.get(name)?.peers.find((peer) => peer.name === from.name);
            if (back !== undefined && seen.has(`${name}/${from.name}`)) return [];
            seen.add(`${from.name}/${name}`);
            const label =
                back === undefined || back.port === port
                    ? String(port)
                    : `${name} ${port}, ${from.name} ${back.port}`;
            return [{ from: from.name, to: name, label, oneWay: back === undefined }];
        }),
    );
}
