import type { JsonValue } from "./resolved.ts";

type Values = Readonly<Record<string, JsonValue>>;

/** Chart values as Helm merges them: maps key by key, anything else replaced by what comes last. */
export function merge(base: Values, over: Values): Record<string, JsonValue> {
    const merged: Record<string, JsonValue> = { ...base };
    for (const [key, value] of Object.entries(over)) {
        const present = merged[key];
        merged[key] = isMap(present) && isMap(value) ? merge(present, value) : value;
    }
    return merged;
}

function isMap(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
