import type { JsonValue } from "../model/resolved.ts";

export type JsonObject = Readonly<Record<string, JsonValue>>;

export function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text under a path of keys, if there is one. */
export function textAt(value: JsonValue | undefined, ...keys: readonly string[]): string | undefined {
    const found = keys.reduce<JsonValue | undefined>(
        (at, key) => (isObject(at) ? at[key] : undefined),
        value,
    );
    return typeof found === "string" ? found : undefined;
}

/** A file of JSON: readable, and the same for the same value. */
export function jsonText(value: unknown): string {
    return `${JSON.stringify(value, null, 2)}\n`;
}
