import type { JsonValue } from "../model/resolved.ts";

/** With the names of a schema's extensions as Kubernetes spells them: the SDK has underscores in place of their hyphens. */
export function kubernetesNames(value: JsonValue): JsonValue {
    if (Array.isArray(value)) return value.map(kubernetesNames);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
            key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key,
            kubernetesNames(inner),
        ]),
    );
}
