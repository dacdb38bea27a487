import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";

import { parse } from "yaml";

import type { Rendering } from "./render.ts";

/** Kept in a field of their own, not among the chart's files. */
const IN_FIELDS: readonly string[] = ["Chart.yaml", "values.yaml", "values.schema.json"];

/** How many bytes Helm keeps of a release in one Secret: chart, values and manifest as JSON, compressed, in base64. */
export function releaseSize({ chart, values, manifest }: Rendering): number {
    const files = filesOf(chart).map((name) => ({ name, data: encoded(join(chart, name)) }));
    const isTemplate = ({ name }: { name: string }) => name.startsWith("templates/");
    const release = {
        name: "cilium",
        chart: {
            metadata: yaml(join(chart, "Chart.yaml")),
            templates: files.filter(isTemplate),
            values: yaml(join(chart, "values.yaml")),
            schema: encoded(join(chart, "values.schema.json")),
            files: files.filter((file) => !isTemplate(file)),
        },
        config: values,
        manifest: manifest.text,
        version: 1,
        namespace: "kube-system",
    };
    const compressed = gzipSync(JSON.stringify(release), { level: constants.Z_BEST_COMPRESSION });
    return compressed.toString("base64").length;
}

function filesOf(chart: string): string[] {
    const ignoredEndings = readFileSync(join(chart, ".helmignore"), "utf8")
        .split("\n")
        .filter((line) => line.startsWith("*."))
        .map((line) => line.slice(1));
    return readdirSync(chart, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(chart.length + 1))
        .filter(
            (name) => !IN_FIELDS.includes(name) && !ignoredEndings.some((ending) => name.endsWith(ending)),
        )
        .sort();
}

function encoded(path: string): string {
    return readFileSync(path).toString("base64");
}

function yaml(path: string): unknown {
    return parse(readFileSync(path, "utf8"));
}
