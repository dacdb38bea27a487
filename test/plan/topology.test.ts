import { describe, expect, it } from "vitest";

import type { MeshDescription } from "../../model/describe.ts";
import { resolveMesh } from "../../model/resolve.ts";
import type { Mesh } from "../../model/resolved.ts";
import { pictureOf } from "../../plan/picture.ts";
import { dot, mermaid, topologyMarkdown, topologySvg } from "../../plan/topology.ts";
import { sampleDescription } from "./sample.ts";

function meshOf(names: readonly string[], mesh: MeshDescription["mesh"] = { topology: "full" }): Mesh {
    const [template] = Object.values(sampleDescription.clusters);
    if (template === undefined) throw new Error("the sample has no cluster");
    const clusters = names.map((name, index) => [name, { ...template, id: index + 1 }] as const);
    return resolveMesh({ ...sampleDescription, clusters: Object.fromEntries(clusters), mesh });
}

const NAMES = Array.from({ length: 16 }, (_, index) => `c-${index}`);

describe("topology.md", () => {
    it("has the mesh as Mermaid and as a table", () => {
        expect(topologyMarkdown(resolveMesh(sampleDescription))).toBe(
            `# sample

\`\`\`mermaid
flowchart LR
    c_east["<b>east</b><br/>id 1, hub<br/>1 server, 1 agent<br/>pods 10.10.0.0/16<br/>mesh API 192.168.10.200:2379"]
    c_west["<b>west</b><br/>id 2<br/>1 server<br/>pods 10.20.0.0/16<br/>mesh API 192.168.20.201:2379"]
    c_east ---|"2379"| c_west
    classDef hub stroke-width:4px,font-weight:bold
    class c_east hub
\`\`\`

| Cluster | Id | Nodes | Pods | Services | Node network | Mesh API | Peers |
| --- | --- | --- | --- | --- | --- | --- | --- |
| east | 1 | 1 server, 1 agent | 10.10.0.0/16 | 10.11.0.0/16 | 192.168.10.0/24 | 192.168.10.200:2379 | west |
| west | 2 | 1 server, 0 agents | 10.20.0.0/16 | 10.21.0.0/16 | 192.168.20.0/24 | 192.168.20.201:2379 | east |
`,
        );
    });

    it("shows a cluster that is alone", () => {
        const text = topologyMarkdown(meshOf(["lone"]));
        expect(text).toContain('    c_lone["<b>lone</b><br/>id 1<br/>');
        expect(text).toContain("| none |");
    });
});

describe("the picture", () => {
    it("has one line for two clusters that connect to each other", () => {
        const { lines } = pictureOf(meshOf(["a", "b", "c"]));
        expect(lines).toEqual([
            { from: "a", to: "b", label: "2379", oneWay: false },
            { from: "a", to: "c", label: "2379", oneWay: false },
            { from: "b", to: "c", label: "2379", oneWay: false },
        ]);
    });

    it("names both ports where they differ", () => {
        const mesh = meshOf(["a", "b"]);
        const clusters = mesh.clusters.map((cluster) => ({
            ...cluster,
            peers: cluster.peers.map((peer) => ({ ...peer, port: peer.name === "a" ? 32379 : 32380 })),
        }));
        expect(pictureOf({ ...mesh, clusters }).lines).toEqual([
            { from: "a", to: "b", label: "b 32380, a 32379", oneWay: false },
        ]);
    });

    it("has an arrow where only one connects to the other", () => {
        const mesh = meshOf(["a", "b"]);
        const clusters = mesh.clusters.map((cluster) =>
            cluster.name === "a" ? { ...cluster, peers: [] } : cluster,
        );
        const picture = pictureOf({ ...mesh, clusters });
        expect(picture.lines).toEqual([{ from: "b", to: "a", label: "2379", oneWay: true }]);
        expect(mermaid(picture)).toContain('c_b -->|"2379"| c_a');
        expect(dot(picture)).toContain('"b" -> "a" [label="2379", dir=forward]');
    });

    it("connects the others only with the hubs", () => {
        const { boxes, lines } = pictureOf(
            meshOf(["h", "i", "a", "b"], { topology: "hubs", hubs: ["h", "i"] }),
        );
        expect(boxes.map(({ name, kind }) => [name, kind])).toEqual([
            ["h", "hub"],
            ["i", "hub"],
            ["a", "cluster"],
            ["b", "cluster"],
        ]);
        expect(lines.map(({ from, to }) => `${from}-${to}`)).toEqual(["h-i", "h-a", "h-b", "i-a", "i-b"]);
    });

    it("becomes a star around a word where nobody could follow the lines", () => {
        const { boxes, lines } = pictureOf(meshOf(NAMES));
        expect(boxes[0]).toEqual({ name: "", kind: "junction", rows: ["every cluster with every other"] });
        expect(lines).toHaveLength(16);
        expect(mermaid({ title: "", boxes: boxes.slice(0, 2), lines: lines.slice(0, 1) })).toBe(
            [
                "flowchart LR",
                '    junction(["every cluster with every other"])',
                '    c_c_0["<b>c-0</b><br/>id 1<br/>1 server, 1 agent<br/>pods 10.10.0.0/16<br/>mesh API 192.168.10.200:2379"]',
                "    c_c_0 --- junction",
            ].join("\n"),
        );
    });
});

describe("topology.svg", () => {
    it.each([
        ["a full mesh", meshOf(["a", "b", "c"])],
        ["a hub", meshOf(["a", "b", "c"], { topology: "hubs", hubs: ["a"] })],
        ["a large mesh", meshOf(NAMES)],
        ["one cluster", meshOf(["a"])],
    ])("draws %s, the same every time", async (_, mesh) => {
        const svg = await topologySvg(mesh);
        expect(svg).toMatch(/^<\?xml[^]*<svg [^]*<\/svg>\n$/);
        for (const { name } of mesh.clusters)
            expect(svg).toContain(`>${name.replaceAll("-", "&#45;")}</text>`);
        expect(await topologySvg(mesh)).toBe(svg);
    });

    it("quotes what would end a text in Graphviz", () => {
        const text = dot({
            title: 'a "b" \\c',
            boxes: [{ name: "x", kind: "hub", rows: ['say "hi"'] }],
            lines: [],
        });
        expect(text).toContain('label="a \\"b\\" \\\\c"');
        expect(text).toContain('"x" [label="x\\nsay \\"hi\\"", shape=box, fillcolor="#ffe8c2", penwidth=3]');
    });
});
