import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { unzipped, zipped } from "./zip.ts";

test("an archive holds its file, for others too", () => {
    const content = Buffer.from("snapshot ".repeat(1000));
    const archive = zipped("a-snapshot", content);
    expect(archive.length).toBeLessThan(content.length);
    expect(unzipped(archive)).toEqual(content);
    const folder = mkdtempSync(join(tmpdir(), "zip-"));
    try {
        writeFileSync(join(folder, "a.zip"), archive);
        const read =
            "import sys,zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read('a-snapshot'))";
        expect(execFileSync("python3", ["-c", read, join(folder, "a.zip")])).toEqual(content);
    } finally {
        rmSync(folder, { recursive: true });
    }
});

test("what is none is refused", () => {
    expect(() => unzipped(Buffer.from("no archive"))).toThrow("it is no archive");
});
