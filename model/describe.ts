import { z } from "zod";

import { mesh, type MeshDescription } from "./description/mesh.ts";
import { fixOf } from "./description/strict.ts";
import { plainCopy } from "./plain.ts";
import { show, type Problem } from "./problem.ts";
import { valueAt } from "./value-at.ts";

export type { MeshDescription } from "./description/mesh.ts";
export type { ClusterDescription } from "./description/cluster.ts";
export type { NodeDescription } from "./description/node.ts";
export { fromConfig } from "./description/secret.ts";
export { carve } from "./net/carve.ts";

const SECRET_PATH = /\b(auth|password|passphrase|privateKey|token)\b/;
/** A private key, or an address that begins with a user and a password. */
const SECRET_VALUE = /PRIVATE KEY|:[^]*@/;

const KINDS: Readonly<Record<string, string>> = {
    array: "an array",
    int: "a whole number",
    null: "null",
    object: "an object",
    record: "an object",
    undefined: "nothing",
};
const ALTERNATIVES = new Intl.ListFormat("en", { type: "disjunction" });
const SEE = "see docs/reference.md for what may stand here";

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
    const { value, obstacles } = plainCopy(input);
    if (obstacles.length > 0) {
        return {
            ok: false,
            problems: obstacles.map(({ keys, rule, fix }) => ({ path: formatPath(keys), rule, fix })),
        };
    }
    const result = mesh.safeParse(value);
    if (result.success) return { ok: true, description: result.data };
    return { ok: false, problems: result.error.issues.flatMap((issue) => toProblems(issue, value)) };
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
    return [toProblem(issue, path, valueAt(input, ...keys))];
}

/** The member of a union that fits best is the one that was meant: the one whose problems lie deepest, then the one with fewest. */
function toUnionProblems(
    issue: z.core.$ZodIssueInvalidUnion,
    input: unknown,
    keys: readonly PropertyKey[],
): Problem[] {
    const types = issue.errors.flat();
    if (types.length > 0 && types.every((inner) => isWrongType(inner) && inner.path.length === 0)) {
        const value = valueAt(input, ...keys);
        return [
            wrongType(
                formatPath(keys),
                types.filter(isWrongType).map(({ expected }) => expected),
                value,
            ),
        ];
    }
    const depth = (issues: readonly z.core.$ZodIssue[]) =>
        Math.max(...issues.map((inner) => inner.path.length));
    const misfits = (issues: readonly z.core.$ZodIssue[]) =>
        issues.filter((inner) => isWrongType(inner) && inner.path.length === 0).length;
    const [best] = issue.errors.toSorted(
        (a, b) => misfits(a) - misfits(b) || depth(b) - depth(a) || a.length - b.length,
    );
    if (best !== undefined) return best.flatMap((inner) => toProblems(inner, input, keys));
    // A union told apart by a key has no candidates where that key is wrong; its message lists the key's values.
    const path = formatPath(keys);
    const value = valueAt(input, ...keys);
    return [
        {
            path,
            ...shown(path, value),
            rule: value === undefined ? "is missing" : "is not one of the choices",
            fix: issue.message.replace(/^.*Expected /, "write one of "),
        },
    ];
}

function toProblem(issue: z.core.$ZodIssue, path: string, value: unknown): Problem {
    if (isWrongType(issue)) return wrongType(path, [issue.expected], value);
    const params = issue.code === "custom" ? issue.params : undefined;
    return {
        path,
        ...(params?.["secret"] === true ? {} : shown(path, value)),
        rule: issue.message,
        fix: fixOf(params) ?? SEE,
    };
}

/** What stands in a wrong place may be anything, a secret too: of text and of what holds text only the kind is told. */
function wrongType(path: string, expected: readonly string[], value: unknown): Problem {
    const wanted = ALTERNATIVES.format(new Set(expected.map(kind)));
    if (value === undefined) return { path, rule: `is missing: must be ${wanted}`, fix: SEE };
    // A fraction where only whole numbers will do: its kind would say nothing.
    const sameKind = Number.isFinite(value) && /^(a|a whole) number$/.test(wanted);
    return {
        path,
        ...(typeof value === "number" || typeof value === "boolean" ? shown(path, value) : {}),
        rule: sameKind ? `must be ${wanted}` : `must be ${wanted}, and not ${kindOf(value)}`,
        fix: SEE,
    };
}

function isWrongType(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueInvalidType {
    return issue.code === "invalid_type";
}

function kindOf(value: unknown): string {
    if (value === null || Number.isNaN(value)) return String(value);
    return kind(Array.isArray(value) ? "array" : typeof value);
}

function kind(type: string): string {
    return KINDS[type] ?? `a ${type}`;
}

/** The value of a problem, where it can be no secret. Whoever wrote one where it does not belong shall not find it in a log as well. */
function shown(path: string, value: unknown): Pick<Problem, "value"> {
    if (value === undefined || value === null || typeof value === "object") return {};
    const secret = SECRET_PATH.test(path) || (typeof value === "string" && SECRET_VALUE.test(value));
    return secret ? {} : { value: show(value) };
}

function splitOnce(textToSplit: string, separator: string): string[] {
    const at = textToSplit.indexOf(separator);
    return at < 0 ? [textToSplit] : [textToSplit.slice(0, at), textToSplit.slice(at + separator.length)];
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
