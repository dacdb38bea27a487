import { describe, expect, it, test } from "vitest";

import {
    isLabelKey,
    isLabelValue,
    isNodeName,
    LABEL_KEY,
    LABEL_VALUE,
    nodeLabelProblems,
    nodeTaintProblems,
} from "../../../model/support/labels.ts";

describe("a label's key", () => {
    test.each(["a", "A_b.c-9", "example.net/a", "a/b", `${"a".repeat(253)}/${"b".repeat(63)}`])(
        "is %s",
        (key) => {
            expect(isLabelKey(key)).toBe(true);
        },
    );

    test.each([
        "",
        "a b",
        "-a",
        "a-",
        "a/",
        "/a",
        "a/b/c",
        "Example.net/a",
        "example..net/a",
        "example.net-/a",
        "b".repeat(64),
        `${"a".repeat(254)}/b`,
    ])("is not %j", (key) => {
        expect(isLabelKey(key)).toBe(false);
    });
});

it("has values of at most 63 characters, or empty ones", () => {
    expect(["", "a", "A.b_c-d", "a".repeat(63)].filter((value) => !isLabelValue(value))).toEqual([]);
    expect(["a b", ".a", "a/b", "a".repeat(64)].filter(isLabelValue)).toEqual([]);
});

it("knows the names that a node can have", () => {
    expect(["east-1", "east-1.example.net", "a".repeat(63)].filter((name) => !isNodeName(name))).toEqual([]);
    expect(["East", "a..b", "-a", "", "a".repeat(64)].filter(isNodeName)).toEqual([]);
});

it("names every label that is none", () => {
    expect(nodeLabelProblems({ "a b": "!", rack: "!", disk: "ssd" }, "labels")).toEqual([
        { path: "labels", value: '"a b"', ...LABEL_KEY },
        { path: "labels", value: '"!"', ...LABEL_VALUE },
    ]);
});

it("names every taint that is none", () => {
    expect(
        nodeTaintProblems(
            [
                { key: "a b", effect: "NoSchedule" },
                { key: "a", value: "!", effect: "NoSchedule" },
                { key: "a", effect: "NoExecute" },
            ],
            "taints",
        ),
    ).toEqual([
        { path: "taints", value: '"a b"', ...LABEL_KEY },
        { path: "taints", value: '"!"', ...LABEL_VALUE },
    ]);
});
