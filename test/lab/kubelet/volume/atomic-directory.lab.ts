/* Files are given to whom they are meant for, which only root may do: so it is the lab's suite that runs this. */
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { writeAtomically } from "./atomic-directory.ts";

describe("a folder that is written atomically", () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "volume-"));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });
    const file = (text: string, mode = 0o644) => ({ content: Buffer.from(text), mode });

    test("changes as a whole, and only when something has changed", () => {
        expect(
            writeAtomically(
                folder,
                new Map([
                    ["a", file("1")],
                    ["sub/b", file("2", 0o400)],
                ]),
            ),
        ).toBe(true);
        const first = readlinkSync(join(folder, "..data"));
        expect(readFileSync(join(folder, "sub/b"), "utf8")).toBe("2");
        expect(statSync(join(folder, "sub/b")).mode & 0o777).toBe(0o400);
        expect(
            writeAtomically(
                folder,
                new Map([
                    ["a", file("1")],
                    ["sub/b", file("2", 0o400)],
                ]),
            ),
        ).toBe(false);
        expect(readlinkSync(join(folder, "..data"))).toBe(first);

        expect(writeAtomically(folder, new Map([["a", file("3")]]))).toBe(true);
        expect(readFileSync(join(folder, "a"), "utf8")).toBe("3");
        expect(statSync(join(folder, "sub"), { throwIfNoEntry: false })).toBeUndefined();
        expect(statSync(join(folder, first), { throwIfNoEntry: false })).toBeUndefined();
    });

    test("is readable for the group of the pod", () => {
        writeAtomically(folder, new Map([["key", file("1", 0o400)]]), 65532);
        const { mode, gid } = statSync(join(folder, "key"));
        expect([mode & 0o777, gid]).toEqual([0o440, 65532]);
    });
});
