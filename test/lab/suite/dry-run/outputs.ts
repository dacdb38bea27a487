import { isObject } from "../../../../plan/json.ts";
import type { JsonValue } from "../../../../model/resolved.ts";
import { newCa } from "../../rke2/certificate.ts";

/** What stands in a plan for an output that `pulumi up` will make: see plan/placeholders.ts. */
const PLACEHOLDER = /^\[[^\]]+\.(\w+)\]$/;

/** Values that an API server can look into, by the name of the output that they stand for. */
export type Outputs = ReadonlyMap<string, string>;

/** A certificate and its key for all certificates and keys: an API server warns of a pair that does not fit. */
export async function plausibleOutputs(): Promise<Outputs> {
    const { certificate, key } = await newCa("dry run");
    return new Map([
        ["certPem", certificate],
        ["privateKeyPem", key],
    ]);
}

/** A planned value with an output in the place of each placeholder. */
export function filled(value: JsonValue, outputs: Outputs): JsonValue {
    if (typeof value === "string") {
        const name = PLACEHOLDER.exec(value)?.[1];
        if (name === undefined) return value;
        const output = outputs.get(name);
        if (output === undefined) throw new Error(`nothing is known that could stand for ${value}`);
        return output;
    }
    if (Array.isArray(value)) return value.map((item) => filled(item, outputs));
    return isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, outputs)]))
        : value;
}
