import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { writePlan } from "../../plan/write.ts";

/** A plan of the files that are named. */
function planOf(...files: string[]): string {
    return JSON.stringify({ format: "multicluster-plan/1", files });
}

const CONFIG = "east/nodes/east-1/config.yaml";
const OURS = planOf(CONFIG);
const FILES = new Map([
    ["plan.json", OURS],
    [CONFIG, "a: 1\n"],
]);

let root = "";
beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "plan-"));
});
afterEach(async () => {
    await rm(root, { recursive: true });
});

/** Every file below a folder, with its text. */
async function read(folder: string): Promise<Record<string, string>> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
    const texts = await Promise.all(
        files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, "utf8")] as const),
    );
    return Object.fromEntries(texts);
}

describe("writePlan", () => {
    it("writes every file where nothing is yet, and leaves nothing beside", async () => {
        await writePlan(join(root, "deep/out"), FILES);
        expect(await read(root)).toEqual({
            "deep/out/plan.json": OURS,
            "deep/out/east/nodes/east-1/config.yaml": "a: 1\n",
        });
        expect(await readdir(join(root, "deep"))).toEqual(["out"]);
    });

    it("writes into an empty folder", async () => {
        await mkdir(join(root, "out"));
        await writePlan(join(root, "out"), FILES);
        expect(Object.keys(await read(join(root, "out")))).toHaveLength(2);
    });

    it("replaces an earlier plan as a whole", async () => {
        const larger = new Map([
            ...FILES,
            ["old/gone.txt", "x"],
            ["plan.json", planOf(CONFIG, "old/gone.txt")],
        ]);
        await writePlan(join(root, "out"), larger);
        await writePlan(join(root, "out"), FILES);
        expect(await read(join(root, "out"))).toEqual(Object.fromEntries(FILES));
        expect(await readdir(root)).toEqual(["out"]);
    });

    it.each([
        ["holds something else", { "notes.txt": "mine" }],
        ["holds a plan.json of someone else", { "plan.json": '{"format":"terraform"}' }],
        ["holds a plan.json without a list of files", { "plan.json": '{"format":"multicluster-plan/1"}' }],
        [
            "holds a plan.json with a list that is none",
            { "plan.json": '{"format":"multicluster-plan/1","files":1}' },
        ],
        ["holds a plan.json that is no JSON", { "plan.json": "not json" }],
    ])("leaves a folder alone that %s", async (_, files) => {
        const out = join(root, "out");
        await mkdir(out);
        for (const [name, text] of Object.entries(files)) await writeFile(join(out, name), text);
        await expect(writePlan(out, FILES)).rejects.toThrow(
            new pulumi.RunError(
                `${out} is not empty and holds no plan, so it is left alone: name another folder with --out, or empty it`,
            ),
        );
        expect(await read(root)).toEqual(
            Object.fromEntries(Object.entries(files).map(([name, text]) => [`out/${name}`, text])),
        );
    });

    it.each(["mynotes.txt", "east/nodes/mynotes.txt"])(
        "leaves a plan alone to which someone has added %s",
        async (name) => {
            const out = join(root, "out");
            await writePlan(out, FILES);
            await writeFile(join(out, name), "mine");
            await expect(writePlan(out, FILES)).rejects.toThrow(
                new pulumi.RunError(
                    `${out} holds ${name}, which is no part of the plan there, so it is left alone: name another folder with --out, or move that file`,
                ),
            );
            expect(await read(out)).toEqual({ ...Object.fromEntries(FILES), [name]: "mine" });
        },
    );

    it("leaves a plan alone to which someone has added a link", async () => {
        const out = join(root, "out");
        await writePlan(out, FILES);
        await symlink(root, join(out, "link"));
        await expect(writePlan(out, FILES)).rejects.toThrow(`${out} holds link, which is no part of`);
    });

    it("replaces a plan of which files are gone", async () => {
        const out = join(root, "out");
        await writePlan(out, FILES);
        await rm(join(out, "east"), { recursive: true });
        await writePlan(out, FILES);
        expect(await read(out)).toEqual(Object.fromEntries(FILES));
    });

    it("leaves a file alone, and a link", async () => {
        await writeFile(join(root, "file"), "mine");
        await mkdir(join(root, "folder"));
        await symlink(join(root, "folder"), join(root, "link"));
        for (const name of ["file", "link"]) {
            await expect(writePlan(join(root, name), FILES)).rejects.toThrow(
                new pulumi.RunError(`${join(root, name)} is not a folder: name another one with --out`),
            );
        }
        expect(await read(root)).toEqual({ file: "mine" });
    });

    it("says in one line where it cannot write", async () => {
        await writeFile(join(root, "file"), "mine");
        const out = join(root, "file/out");
        await expect(writePlan(out, FILES)).rejects.toSatisfy(
            (error) =>
                pulumi.RunError.isInstance(error) &&
                error.message.startsWith(`the plan cannot be written to ${out}: ENOTDIR: not a directory`),
        );
    });

    it("leaves the earlier plan as it was when writing fails half-way", async () => {
        const out = join(root, "out");
        await writePlan(out, FILES);
        // A file and a folder of the same name: the second one cannot be made.
        const impossible = new Map([
            ["a", "file"],
            ["a/b", "in a folder"],
        ]);
        await expect(writePlan(out, impossible)).rejects.toThrow(`the plan cannot be written to ${out}: `);
        expect(await read(out)).toEqual(Object.fromEntries(FILES));
        expect(await readdir(root)).toEqual(["out"]);
    });
});
