import type { JsonValue } from "../model/resolved.ts";

// How the SDK marks secrets and resource references on the wire, and how it writes a value that is not known yet.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What stands in a plan for a value that only `pulumi up` will know. */
export const KNOWN_AFTER_UP = "[known after up]";

export interface Unwrapped {
    readonly inputs: Record<string, JsonValue>;
    /** The paths into `inputs` of what was marked secret. */
    readonly secretPaths: readonly string[];
}

/** Values as they came over the wire, with the marks taken off and remembered. Keys are sorted: their order means nothing. */
export function unwrap(wire: Record<string, unknown>): Unwrapped {
    const secretPaths: string[] = [];
    const walk = (value: unknown, path: string): JsonValue => {
        if (value === UNKNOWN) return KNOWN_AFTER_UP;
        if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
            return value;
        if (Array.isArray(value)) return value.map((item, index) => walk(item, joinPath(path, index)));
        if (typeof value !== "object" || value === null) return null;
        const signature: unknown = Reflect.get(value, SIGNATURE);
        if (signature === SECRET) {
            secretPaths.push(path);
            return walk(Reflect.get(value, "value"), path);
        }
        if (signature === RESOURCE) return walk(Reflect.get(value, "urn"), path);
        return Object.fromEntries(
            Object.entries(value)
                // What is left are files and archives: a path, a text or an address, beside the mark.
                .filter(([key]) => key !== SIGNATURE)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([key, item]) => [key, walk(item, joinPath(path, key))]),
        );
    };
    const inputs = walk(wire, "");
    return { inputs: isRecord(inputs) ? inputs : {}, secretPaths: secretPaths.sort() };
}

/** The path of what stands under a key, as `secretPaths` has it. */
export function joinPath(path: string, key: string | number): string {
    if (typeof key === "number") return `${path}[${key}]`;
    return path === "" ? key : `${path}.${key}`;
}

function isRecord(value: JsonValue): value is Record<string, JsonValue> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
