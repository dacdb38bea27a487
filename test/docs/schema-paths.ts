import { mesh } from "../../model/description/mesh.ts";

/** One key of the schema, found without the generator of the reference. */
export interface SchemaPath {
    readonly path: string;
    readonly optional: boolean;
}

/**
 * Every key that the schema of a description knows. It reads only the plain definitions that zod schemas are made of, so
 * that it shares nothing with the generator it checks.
 */
export function schemaPaths(): SchemaPath[] {
    const found = new Map<string, SchemaPath>();
    walk(mesh, "", (entry) => found.set(entry.path, entry));
    return [...found.values()];
}

function walk(schema: unknown, path: string, visit: (entry: SchemaPath) => void): void {
    const definition = read(schema, "def");
    switch (read(definition, "type")) {
        case "optional":
            walk(read(definition, "innerType"), path, visit);
            break;
        case "record":
            walk(read(definition, "valueType"), `${path}.<name>`, visit);
            break;
        case "array":
            walk(read(definition, "element"), `${path}[]`, visit);
            break;
        case "union":
            for (const option of values(read(definition, "options"))) walk(option, path, visit);
            break;
        case "object":
            for (const [key, value] of entries(read(definition, "shape"))) {
                const at = path === "" ? key : `${path}.${key}`;
                visit({ path: at, optional: read(read(value, "def"), "type") === "optional" });
                walk(value, at, visit);
            }
    }
}

function read(value: unknown, key: string): unknown {
    return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function values(value: unknown): unknown[] {
    return Array.isArray(value) ? value : [];
}

function entries(value: unknown): [string, unknown][] {
    return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
