import type { LabelSelector } from "./resolved.ts";

/** Whether a selector selects something with these labels, by the rules of Kubernetes. */
export function selects(
    selector: LabelSelector | undefined,
    labels: Readonly<Record<string, string>>,
): boolean {
    const byLabel = Object.entries(selector?.matchLabels ?? {}).every(
        ([key, value]) => labels[key] === value,
    );
    return byLabel && (selector?.matchExpressions ?? []).every((expression) => holds(expression, labels));
}

function holds(
    { key, operator, values = [] }: NonNullable<LabelSelector["matchExpressions"]>[number],
    labels: Readonly<Record<string, string>>,
): boolean {
    const value = labels[key];
    switch (operator) {
        case "Exists":
            return value !== undefined;
        case "DoesNotExist":
            return value === undefined;
        case "In":
            return value !== undefined && values.includes(value);
        case "NotIn":
            return value === undefined || !values.includes(value);
    }
}
