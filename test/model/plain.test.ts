import { expect, it } from "vitest";

import { parseDescription } from "../../model/describe.ts";
import { formatProblem } from "../../model/problem.ts";
import { twoClusters } from "../support/mesh.ts";

/** What is said of a description, as a person reads it. */
function problemsOf(description: unknown): string {
    const parsed = parseDescription(description);
    return parsed.ok ? "" : parsed.problems.map(formatProblem).join("\n");
}

const SEE = "\n    fix: see docs/reference.md for what may stand here";
const PLAIN =
    "must be plain data: objects, arrays, text, numbers and booleans\n    fix: write the object out";
const LOST = "cannot be a key: it would be lost without a word\n    fix: choose another name";
const JSON_VALUE = "must be a string, a number, a boolean, null, an array, or an object";

/** What is said of `cilium.values: { a: value }`. */
function saidOfValue(value: unknown): string {
    const { cilium, ...rest } = twoClusters();
    return problemsOf({ ...rest, cilium: { ...cilium, values: { a: value } } });
}

it.each([
    ["a symbol", Symbol("a"), `${JSON_VALUE}, and not a symbol${SEE}`],
    ["a function", () => 1, `${JSON_VALUE}, and not a function${SEE}`],
    ["a date", new Date(0), PLAIN],
    ["a map", new Map(), PLAIN],
    ["an object that inherits", Object.create({ b: 1 }), PLAIN],
    [
        "a Promise",
        Promise.resolve(1),
        "is a Promise, and not what it promises\n    fix: write await in front of it",
    ],
    [
        "a revoked proxy",
        (() => {
            const { proxy, revoke } = Proxy.revocable({}, {});
            revoke();
            return proxy;
        })(),
        expect.stringMatching(/^cannot be read: [^\n]+\n {4}fix: write the object out$/),
    ],
])("refuses %s among values", (_, value, said) => {
    const [path, ...rest] = saidOfValue(value).split("\n    ");
    expect(path).toBe("cilium.values.a");
    expect(rest.join("\n    ")).toEqual(said);
});

it("refuses a getter that throws, where it stands", () => {
    const value = {
        get b(): unknown {
            throw new Error("not\nnow");
        },
    };
    expect(saidOfValue(value)).toBe(
        "cilium.values.a.b\n    cannot be read: not now\n    fix: write the object out",
    );
});

it("asks a getter once", () => {
    let asked = 0;
    const value = {
        get b() {
            return ++asked;
        },
    };
    expect(saidOfValue(value)).toBe("");
    expect(asked).toBe(1);
});

it("refuses what contains itself, and takes what stands in two places", () => {
    const shared = { b: [1] };
    expect(saidOfValue([shared, shared])).toBe("");
    const round: Record<string, unknown> = {};
    round["b"] = { c: round };
    expect(saidOfValue(round)).toBe(
        "cilium.values.a.b.c\n    contains itself\n    fix: write the object out",
    );
});

it("refuses what is nested too deep, whatever the depth", () => {
    const nested = (levels: number) => {
        let value: unknown = 1;
        for (let level = 0; level < levels; level += 1) value = [value];
        return value;
    };
    expect(saidOfValue(nested(62))).toBe("");
    for (const levels of [63, 20_000]) {
        expect(saidOfValue(nested(levels))).toBe(
            `cilium.values.a${"[0]".repeat(62)}\n    is nested deeper than 64 levels\n    fix: write it flatter`,
        );
    }
});

it("refuses keys that would be lost, wherever they stand", () => {
    const { clusters, ...rest } = twoClusters();
    const description = { ...rest, clusters: { ...clusters, ["__proto__"]: clusters.east } };
    expect(problemsOf(description)).toBe(`clusters.__proto__\n    ${LOST}`);
    expect(saidOfValue(JSON.parse('[{"__proto__": 1}]'))).toBe(`cilium.values.a[0].__proto__\n    ${LOST}`);
    expect(saidOfValue({ [Symbol("b")]: 1 })).toBe(`cilium.values.a["Symbol(b)"]\n    ${LOST}`);
});
