import { describe, expect, it } from "vitest";

import { testSummary } from "../../ops/test-summary.ts";

const log = (tests: string) =>
    ` ✓ test/a.test.ts (3 tests) 12ms\n\n Test Files  1 passed (1)\n      Tests  ${tests}\n   Start at  10:00:00\n`;

describe("the summary of a test run", () => {
    it("counts what passed", () => {
        expect(testSummary(log("12 passed (12)"))).toBe("12 passed, 0 failed");
    });

    it("counts what failed", () => {
        expect(testSummary(log("2 failed | 10 passed (12)"))).toBe("10 passed, 2 failed");
        expect(testSummary(log("2 failed (2)"))).toBe("0 passed, 2 failed");
    });

    it("names what was skipped, so that it is not taken for passed", () => {
        expect(testSummary(log("10 passed | 1 skipped | 2 todo (13)"))).toBe(
            "10 passed, 0 failed, 1 skipped, 2 todo",
        );
    });

    it("reads through colours", () => {
        const coloured =
            "\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m7 passed\u001b[39m\u001b[22m\u001b[90m (7)\u001b[39m\n";
        expect(testSummary(coloured)).toBe("7 passed, 0 failed");
    });

    it("is nothing where there is no summary", () => {
        expect(testSummary("npm error code ELIFECYCLE\n")).toBeUndefined();
    });
});
