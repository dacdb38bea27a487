import type { JsonValue } from "../model/resolved.ts";
import { isObject, type JsonObject } from "./json.ts";
import { placeholder } from "./placeholders.ts";
import type { RecordedResource } from "./record.ts";
import { joinPath, type Unwrapped } from "./unwrap.ts";

/** What stands in a plan for every secret. */
export const SECRET = "[secret]";

/** Inputs that are secret whether or not the program has marked them. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
    "command:local:Command": ["stdin"],
    "command:remote:Command": ["connection", "stdin"],
    "command:remote:CopyToRemote": ["connection"],
    "kubernetes:core/v1:Secret": ["data", "stringData"],
    "pulumi:providers:kubernetes": ["kubeconfig"],
};

/** Looking up every candidate takes one pass over a text; looking for every secret takes as many as there are secrets. */
const PLACEHOLDER_OR_WORD = /\[[^[\]]*\]|\w+/g;

/** Takes the secrets out of what a program has registered. */
export class Redactor {
    readonly #secrets: ReadonlySet<string>;

    /** @param derived - secrets that were made out of others, each one word; only their value tells them from plain text */
    constructor(resources: readonly RecordedResource[], derived: readonly string[]) {
        const outputs = resources.flatMap(({ name, additionalSecretOutputs }) =>
            additionalSecretOutputs.map((output) => placeholder(name, output)),
        );
        this.#secrets = new Set([...outputs, ...derived]);
    }

    resource(resource: RecordedResource): RecordedResource {
        const secretPaths = [...resource.secretPaths, ...(ALWAYS[resource.type] ?? [])];
        // The keys of a Secret say what is in it, and are none themselves.
        const keepKeys = resource.type === "kubernetes:core/v1:Secret";
        return { ...resource, inputs: this.#object({ inputs: resource.inputs, secretPaths }, keepKeys) };
    }

    values(values: Unwrapped): JsonObject {
        return this.#object(values, false);
    }

    text(text: string): string {
        return text.replace(PLACEHOLDER_OR_WORD, (found) => (this.#secrets.has(found) ? SECRET : found));
    }

    #object(
        { inputs, secretPaths }: { inputs: JsonObject; secretPaths: readonly string[] },
        keepKeys: boolean,
    ) {
        const secret = new Set(secretPaths);
        const walk = (value: JsonValue, path: string): JsonValue => {
            if (secret.has(path)) return hide(value, keepKeys);
            if (typeof value === "string") return this.text(value);
            if (Array.isArray(value)) return value.map((item, index) => walk(item, joinPath(path, index)));
            return isObject(value) ? mapValues(value, (item, key) => walk(item, joinPath(path, key))) : value;
        };
        return mapValues(inputs, (value, key) => walk(value, key));
    }
}

function hide(value: JsonValue, keepKeys: boolean): JsonValue {
    return keepKeys && isObject(value) ? mapValues(value, () => SECRET) : SECRET;
}

function mapValues(
    object: JsonObject,
    change: (value: JsonValue, key: string) => JsonValue,
): Record<string, JsonValue> {
    return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}
