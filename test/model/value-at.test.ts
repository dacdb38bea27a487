import { expect, it } from "vitest";

import { valueAt } from "../../model/value-at.ts";

const VALUES = { a: { b: [{ c: false }] }, none: null };

it("finds what stands under a path of keys", () => {
    expect(valueAt(VALUES)).toBe(VALUES);
    expect(valueAt(VALUES, "a", "b", 0, "c")).toBe(false);
    expect(valueAt(VALUES, "none")).toBe(null);
});

it("finds nothing where a key is not there, or was not written", () => {
    expect(valueAt(VALUES, "a", "x", "c")).toBe(undefined);
    expect(valueAt(VALUES, "none", "b")).toBe(undefined);
    expect(valueAt(VALUES, "a", "constructor")).toBe(undefined);
    expect(valueAt(undefined, "a")).toBe(undefined);
});
