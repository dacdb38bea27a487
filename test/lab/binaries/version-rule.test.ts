import { describe, expect, it } from "vitest";

import { anyVersion, exactly, minors, since } from "./version-rule.ts";

describe("a version is good enough", () => {
    it.each([
        [exactly("1.35.4"), ["1.35.4"], ["1.35.3", "1.35.40", "1.36.0"]],
        [since("3.259.0"), ["3.259.0", "3.260.1", "3.1000.0"], ["3.258.9", "3.26.0", "4.0.0", "2.300.0"]],
        [minors("1.34", "1.36"), ["1.34.0", "1.35.4", "1.36.99"], ["1.33.9", "1.37.0", "2.35.0", "1.3.4"]],
        [anyVersion, ["0.1", "9.2"], []],
    ])("where the rule is $text", (rule, good, bad) => {
        expect(good.filter((version) => !rule.accepts(version))).toEqual([]);
        expect(bad.filter((version) => rule.accepts(version))).toEqual([]);
    });

    it("which the rule says in words", () => {
        expect([exactly("1.2.3"), since("3.4.0"), minors("1.34", "1.36")].map(({ text }) => text)).toEqual([
            "1.2.3",
            "3.4.0 or newer, below 4",
            "1.34 to 1.36",
        ]);
    });
});
