import { formatProblem, type Problem } from "../model/problem.ts";
import type { Mesh } from "../model/resolved.ts";
import { neededKeyFiles, neededSecrets } from "../model/secrets.ts";
import type { Ancestry } from "./ancestry.ts";
import { drawBranch } from "./branch.ts";
import { clusterBranch } from "./cluster-branch.ts";
import { groupBy } from "./group.ts";
import type { Paint } from "./paint.ts";
import type { RecordedResource } from "./record.ts";
import { count, topologyText } from "./words.ts";

export interface TreeArgs {
    readonly mesh: Mesh;
    readonly warnings: readonly Problem[];
    readonly resources: readonly RecordedResource[];
    readonly ancestry: Ancestry;
    readonly paint: Paint;
}

/** A plan as a person reads it: the mesh, what to look at twice, what has to be there first, and how much it is. */
export function treeText({ mesh, warnings, resources, ancestry, paint }: TreeArgs): string {
    const ofCluster = groupBy(resources, (resource) => ancestry.cluster(resource));
    const clusters = mesh.clusters.map((cluster) =>
        clusterBranch(cluster, ofCluster.get(cluster.name) ?? [], paint),
    );
    return [
        ...drawBranch({
            text: `${paint("bold", mesh.name)}: ${membersText(mesh)}`,
            children: [{ text: certificatesText(mesh) }, ...clusters],
        }),
        ...section(
            paint("yellow", count(warnings.length, "warning")),
            warnings.flatMap((warning) => `! ${formatProblem(warning)}`.split("\n")),
        ),
        ...section("before pulumi up", neededText(mesh)),
        ...section(countsTitle(resources), countsText(resources)),
        "",
    ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
    return lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
}

function membersText(mesh: Mesh): string {
    const { length } = mesh.clusters;
    return length === 1 ? topologyText(mesh) : `${count(length, "cluster")}, ${topologyText(mesh)}`;
}

function certificatesText({ certificates }: Mesh): string {
    const { caValidityHours, leafValidityHours, leafEarlyRenewalHours } = certificates;
    return `one CA for ${days(caValidityHours)}; certificates for ${days(leafValidityHours)}, renewed in their last ${days(leafEarlyRenewalHours)}`;
}

function days(hours: number): string {
    return hours % 24 === 0 ? count(hours / 24, "day") : count(hours, "hour");
}

function neededText(mesh: Mesh): string[] {
    return [
        ...neededSecrets(mesh).map(({ key, path }) => `pulumi config set --secret ${key}  # ${path}`),
        ...neededKeyFiles(mesh).map(({ file, path }) => `the private key ${file}  # ${path}`),
    ];
}

function countsTitle(resources: readonly RecordedResource[]): string {
    const components = resources.filter(({ custom }) => !custom).length;
    return `${count(resources.length, "resource")}, of which ${count(components, "component")}`;
}

function countsText(resources: readonly RecordedResource[]): string[] {
    return [...groupBy(resources, ({ type }) => type)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([type, { length }]) => `${String(length).padStart(4)}  ${type}`);
}
