import type { Ancestry } from "./ancestry.ts";
import { fileName, type Folder } from "./folder.ts";
import { groupBy } from "./group.ts";
import { jsonText, textAt, type JsonObject } from "./json.ts";
import { kubernetesNames } from "./kubernetes-names.ts";
import type { RecordedResource } from "./record.ts";
import type { Redactor } from "./redact.ts";
import { yamlText } from "./yaml.ts";

export interface KubernetesFilesArgs {
    /** In the order in which they are made. */
    readonly resources: readonly RecordedResource[];
    readonly ancestry: Ancestry;
    readonly redactor: Redactor;
}

const RELEASE = "kubernetes:helm.sh/v3:Release";

/** What lands in clusters: the values of each chart, and every other object. */
export function addKubernetesFiles(
    folder: Folder,
    { resources, ancestry, redactor }: KubernetesFilesArgs,
): void {
    const clusters = groupBy(resources.filter(isInCluster), (resource) => ancestry.cluster(resource) ?? "_");
    for (const [cluster, all] of clusters) {
        const redacted = all.map((resource) => redactor.resource(resource));
        redacted.filter(isRelease).forEach((release) => {
            addChart(folder, cluster, release);
        });
        const objects = redacted.filter((resource) => !isRelease(resource));
        const digits = Math.max(2, String(objects.length).length);
        objects.forEach((object, index) => {
            const number = String(index + 1).padStart(digits, "0");
            const kind = kindOf(object).toLowerCase();
            const path = `${fileName(cluster)}/manifests/${number}-${kind}-${fileName(nameOf(object))}.yaml`;
            folder.add(path, yamlText(kubernetesNames(manifest(object))));
        });
    }
}

/** A chart as a release of it is described: where it comes from, and where it goes. */
export function chartOf({ name, inputs }: RecordedResource): JsonObject {
    return {
        release: textAt(inputs, "name") ?? name,
        chart: textAt(inputs, "chart") ?? null,
        repo: textAt(inputs, "repositoryOpts", "repo") ?? null,
        version: textAt(inputs, "version") ?? null,
        namespace: textAt(inputs, "namespace") ?? null,
    };
}

/** Whether a provider makes a resource in a cluster. */
export function isInCluster({ type, custom }: RecordedResource): boolean {
    return custom && type.startsWith("kubernetes:");
}

export function isRelease({ type }: RecordedResource): boolean {
    return type === RELEASE;
}

/** The kind of an object, as Kubernetes calls it. */
export function kindOf({ type, inputs }: RecordedResource): string {
    return textAt(inputs, "kind") ?? type.slice(type.lastIndexOf(":") + 1);
}

function addChart(folder: Folder, cluster: string, release: RecordedResource) {
    const path = `${fileName(cluster)}/charts/${fileName(textAt(release.inputs, "name") ?? release.name)}`;
    folder.add(`${path}/chart.json`, jsonText(chartOf(release)));
    folder.add(`${path}/values.yaml`, yamlText(release.inputs["values"] ?? {}));
}

function nameOf({ name, inputs }: RecordedResource): string {
    return textAt(inputs, "metadata", "name") ?? name;
}

/** The usual beginning of a manifest, then the rest as it is. */
function manifest({ inputs }: RecordedResource): JsonObject {
    const { apiVersion, kind, metadata, ...rest } = inputs;
    return { ...present({ apiVersion, kind, metadata }), ...rest };
}

function present(object: Partial<JsonObject>): JsonObject {
    return Object.fromEntries(
        Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    );
}
