import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { USAGE } from "../../plan/arguments.ts";
import { plain } from "../../plan/paint.ts";
import { run, type Environment } from "../../plan/run.ts";
import { sampleDescription, sampleProgram } from "./sample.ts";

let root = "";
beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "plan-"));
});
afterEach(async () => {
    await rm(root, { recursive: true });
});

async function runPlan(argv: readonly string[], changes: Partial<Environment> = {}) {
    let stdout = "";
    let stderr = "";
    const code = await run(argv, {
        program: sampleProgram,
        loadStack: (name) =>
            name === "dev"
                ? Promise.resolve(sampleDescription)
                : Promise.reject(new pulumi.RunError(`there is no stack ${name}; there are: dev`)),
        loadDescription: (file) => Promise.reject(new pulumi.RunError(`${file} cannot be loaded`)),
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text) },
        now: () => 0,
        paint: plain,
        ...changes,
    });
    return { code, stdout, stderr };
}

describe("npm run plan", () => {
    it("prints the tree, writes the files and says where they are", async () => {
        const out = join(root, "out");
        const { code, stdout, stderr } = await runPlan(["--out", out]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        expect(stdout).toMatch(/^sample: 2 clusters, /);
        expect(stdout).toContain(
            `\n21 files in ${out}: plan.json has every resource, topology.svg the picture\n`,
        );
        expect((await readdir(out)).sort()).toEqual([
            "east",
            "plan.json",
            "topology.md",
            "topology.svg",
            "west",
        ]);
    });

    it("plans another description as the stack it is told", async () => {
        const out = join(root, "out");
        const { code } = await runPlan(["lab", "--description", "mine.ts", "--out", out], {
            loadDescription: () => Promise.resolve(sampleDescription),
        });
        expect(code).toBe(0);
    });

    it("prints the usage and does nothing else", async () => {
        expect(await runPlan(["--help", "--out", join(root, "out")])).toEqual({
            code: 0,
            stdout: `${USAGE}\n`,
            stderr: "",
        });
    });

    const own = (description: unknown): Partial<Environment> => ({
        loadStack: () => Promise.resolve(description),
    });
    const bad: Record<string, [string[], string, Partial<Environment>?]> = {
        "an unknown option": [["--nope"], `Unknown option '--nope'\n\n${USAGE}\n`],
        "a stack that is not there": [["nope"], "there is no stack nope; there are: dev\n"],
        "a module that cannot be loaded": [["--description", "x.ts"], "x.ts cannot be loaded\n"],
        "a description that is none": [
            [],
            "dev: 1 problem\n✖ description = 42\n    must be an object, and not a number\n    fix: see docs/reference.md for what may stand here\n",
            own(42),
        ],
        "another description that is none": [
            ["--description", "mine.ts"],
            "mine.ts: 1 problem\n✖ description\n    must be an object, and not an array\n    fix: see docs/reference.md for what may stand here\n",
            { loadDescription: () => Promise.resolve(["hunter2"]) },
        ],
        "what fails with no Error": [
            [],
            "an object that is no Error was thrown\n",
            {
                loadStack: () =>
                    new Promise((_, fail) => {
                        Reflect.apply(fail, undefined, [Object.create(null)]);
                    }),
            },
        ],
        "a check that a component makes late": [
            [],
            "not with this\n",
            {
                program: {
                    ...sampleProgram,
                    deploy: () => ({
                        late: new pulumi.ComponentResource("a:b:C", "c", {
                            input: pulumi.output(1).apply(() => {
                                throw new pulumi.RunError("not with this");
                            }),
                        }).urn,
                    }),
                },
            },
        ],
    };

    it.each(Object.entries(bad))(
        "refuses %s in one message and writes nothing",
        async (_, [argv, message, changes]) => {
            const { code, stdout, stderr } = await runPlan([...argv, "--out", join(root, "out")], changes);
            expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: message });
            expect(await readdir(root)).toEqual([]);
        },
    );

    it("shows every problem of a description on standard error", async () => {
        const { code, stdout, stderr } = await runPlan(
            ["--out", join(root, "out")],
            own({ ...sampleDescription, name: "Not A Name", clustres: {} }),
        );
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(stderr.match(/^✖ /gm)).toHaveLength(2);
        expect(await readdir(root)).toEqual([]);
    });

    it("looks at the folder before it plans anything", async () => {
        const { code, stderr } = await runPlan(["--out", "package.json"], {
            loadStack: () => Promise.reject(new Error("too early")),
        });
        expect({ code, stderr }).toEqual({
            code: 1,
            stderr: "package.json is not a folder: name another one with --out\n",
        });
    });

    it("shows where a mistake of the program was made", async () => {
        const { code, stderr } = await runPlan(["--out", join(root, "out")], {
            program: {
                ...sampleProgram,
                deploy: () => {
                    throw new TypeError("a bug");
                },
            },
        });
        expect(code).toBe(1);
        expect(stderr).toMatch(/^TypeError: a bug\n {4}at .*run\.test\.ts/);
        expect(await readdir(root)).toEqual([]);
    });
});
