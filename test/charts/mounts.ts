import type { Manifest, PodSpec } from "./manifest.ts";

/** A Secret or ConfigMap whose entries become files of a pod. */
export interface Mount {
    readonly kind: "Secret" | "ConfigMap";
    readonly name: string;
    /** Whether pods start without it. */
    readonly optional: boolean;
    /** The entries that are asked for; all of them where it is left out. */
    readonly items?: readonly { readonly key: string; readonly path: string }[];
    readonly volume: string;
}

/** What all pods of a chart mount. */
export function mountsIn(manifest: Manifest): Mount[] {
    return manifest.workloads().flatMap(({ spec }) => mountsOf(spec.template.spec));
}

/** What a pod mounts. */
export function mountsOf({ volumes }: PodSpec): Mount[] {
    return volumes.flatMap(({ name: volume, secret, configMap, projected }) => [
        ...(secret === undefined
            ? []
            : [{ ...secret, kind: "Secret" as const, name: secret.secretName, volume }]),
        ...(configMap === undefined ? [] : [{ ...configMap, kind: "ConfigMap" as const, volume }]),
        ...(projected?.sources ?? []).flatMap((source) => [
            ...(source.secret === undefined ? [] : [{ ...source.secret, kind: "Secret" as const, volume }]),
            ...(source.configMap === undefined
                ? []
                : [{ ...source.configMap, kind: "ConfigMap" as const, volume }]),
        ]),
    ]);
}

/** The paths of the files that some container of a pod has by the items of its mounts. */
export function filesOf(pod: PodSpec): string[] {
    return mountsOf(pod).flatMap(({ items = [], volume }) =>
        pod.containers.flatMap(({ volumeMounts }) =>
            volumeMounts
                .filter(({ name }) => name === volume)
                .flatMap(({ mountPath }) => items.map(({ path }) => `${mountPath}/${path}`)),
        ),
    );
}
