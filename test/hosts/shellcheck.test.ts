/* What every script that runs on a host has in common. */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { bashScript } from "../../components/host/bash.ts";

const ROOT = new URL("../../", import.meta.url);
const FILES = globSync("components/**/*.sh", { cwd: ROOT }).sort();
/** What is run; the others are parts of these. */
const SCRIPTS = FILES.filter((file) => !file.includes("/parts/"));

test("there are scripts to check", () => {
    expect(SCRIPTS).toContain("components/gate/wait-for.sh");
    expect(SCRIPTS).toContain("components/rke2/scripts/node.sh");
});

test.each(SCRIPTS)("shellcheck finds nothing in %s and its parts", (script) => {
    const { error, stdout } = spawnSync(
        "shellcheck",
        // A part has variables that not every script needs; and without a script's own, a name may look like a list.
        ["--shell=bash", "--format=gcc", "--exclude=SC2034,SC2190", "-"],
        { input: bashScript(new URL(script, ROOT), {}), encoding: "utf8" },
    );
    expect(error, "shellcheck is not installed: apt-get install shellcheck").toBeUndefined();
    expect(stdout).toBe("");
});

describe.each(FILES)("%s", (file) => {
    const text = readFileSync(new URL(file, ROOT), "utf8");

    test("is what bash can read, and says what it is", () => {
        expect(spawnSync("bash", ["-n"], { input: text, encoding: "utf8" })).toMatchObject({
            status: 0,
            stderr: "",
        });
        expect(text).toMatch(/^# \S/);
    });

    test("never prints what it runs, as that may hold a secret", () => {
        expect(text).not.toMatch(/\bset -[a-z]*x/);
    });
});

describe.each(SCRIPTS)("%s", (script) => {
    const text = readFileSync(new URL(script, ROOT), "utf8");

    test("runs as a whole with no input of its own", () => {
        // Bash reads the script from standard input: a command that read from there too would eat the rest of it.
        expect(text.endsWith("\nmain </dev/null\n")).toBe(true);
    });
});
