import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { afterEach, beforeEach, expect, it } from "vitest";

import { plain } from "../../plan/paint.ts";
import { run } from "../../plan/run.ts";
import { loadDescription, loadStack } from "../../stacks/load.ts";

const project = resolve(import.meta.dirname, "../..");

let root = "";
beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "plan-"));
});
afterEach(async () => {
    await rm(root, { recursive: true });
});

/** The command as a shell runs it, in the project's folder. */
async function command(...argv: string[]) {
    return promisify(execFile)(process.execPath, ["plan/main.ts", ...argv], { cwd: project }).then(
        ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
        (error: unknown) => {
            if (typeof error !== "object" || error === null || !("code" in error)) throw error;
            const { code } = error;
            const stderr = "stderr" in error ? error.stderr : "";
            return { code, stdout: "stdout" in error ? error.stdout : "", stderr };
        },
    );
}

/** What the command does, in this process, which has loaded the program already: for what says nothing of how a process ends. */
async function inProcess(...argv: string[]) {
    const said = { stdout: "", stderr: "" };
    const code = await run(argv, {
        loadStack,
        loadDescription,
        stdout: { write: (text) => (said.stdout += text) },
        stderr: { write: (text) => (said.stderr += text) },
        paint: plain,
    });
    return { code, ...said };
}

it("plans the laboratory without being told anything else", async () => {
    const out = join(root, "out");
    const { code, stdout, stderr } = await command("--out", out);
    expect(code).toBe(0);
    // A slow machine says that it is at work.
    expect(stderr).toMatch(/^(planning dev: \d+ resources?\n)?$/);
    expect(stdout).toMatch(/^dev: 2 clusters, every cluster with every other\n/);
    expect((await readdir(out)).sort()).toEqual(["east", "plan.json", "topology.md", "topology.svg", "west"]);
});

it("refuses a description with every problem on standard error, and writes nothing", async () => {
    const file = join(root, "mine.ts");
    await writeFile(file, 'export default { name: "mine", clusters: {} };\n');
    const out = join(root, "out");
    const { code, stdout, stderr } = await inProcess("--description", file, "--out", out);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`${file}: 3 problems\n`);
    for (const path of ["rke2", "cilium", "clusters"])
        expect(stderr).toMatch(new RegExp(`^✖ ${path}\\b`, "m"));
    expect(stderr).not.toMatch(/^ +at /m);
    expect(await readdir(root)).toEqual(["mine.ts"]);
});

const UNFINISHED =
    "the plan was not finished: the description, or what it imports, ends the process or waits for what never comes\n";
const GOOD = `export { default } from ${JSON.stringify(join(project, "stacks/dev.ts"))};`;

it.each([
    ["ends the process", "process.exit(0);", UNFINISHED],
    ["waits for ever", "await new Promise(() => {}); export default {};", UNFINISHED],
    [
        "fails later",
        `setTimeout(() => { throw new Error("later\\non"); }, 0); ${GOOD}`,
        "the plan was given up: work that nobody waits for has failed: later on\n",
    ],
    [
        "lets a Promise fail",
        `Promise.reject(Object.create(null)); await new Promise((done) => setTimeout(done, 20)); ${GOOD}`,
        "the plan was given up: work that nobody waits for has failed: an object that is no Error was thrown\n",
    ],
])("ends with 1 and one line for a description that %s", async (_, text, message) => {
    const file = join(root, "mine.mjs");
    await writeFile(file, text);
    const { code, stderr } = await command("--description", file, "--out", join(root, "out"));
    // On a busy machine it tells in between how far it has come.
    const said = String(stderr).replaceAll(/^planning .*\n/gm, "");
    expect({ code, said }).toEqual({ code: 1, said: message });
});

// One of them as a shell sees it, for the exit code of a refusal.
it.each([
    ["a stack that is not there", command, ["nope"], /^there is no stacks\/nope\.ts [^\n]*dev[^\n]*\n$/],
    [
        "a module that is not there",
        inProcess,
        ["--description", "/nope.ts"],
        /^\/nope\.ts cannot be loaded: [^\n]*\n$/,
    ],
])("refuses %s in one line", async (_, start, argv, message) => {
    const { code, stdout, stderr } = await start(...argv, "--out", join(root, "out"));
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(await readdir(root)).toEqual([]);
});
