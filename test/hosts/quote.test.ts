import { execFileSync } from "node:child_process";

import fc from "fast-check";
import { expect, test } from "vitest";

import { bashScript, quote } from "../../components/host/bash.ts";

// All that a variable of bash can hold: any text without NUL that UTF-8 can write.
const word = fc
    .array(
        fc.oneof(
            fc.constantFrom(
                "'",
                '"',
                "\\",
                "$",
                "`",
                "\n",
                "\r",
                "\t",
                " ",
                "!",
                "*",
                "~",
                "#",
                ";",
                "&",
                "|",
                "$(id)",
                "${HOME}",
                "'\\''",
            ),
            fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0") && text.isWellFormed()),
        ),
    )
    .map((parts) => parts.join(""));

test("a shell reads a quoted word as exactly that word", () => {
    fc.assert(
        // Many words in one shell: starting one takes longer than anything it does.
        fc.property(fc.array(word, { minLength: 1, maxLength: 50 }), (words) => {
            const script = `printf '%s\\0' ${words.map(quote).join(" ")}`;
            for (const shell of ["bash", "sh"]) {
                const read = execFileSync(shell, ["-s"], { input: script, encoding: "utf8" });
                expect(read.split("\0").slice(0, -1)).toEqual(words);
            }
        }),
        { numRuns: 25 },
    );
});

test("a script gets its variables as they are, in the order of their names, and is not changed itself", () => {
    const file = new URL("../../components/rke2/scripts/kubeconfig.sh", import.meta.url);
    const script = bashScript(file, { ZONE: "it's", API_URL: "$(reboot)" });
    expect(script.startsWith("API_URL='$(reboot)'\nZONE='it'\\''s'\n# Prints the kubeconfig")).toBe(true);
});
