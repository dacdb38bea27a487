import type { ContainerSpec, FieldRef, PodObject, ResourceRef } from "./pod-object.ts";

/** What a pod can be told about itself that only its host knows. */
export interface PodPlace {
    readonly podIp: string;
    readonly nodeIp: string;
}

/** The value of a field of a pod, as `metadata.name` or `metadata.labels['app']`. */
export function fieldValue({ fieldPath }: FieldRef, { metadata, spec }: PodObject, place: PodPlace): string {
    const [, map, key = ""] = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath) ?? [];
    if (map === "labels") return metadata.labels[key] ?? "";
    if (map === "annotations") return metadata.annotations[key] ?? "";
    switch (fieldPath) {
        case "metadata.name":
            return metadata.name;
        case "metadata.namespace":
            return metadata.namespace;
        case "metadata.uid":
            return metadata.uid;
        case "metadata.labels":
            return lines(metadata.labels);
        case "metadata.annotations":
            return lines(metadata.annotations);
        case "spec.nodeName":
            return spec.nodeName;
        case "spec.serviceAccountName":
            return spec.serviceAccountName;
        case "status.podIP":
        case "status.podIPs":
            return place.podIp;
        case "status.hostIP":
        case "status.hostIPs":
            return place.nodeIp;
        default:
            throw new Error(`the field ${fieldPath} of a pod is not known to the simulated kubelet`);
    }
}

function lines(map: Readonly<Record<string, string>>): string {
    const names = Object.keys(map).sort();
    return names.map((name) => `${name}=${JSON.stringify(map[name])}`).join("\n");
}

const UNITS: Readonly<Record<string, number>> = {
    "": 1,
    m: 1e-3,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
};
/** What a container may use that has no limit, and what it needs that requests nothing. */
const UNLIMITED: Readonly<Record<string, string>> = {
    "limits.cpu": "4",
    "limits.memory": "8Gi",
    "requests.cpu": "0",
    "requests.memory": "0",
};

/** The value of a container's request or limit, rounded up to whole cores or bytes. */
export function resourceValue(
    { resource }: ResourceRef,
    { resources: { limits, requests } }: Pick<ContainerSpec, "resources">,
): string {
    const [kind, name = ""] = resource.split(".", 2);
    const quantity = (kind === "limits" ? limits : requests)[name] ?? UNLIMITED[resource] ?? "";
    const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(quantity) ?? [];
    const factor = UNITS[unit];
    if (number === "" || factor === undefined) {
        throw new Error(`the resource ${resource} of a container is not known to the simulated kubelet`);
    }
    return String(Math.ceil(Number(number) * factor));
}
