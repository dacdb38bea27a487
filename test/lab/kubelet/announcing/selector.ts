import { z } from "zod";

/** A label selector of Kubernetes. */
export const SELECTOR = z.object({
    matchLabels: z.record(z.string(), z.string()).default({}),
    matchExpressions: z
        .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
        .default([]),
});

export type Selector = z.infer<typeof SELECTOR>;

/** Whether a selector selects what has these labels. No selector selects everything. */
export function selects(selector: Selector | undefined, labels: Readonly<Record<string, string>>): boolean {
    if (selector === undefined) return true;
    return (
        Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value) &&
        selector.matchExpressions.every(({ key, operator, values }) => {
            const value = labels[key];
            switch (operator) {
                case "In":
                    return value !== undefined && values.includes(value);
                case "NotIn":
                    return value === undefined || !values.includes(value);
                case "Exists":
                    return value !== undefined;
                case "DoesNotExist":
                    return value === undefined;
                default:
                    return false;
            }
        })
    );
}
