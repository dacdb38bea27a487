import { instance } from "@viz-js/viz";

import type { Mesh } from "../model/resolved.ts";
import { pictureOf, type Box, type Picture } from "./picture.ts";
import { count, meshApiText, peersText } from "./words.ts";

/** topology.md: the mesh as Mermaid, which a pull request shows as a picture, and as a table. */
export function topologyMarkdown(mesh: Mesh): string {
    const rows = mesh.clusters.map((cluster) => [
        cluster.name,
        String(cluster.id),
        cluster.kubernetes === undefined
            ? `${count(cluster.servers.length, "server")}, ${count(cluster.agents.length, "agent")}`
            : "there already",
        cluster.podCidrs.join(", "),
        cluster.serviceCidrs.join(", "),
        cluster.nodeCidrs.join(", "),
        meshApiText(cluster),
        peersText(cluster.peers),
    ]);
    const header = ["Cluster", "Id", "Nodes", "Pods", "Services", "Node network", "Mesh API", "Peers"];
    return [
        `# ${mesh.name}`,
        "",
        "```mermaid",
        mermaid(pictureOf(mesh)),
        "```",
        "",
        ...[header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`),
        "",
    ].join("\n");
}

export function mermaid({ boxes, lines }: Picture): string {
    const id = (name: string) => (name === "" ? "junction" : `c_${name.replaceAll("-", "_")}`);
    const label = ({ name, rows }: Box) =>
        [...(name === "" ? [] : [`<b>${name}</b>`]), ...rows].join("<br/>");
    const hubs = boxes.filter(({ kind }) => kind === "hub").map(({ name }) => id(name));
    return [
        "flowchart LR",
        ...boxes.map((box) =>
            box.kind === "junction"
                ? `    ${id(box.name)}(["${label(box)}"])`
                : `    ${id(box.name)}["${label(box)}"]`,
        ),
        ...lines.map(
            ({ from, to, label: text, oneWay }) =>
                `    ${id(from)} ${oneWay ? "-->" : "---"}${text === "" ? "" : `|"${text}"|`} ${id(to)}`,
        ),
        ...(hubs.length === 0
            ? []
            : ["    classDef hub stroke-width:4px,font-weight:bold", `    class ${hubs.join(",")} hub`]),
    ].join("\n");
}

/** topology.svg: the same picture, to look at. */
export async function topologySvg(mesh: Mesh): Promise<string> {
    const picture = pictureOf(mesh);
    const star = mesh.topology.kind === "hubs" && picture.boxes.every(({ kind }) => kind !== "junction");
    const viz = await instance();
    return viz.renderString(
        dot(picture),
        star
            ? { format: "svg", engine: "twopi", graphAttributes: { overlap: "prism" } }
            : { format: "svg", engine: "circo" },
    );
}

/** The picture in Graphviz' words. */
export function dot({ title, boxes, lines }: Picture): string {
    const FILL = { cluster: "#eef3fb", hub: "#ffe8c2", junction: "#ffffff" } as const;
    const SHAPE = { cluster: "box", hub: "box", junction: "ellipse" } as const;
    return [
        "digraph {",
        `    graph [label=${quoted(title)}, labelloc=t, fontname="Helvetica", mindist=1.5, pad=0.2]`,
        '    node [style="rounded,filled", fontname="Helvetica", fontsize=11, color="#41618f", margin="0.3,0.12"]',
        '    edge [fontname="Helvetica", fontsize=10, color="#41618f"]',
        ...boxes.map(({ name, kind, rows }) => {
            const label = [...(name === "" ? [] : [name]), ...rows].map(escaped).join("\\n");
            const border = kind === "hub" ? ", penwidth=3" : "";
            return `    ${quoted(name)} [label="${label}", shape=${SHAPE[kind]}, fillcolor="${FILL[kind]}"${border}]`;
        }),
        ...lines.map(({ from, to, label, oneWay }) => {
            const direction = oneWay ? "forward" : "none";
            return `    ${quoted(from)} -> ${quoted(to)} [label=${quoted(label)}, dir=${direction}]`;
        }),
        "}",
        "",
    ].join("\n");
}

function quoted(text: string): string {
    return `"${escaped(text)}"`;
}

function escaped(text: string): string {
    return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}
