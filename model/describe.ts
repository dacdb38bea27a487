import { z } from "zod";

import { mesh, type MeshDescription } from "./description/mesh.ts";
import { fixOf } from "./description/strict.ts";
import { show, type Problem } from "./problem.ts";

export type { MeshDescription } from "./description/mesh.ts";
export type { ClusterDescription } from "./description/cluster.ts";
export type { NodeDescription } from "./description/node.ts";
export { fromConfig } from "./description/secret.ts";
export { carve } from "./net/carve.ts";

const SECRET_PATH = /\b(auth|password|passphrase|privateKey|token|key)\b/;

/** A description, checked by the compiler as it is written. Nothing else happens here. */
export function defineMesh(description: MeshDescription): MeshDescription {
    return description;
}

/** What was described, if its shape is right; otherwise every problem of its shape. */
export type Parsed =
    | { readonly ok: true; readonly description: MeshDescription }
    | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks the shape of a description: keys, types and formats. What its parts mean to each other is the business of rules/. */
export function parseDescription(input: unknown): Parsed {
    const result = mesh.safeParse(input);
    if (result.success) return { ok: true, description: result.data };
    return { ok: false, problems: result.error.issues.flatMap((issue) => toProblems(issue, input)) };
}

function toProblems(issue: z.core.$ZodIssue, input: unknown, within: readonly PropertyKey[] = []): Problem[] {
    const keys = [...within, ...issue.path];
    const path = formatPath(keys);
    if (issue.code === "unrecognized_keys") {
        // One line of the message for each key: see strict.ts.
        return issue.message.split("\n").map((line) => {
            const [key = "", rule = line] = splitOnce(line, ": ");
            return {
                path: formatPath([...keys, key]),
                rule,
                fix: "rename or remove it; docs/reference.md lists every option",
            };
        });
    }
    if (issue.code === "invalid_union") return toUnionProblems(issue, input, keys);
    if (issue.code === "invalid_key" || issue.code === "invalid_element") {
        return issue.issues.flatMap((inner) => toProblems(inner, input, keys));
    }
    return [toProblem(issue, path, valueAt(input, keys))];
}

/** The member of a union that fits best is the one that was meant: the one whose problems lie deepest, then the one with fewest. */
function toUnionProblems(
    issue: z.core.$ZodIssueInvalidUnion,
    input: unknown,
    keys: readonly PropertyKey[],
): Problem[] {
    const depth = (issues: readonly z.core.$ZodIssue[]) =>
        Math.max(...issues.map((inner) => inner.path.length));
    const wrongType = (issues: readonly z.core.$ZodIssue[]) =>
        issues.filter((inner) => inner.code === "invalid_type" && inner.path.length === 0).length;
    const [best] = issue.errors.toSorted(
        (a, b) => wrongType(a) - wrongType(b) || depth(b) - depth(a) || a.length - b.length,
    );
    if (best !== undefined) return best.flatMap((inner) => toProblems(inner, input, keys));
    // A union told apart by a key has no candidates where that key is wrong; its message lists the key's values.
    const value = valueAt(input, keys);
    return [
        {
            path: formatPath(keys),
            ...(value === undefined ? {} : { value: show(value) }),
            rule: value === undefined ? "is missing" : "is not one of the choices",
            fix: issue.message.replace(/^.*Expected /, "write one of "),
        },
    ];
}

function toProblem(issue: z.core.$ZodIssue, path: string, value: unknown): Problem {
    const params = issue.code === "custom" ? issue.params : undefined;
    const hidden = params?.["secret"] === true || value === undefined || mayBeSecret(path, value);
    const missing = value === undefined && issue.code === "invalid_type";
    return {
        path,
        ...(hidden ? {} : { value: show(value) }),
        rule: missing ? `is missing: ${describeType(issue)}` : issue.message,
        fix: fixOf(params) ?? "see docs/reference.md for what may stand here",
    };
}

/** Someone who wrote a secret where it does not belong shall not find it in a log as well. */
function mayBeSecret(path: string, value: unknown): boolean {
    return SECRET_PATH.test(path) || show(value).includes("PRIVATE KEY");
}

function describeType(issue: z.core.$ZodIssue): string {
    return issue.code === "invalid_type" ? `expected ${issue.expected}` : issue.message;
}

function splitOnce(textToSplit: string, separator: string): string[] {
    const at = textToSplit.indexOf(separator);
    return at < 0 ? [textToSplit] : [textToSplit.slice(0, at), textToSplit.slice(at + separator.length)];
}

function valueAt(input: unknown, keys: readonly PropertyKey[]): unknown {
    return keys.reduce<unknown>(
        (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
        input,
    );
}

/** `clusters.east.servers["east 1"].address`, `pools.mesh[0]` */
export function formatPath(keys: readonly PropertyKey[]): string {
    const path = keys
        .map((key) => {
            if (typeof key === "number") return `[${key}]`;
            const name = String(key);
            return /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
        })
        .join("")
        .replace(/^\./, "");
    return path === "" ? "description" : path;
}
