/* What every script that runs on a host has in common. */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url);
const SCRIPTS = globSync("components/**/*.sh", { cwd: ROOT }).sort();

test("there are scripts to check", () => {
    expect(SCRIPTS).toContain("components/gate/wait-for.sh");
    expect(SCRIPTS).toContain("components/rke2/scripts/node.sh");
});

test("shellcheck finds nothing in them", () => {
    const { error, stdout } = spawnSync("shellcheck", ["--shell=bash", "--format=gcc", ...SCRIPTS], {
        cwd: ROOT,
        encoding: "utf8",
    });
    expect(error, "shellcheck is not installed: apt-get install shellcheck").toBeUndefined();
    expect(stdout).toBe("");
});

describe.each(SCRIPTS)("%s", (script) => {
    const text = readFileSync(new URL(script, ROOT), "utf8");

    test("is what bash can read", () => {
        expect(spawnSync("bash", ["-n"], { input: text, encoding: "utf8" })).toMatchObject({
            status: 0,
            stderr: "",
        });
    });

    test("says what it does, and runs as a whole with no input of its own", () => {
        expect(text).toMatch(/^# \S/);
        // Bash reads the script from standard input: a command that read from there too would eat the rest of it.
        expect(text.endsWith("\nmain </dev/null\n")).toBe(true);
    });

    test("never prints what it runs, as that may hold a secret", () => {
        expect(text).not.toMatch(/\bset -[a-z]*x/);
    });
});
