import { expect, it } from "vitest";

import { publishedSum } from "./checksum.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);

it.each([
    ["among others", `${B}  other.tar.gz\n${A}  wanted.tar.gz\n`],
    ["of a binary file", `${A} *wanted.tar.gz\n`],
    ["in a folder", `${A}  ./dist/wanted.tar.gz\n`],
    ["alone", `${A}\n`],
    ["in capitals, with another line end", `${A.toUpperCase()}  wanted.tar.gz\r\n`],
])("a file's sum is found %s", (_, text) => {
    expect(publishedSum(text, "wanted.tar.gz")).toBe(A);
});

it.each([
    ["of another file", `${A}  unwanted.tar.gz\n`],
    ["of another kind", `${"a".repeat(128)}  wanted.tar.gz\n`],
    ["in a page of the web", "<html>Please log in</html>"],
])("no sum is taken %s", (_, text) => {
    expect(publishedSum(text, "wanted.tar.gz")).toBeUndefined();
});
