import { describe, expect, it } from "vitest";

import { Progress } from "../../plan/progress.ts";

function watch(isTTY: boolean) {
    let now = 500;
    let written = "";
    const stream = { isTTY, write: (text: string) => (written += text) };
    const progress = new Progress("dev", { stream, now: () => now });
    return {
        progress,
        at: (milliseconds: number) => (now = 500 + milliseconds),
        written: () => written,
    };
}

describe("Progress", () => {
    it.each([true, false])("says nothing within the first second (terminal: %s)", (isTTY) => {
        const { progress, at, written } = watch(isTTY);
        at(1000);
        progress.update(10);
        progress.end();
        expect(written()).toBe("");
    });

    it("keeps one line up to date on a terminal, and takes it away at the end", () => {
        const { progress, at, written } = watch(true);
        at(1001);
        progress.update(99);
        progress.update(100);
        progress.end();
        const line = "planning dev: 100 resources";
        expect(written()).toBe(`\rplanning dev: 99 resources\r${line}\r${" ".repeat(line.length)}\r`);
    });

    it("says one line elsewhere, however long it takes", () => {
        const { progress, at, written } = watch(false);
        at(1001);
        progress.update(99);
        at(5000);
        progress.update(100);
        progress.end();
        expect(written()).toBe("planning dev: 99 resources\n");
    });
});
