/*
 * `node ops/test-summary.ts LOG`: the plain line "N passed, N failed" of a test run, from the summary that vitest prints at
 * its end. Nothing, and exit code 1, where there is no such summary: the line must not be made up.
 */
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** `12 passed, 0 failed`, with skipped tests named where there are any. */
export function testSummary(log: string): string | undefined {
    const line = [...stripVTControlCharacters(log).matchAll(/^ +Tests {2}(.+) \(\d+\)$/gm)].at(-1)?.[1];
    if (line === undefined) return undefined;
    const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
    const others = ["skipped", "todo"]
        .filter((word) => count(word) > 0)
        .map((word) => `, ${count(word)} ${word}`);
    return `${count("passed")} passed, ${count("failed")} failed${others.join("")}`;
}

if (import.meta.main) {
    const [file] = process.argv.slice(2);
    if (file === undefined) throw new Error("usage: node ops/test-summary.ts LOG");
    const summary = testSummary(readFileSync(file, "utf8"));
    if (summary === undefined) {
        console.error(`${file} has no summary of tests`);
        process.exitCode = 1;
    } else console.log(summary);
}
