import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { LIMIT, MARKER, planComment } from "../../ops/plan-comment.ts";
import { planDiff } from "../../ops/plan-diff.ts";

let folder = "";
const base = () => join(folder, "base");
const head = () => join(folder, "head");

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "comment-"));
});

afterEach(() => {
    rmSync(folder, { recursive: true });
});

function write(side: "base" | "head", files: Readonly<Record<string, string>>): void {
    for (const [name, content] of Object.entries(files)) {
        const file = join(folder, side, name);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
    }
}

const PICTURE = "```mermaid\nflowchart LR\n  east --- west\n```";

const plan = (stack: string, value: string) => ({
    [`${stack}/tree.txt`]: `mesh ${stack}\n`,
    [`${stack}/plan/plan.json`]: `{ "value": "${value}" }\n`,
    [`${stack}/plan/topology.md`]: `# ${stack}\n\n${PICTURE}\n`,
    [`${stack}/plan/topology.svg`]: `<svg>${value}</svg>\n`,
    [`${stack}/plan/east/nodes/east-1/config.yaml`]: `node-name: ${value}\n`,
});

describe("the difference of two plans", () => {
    it("is empty where nothing differs", () => {
        write("base", plan("dev", "a"));
        write("head", plan("dev", "a"));
        expect(planDiff(join(base(), "dev/plan"), join(head(), "dev/plan"))).toBe("");
    });

    it("has no times and no SVG, and ends with the file that holds everything", () => {
        write("base", plan("dev", "a"));
        write("head", { ...plan("dev", "b"), "dev/plan/z.yaml": "new: true\n" });
        expect(planDiff(join(base(), "dev/plan"), join(head(), "dev/plan"))).toBe(
            [
                "diff -ruN base/dev/plan/east/nodes/east-1/config.yaml head/dev/plan/east/nodes/east-1/config.yaml",
                "--- base/dev/plan/east/nodes/east-1/config.yaml",
                "+++ head/dev/plan/east/nodes/east-1/config.yaml",
                "@@ -1 +1 @@",
                "-node-name: a",
                "+node-name: b",
                "diff -ruN base/dev/plan/z.yaml head/dev/plan/z.yaml",
                "--- base/dev/plan/z.yaml",
                "+++ head/dev/plan/z.yaml",
                "@@ -0,0 +1 @@",
                "+new: true",
                "diff -ruN base/dev/plan/plan.json head/dev/plan/plan.json",
                "--- base/dev/plan/plan.json",
                "+++ head/dev/plan/plan.json",
                "@@ -1 +1 @@",
                '-{ "value": "a" }',
                '+{ "value": "b" }',
                "",
            ].join("\n"),
        );
    });

    it("leaves lines of content alone that look like a file's name", () => {
        write("base", { "dev/plan/a": "-- x\t2026\nsame\n" });
        write("head", { "dev/plan/a": "-- y\t2026\nsame\n" });
        const diff = planDiff(join(base(), "dev/plan"), join(head(), "dev/plan"));
        expect(diff).toContain("\n--- x\t2026\n+-- y\t2026\n");
    });
});

describe("the comment of a pull request", () => {
    it("begins with the marker it is found again by", () => {
        write("head", plan("dev", "a"));
        expect(planComment(base(), head()).split("\n")[0]).toBe(MARKER);
    });

    it("shows the tree, the picture and what changes", () => {
        write("base", plan("dev", "a"));
        write("head", plan("dev", "b"));
        const comment = planComment(base(), head());
        expect(comment).toContain("### dev\n\n2 files differ: 2 lines more, 2 lines less.\n\n" + PICTURE);
        expect(comment).toContain(
            "<details><summary>What it is planned to be</summary>\n\n```text\nmesh dev\n```\n\n</details>",
        );
        expect(comment).toContain("<details><summary>What changes</summary>\n\n```diff\ndiff -ruN ");
        expect(comment).toContain("\n-node-name: a\n+node-name: b\n");
    });

    it("says so where nothing changes, and shows no difference", () => {
        write("base", plan("dev", "a"));
        write("head", plan("dev", "a"));
        const comment = planComment(base(), head());
        expect(comment).toContain("### dev\n\nNo change.\n");
        expect(comment).not.toContain("What changes");
    });

    it("shows a new stack without a difference", () => {
        write("head", plan("dev", "a"));
        const comment = planComment(base(), head());
        expect(comment).toContain("### dev\n\nNew: there is no plan of it to compare with.\n");
        expect(comment).not.toContain("What changes");
    });

    it("says that a stack is gone", () => {
        write("base", { ...plan("dev", "a"), ...plan("old", "a") });
        write("head", plan("dev", "a"));
        expect(planComment(base(), head())).toContain(
            "### old\n\nIs no longer described: nothing plans it any more.",
        );
    });

    it("shows why a description is refused", () => {
        write("base", plan("dev", "a"));
        write("head", { "dev/tree.txt": "", "dev/refused.txt": "dev: 1 problem\n✖ clusters.east.id\n" });
        expect(planComment(base(), head())).toContain(
            "### dev\n\n**Refused.** Nothing of it would be touched.\n\n```text\ndev: 1 problem\n✖ clusters.east.id\n```",
        );
    });

    it("says why the target branch has no plans", () => {
        write("base", { "failed.txt": "abc has no program that plans\n" });
        write("head", plan("dev", "a"));
        expect(planComment(base(), head())).toContain(
            "The target branch could not be planned, so everything shows as new: abc has no program that plans.",
        );
    });

    it("has a line where there is no stack", () => {
        expect(planComment(base(), head())).toBe(`${MARKER}\n\n## Plan\n\nNo stack is described here.\n`);
    });

    it("lets no content close its fence", () => {
        write("head", { ...plan("dev", "a"), "dev/tree.txt": "before\n````\nafter\n" });
        expect(planComment(base(), head())).toContain("`````text\nbefore\n````\nafter\n`````");
    });

    it("is cut at a line's end, says how much is left out, and keeps its form", () => {
        write("base", plan("dev", "a"));
        const many = Array.from({ length: 10_000 }, (_, line) => `line ${line}\n`).join("");
        write("head", { ...plan("dev", "b"), "dev/tree.txt": many, "dev/plan/many.yaml": many });
        const comment = planComment(base(), head());
        expect(comment.length).toBeLessThanOrEqual(LIMIT);
        expect(comment.length).toBeGreaterThan(LIMIT * 0.9);
        const notes = comment.match(
            /^\.\.\. \d+ more lines: all of it is in the artifact "plans" of this run$/gm,
        );
        expect(notes).toHaveLength(2);
        expect(comment.match(/<details>/g)).toHaveLength(2);
        expect(comment.match(/^<\/details>$/gm)).toHaveLength(2);
        expect(comment.match(/^```$/gm)).toHaveLength(3);
        const left = /line (\d+)\n\.\.\. (\d+) more lines/.exec(comment);
        expect(Number(left?.[1]) + 1 + Number(left?.[2])).toBe(10_000);
    });

    it("leaves out a picture that is too large, for half a picture is none", () => {
        const picture = "```mermaid\n" + "  a --- b\n".repeat(5_000) + "```";
        write("head", { ...plan("dev", "a"), "dev/plan/topology.md": picture });
        expect(planComment(base(), head())).not.toContain("mermaid");
    });

    it("is never longer than the limit, however many stacks there are", () => {
        const text = "word ".repeat(40).concat("\n").repeat(50);
        for (let stack = 0; stack < 300; stack++) {
            write("head", { [`stack-${stack}/tree.txt`]: text, [`stack-${stack}/plan/plan.json`]: "{}" });
        }
        expect(planComment(base(), head()).length).toBeLessThanOrEqual(LIMIT);
    });

    it("is the same every time", () => {
        write("base", plan("dev", "a"));
        write("head", plan("dev", "b"));
        expect(planComment(base(), head())).toBe(planComment(base(), head()));
    });
});
