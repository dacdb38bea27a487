import { fieldValue, resourceValue, type PodPlace } from "../pod/fields.ts";
import type { ContainerSpec, PodObject } from "../pod/pod-object.ts";
import type { ConfigKind, ConfigData } from "../volume/config-object.ts";
import { expand } from "./expansion.ts";

/** Reads a Secret or ConfigMap of the pod's namespace, `undefined` where there is none. */
export type ReadConfig = (kind: ConfigKind, name: string) => Promise<ConfigData | undefined>;

/** What the variables of a container are made of. */
export interface EnvironmentSources {
    readonly pod: PodObject;
    readonly place: PodPlace;
    /** What stands in for the address of the Service `kubernetes`. */
    readonly apiAddress: string;
    readonly read: ReadConfig;
}

/** A container that cannot be started as it is described, or not yet. */
export class ContainerConfigError extends Error {}

/** The variables of a container, in order. Nothing of the host's own gets in. */
export async function environment(
    container: ContainerSpec,
    sources: EnvironmentSources,
): Promise<ReadonlyMap<string, string>> {
    const { pod, apiAddress } = sources;
    const variables = new Map([
        ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        ["HOSTNAME", pod.spec.hostNetwork ? pod.spec.nodeName : hostname(pod)],
        ["KUBERNETES_SERVICE_HOST", apiAddress],
        ["KUBERNETES_SERVICE_PORT", "6443"],
        ["KUBERNETES_SERVICE_PORT_HTTPS", "6443"],
        ["KUBERNETES_PORT", `tcp://${apiAddress}:6443`],
    ]);
    for (const from of container.envFrom) {
        const data = await everyKey(from, sources.read);
        for (const [key, value] of data) variables.set(from.prefix + key, value.toString());
    }
    for (const entry of container.env) {
        const value = await entryValue(entry, container, sources, variables);
        if (value !== undefined) variables.set(entry.name, value);
    }
    return variables;
}

/** What a pod calls itself. */
export function hostname({ metadata, spec }: PodObject): string {
    return spec.hostname === "" ? metadata.name : spec.hostname;
}

async function everyKey(
    { configMapRef, secretRef }: ContainerSpec["envFrom"][number],
    read: ReadConfig,
): Promise<ConfigData> {
    const all = new Map<string, Buffer>();
    const refs = [
        { kind: "configmap", ref: configMapRef },
        { kind: "secret", ref: secretRef },
    ] as const;
    for (const { kind, ref } of refs) {
        if (ref === undefined) continue;
        const data = await read(kind, ref.name);
        if (data === undefined && !ref.optional)
            throw new ContainerConfigError(`${kind} "${ref.name}" not found`);
        for (const [key, value] of data ?? []) all.set(key, value);
    }
    return all;
}

async function entryValue(
    { value, valueFrom }: ContainerSpec["env"][number],
    container: ContainerSpec,
    { pod, place, read }: EnvironmentSources,
    variables: ReadonlyMap<string, string>,
): Promise<string | undefined> {
    if (valueFrom === undefined) return expand(value, variables);
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
    if (fieldRef !== undefined) return fieldValue(fieldRef, pod, place);
    if (resourceFieldRef !== undefined) return resourceValue(resourceFieldRef, container);
    const kind = configMapKeyRef === undefined ? "secret" : "configmap";
    const ref = configMapKeyRef ?? secretKeyRef;
    if (ref === undefined)
        throw new ContainerConfigError("a variable comes from what the simulated kubelet does not know");
    const data = await read(kind, ref.name);
    const found = data?.get(ref.key);
    if (found !== undefined || ref.optional) return found?.toString();
    if (data === undefined) throw new ContainerConfigError(`${kind} "${ref.name}" not found`);
    throw new ContainerConfigError(
        `couldn't find key ${ref.key} in ${kind} ${pod.metadata.namespace}/${ref.name}`,
    );
}
