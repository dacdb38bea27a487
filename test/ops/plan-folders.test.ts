import { execFileSync } from "node:child_process";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { planStack } from "../../ops/plan-all.ts";
import { planBase } from "../../ops/plan-base.ts";

let home = "";
const at = (...path: string[]) => join(home, ...path);

beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "plans-"));
});

afterEach(() => {
    vi.restoreAllMocks();
    rmSync(home, { recursive: true });
});

function write(name: string, content: string): string {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), content);
    return at(name);
}

describe("the plan of one stack", () => {
    it("leaves the plan and what was printed", async () => {
        const script = write("plan.mjs", 'console.log("planned", ...process.argv.slice(2));');
        expect(await planStack("dev", at("out"), script)).toBe(true);
        expect(readdirSync(at("out"))).toEqual(["tree.txt"]);
        expect(readFileSync(at("out", "tree.txt"), "utf8")).toBe(`planned dev --out ${at("out", "plan")}\n`);
    });

    it("leaves the reason where it is refused, and nothing of an earlier plan", async () => {
        vi.spyOn(process.stderr, "write").mockReturnValue(true);
        write("out/plan/plan.json", "{}");
        const script = write("plan.mjs", 'console.error("dev: 2 problems"); process.exitCode = 1;');
        expect(await planStack("dev", at("out"), script)).toBe(false);
        expect(readdirSync(at("out")).sort()).toEqual(["refused.txt", "tree.txt"]);
        expect(readFileSync(at("out", "refused.txt"), "utf8")).toBe("dev: 2 problems\n");
    });
});

describe("the plans of the target branch", () => {
    const git = (...args: string[]) =>
        execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.net", ...args], {
            cwd: at("repository"),
            encoding: "utf8",
            stdio: ["ignore", "pipe", "ignore"],
        }).trim();

    beforeEach(() => {
        mkdirSync(at("repository"));
        git("init", "--initial-branch=main");
        write(
            "repository/ops/plan-all.ts",
            'import { writeFileSync } from "node:fs";\nwriteFileSync(`${process.argv[2]}/made-by.txt`, "first");\n',
        );
        git("add", ".");
        git("commit", "-m", "first");
        write("bin/npm", '#!/bin/sh\n[ "$*" = ci ] && [ -z "$BROKEN" ]\n');
        chmodSync(at("bin", "npm"), 0o755);
        vi.stubEnv("PATH", `${at("bin")}:${process.env["PATH"] ?? ""}`);
        vi.spyOn(console, "error").mockReturnValue();
    });

    it("come from the commit that the branch left it at, with that commit's own program", () => {
        const first = git("rev-parse", "HEAD");
        git("branch", "feature");
        write("repository/later.txt", "on main");
        git("add", ".");
        git("commit", "-m", "second, on main");
        git("checkout", "feature");
        rmSync(at("repository", "ops", "plan-all.ts"));
        git("commit", "-am", "third, on the branch");
        expect(planBase("main", at("out"), at("repository"))).toBe(first);
        expect(readFileSync(at("out", "made-by.txt"), "utf8")).toBe("first");
        expect(git("worktree", "list").split("\n")).toHaveLength(1);
        expect(existsSync(at("out", "failed.txt"))).toBe(false);
    });

    it("are missing with a reason where the commit had no such program", () => {
        rmSync(at("repository", "ops", "plan-all.ts"));
        git("commit", "-am", "without");
        const commit = git("rev-parse", "HEAD");
        expect(planBase("main", at("out"), at("repository"))).toBe(commit);
        expect(readFileSync(at("out", "failed.txt"), "utf8")).toBe(
            `${commit.slice(0, 12)} has no program that plans\n`,
        );
    });

    it("are missing with a reason where its packages cannot be installed", () => {
        vi.stubEnv("BROKEN", "1");
        const commit = planBase("main", at("out"), at("repository")) ?? "";
        expect(readFileSync(at("out", "failed.txt"), "utf8")).toBe(
            `the packages of ${commit.slice(0, 12)} cannot be installed\n`,
        );
    });

    it("are missing with a reason where nothing is common", () => {
        expect(planBase("nowhere", at("out"), at("repository"))).toBeUndefined();
        expect(readFileSync(at("out", "failed.txt"), "utf8")).toBe(
            "nowhere and this branch have no commit in common\n",
        );
    });
});
