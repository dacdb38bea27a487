import { createHash } from "node:crypto";

/**
 * What a chart that RKE2 installs itself is to be told. Its controller installs that in its own time.
 * @see https://docs.rke2.io/add-ons/helm
 */
export interface HelmChartConfig {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: { readonly failurePolicy?: string; readonly valuesContent: string };
}

export function helmChartConfig(
    name: string,
    namespace: string,
    spec: HelmChartConfig["spec"],
): HelmChartConfig {
    return { apiVersion: "helm.cattle.io/v1", kind: "HelmChartConfig", metadata: { name, namespace }, spec };
}

/** Annotations by which a Deployment of such a chart says what it was made from; a gate waits for them. */
export function markedBy(mark: string): Readonly<Record<string, string>> {
    return { "multicluster/values": mark };
}

/** A short text that is another one for anything else. */
export function markOf(told: unknown): string {
    return createHash("sha256").update(JSON.stringify(told)).digest("hex").slice(0, 16);
}
