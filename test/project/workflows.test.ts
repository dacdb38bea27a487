import { existsSync, readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const ROOT = new URL("../../", import.meta.url);
const FOLDER = new URL(".github/workflows/", ROOT);

const permissions = z.record(z.string(), z.enum(["read", "write"]));
const step = z.strictObject({
    name: z.string().optional(),
    id: z.string().optional(),
    if: z.string().optional(),
    uses: z.string().optional(),
    run: z.string().optional(),
    with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    env: z.record(z.string(), z.string()).optional(),
    "continue-on-error": z.boolean().optional(),
});
const job = z.looseObject({
    needs: z.union([z.string(), z.array(z.string())]).optional(),
    if: z.string().optional(),
    uses: z.string().optional(),
    "runs-on": z.string().optional(),
    "timeout-minutes": z.number().optional(),
    environment: z.string().optional(),
    permissions: permissions.optional(),
    strategy: z
        .looseObject({ "max-parallel": z.number().optional(), "fail-fast": z.boolean().optional() })
        .optional(),
    steps: z.array(step).optional(),
});
const workflow = z.strictObject({
    name: z.string(),
    on: z.record(z.string(), z.unknown()),
    permissions,
    concurrency: z.strictObject({ group: z.string(), "cancel-in-progress": z.boolean() }).optional(),
    jobs: z.record(z.string(), job),
});
type Job = z.infer<typeof job>;

const files = readdirSync(FOLDER).sort();
const load = (file: string) => workflow.parse(parse(readFileSync(new URL(file, FOLDER), "utf8")));
const manifest = z
    .object({ scripts: z.record(z.string(), z.string()), dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")));
const jobOf = (file: string, name: string): Job => {
    const found = load(file).jobs[name];
    if (found === undefined) throw new Error(`${file} has no job ${name}`);
    return found;
};
const commands = (of: Job) => (of.steps ?? []).flatMap(({ run }) => (run === undefined ? [] : [run]));

it("there are the workflows that docs/workflows.md tells of", () => {
    expect(files).toEqual(["check.yaml", "deploy.yaml", "pull-request.yaml"]);
});

describe.each(files)("%s", (file) => {
    const { jobs, permissions: top } = load(file);
    const all = Object.entries(jobs);

    it("may only read, unless a job says otherwise", () => {
        expect(top).toEqual({ contents: "read" });
    });

    it("uses only npm scripts and programs that there are", () => {
        const text = all.flatMap(([, of]) => commands(of)).join("\n");
        const scripts = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name ?? "");
        expect(scripts.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
        const programs = [...text.matchAll(/node (\S+\.ts)/g)].map(([, name]) => name ?? "");
        expect(programs.filter((name) => !existsSync(new URL(name, ROOT)))).toEqual([]);
    });

    it("names every action by its major version, and one version of each in all workflows", () => {
        const uses = files
            .flatMap((other) => Object.values(load(other).jobs))
            .flatMap(({ steps }) => steps ?? [])
            .flatMap((of) => (of.uses === undefined ? [] : [of.uses]));
        expect(uses.filter((action) => !/^[\w-]+\/[\w-]+@v\d+$/.test(action))).toEqual([]);
        const versions = new Map(uses.map((action) => [action.split("@")[0], new Set<string>()]));
        for (const action of uses) versions.get(action.split("@")[0])?.add(action);
        expect([...versions.values()].filter(({ size }) => size > 1)).toEqual([]);
    });

    it("gives every job an end, and leaves no token behind in the checkout", () => {
        for (const [name, of] of all.filter(([, { steps }]) => steps !== undefined)) {
            expect(of["timeout-minutes"], name).toBeGreaterThan(0);
            const checkouts = (of.steps ?? []).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
            for (const checkout of checkouts)
                expect(checkout.with, name).toMatchObject({ "persist-credentials": false });
        }
    });

    it("puts nothing that others choose into a shell's text", () => {
        expect(all.flatMap(([, of]) => commands(of)).filter((text) => text.includes("${{"))).toEqual([]);
    });

    it("needs only jobs that there are", () => {
        const needs = all.flatMap(([, of]) => of.needs ?? []);
        expect(needs.filter((name) => !Object.hasOwn(jobs, name))).toEqual([]);
    });

    it("installs the CLI of the version that the program's SDK has", () => {
        const installs = all
            .flatMap(([, { steps }]) => steps ?? [])
            .filter(({ uses }) => uses?.startsWith("pulumi/actions@"));
        for (const install of installs) {
            expect(install.with).toEqual({ "pulumi-version": manifest.dependencies["@pulumi/pulumi"] });
        }
    });
});

describe("the checks", () => {
    it("are format, lint, types and tests, without any secret", () => {
        expect(commands(jobOf("check.yaml", "check")).filter((text) => text.startsWith("npm"))).toEqual([
            "npm ci",
            "npm run format:check",
            "npm run lint",
            "npm run typecheck",
            "npm test",
        ]);
        expect(readFileSync(new URL("check.yaml", FOLDER), "utf8")).not.toContain("secrets.");
    });

    it("come before a deployment", () => {
        expect(jobOf("deploy.yaml", "up").needs).toEqual(["check", "environments"]);
    });
});

describe("a pull request", () => {
    it("is planned without a secret and without a right to write", () => {
        const plan = jobOf("pull-request.yaml", "plan");
        expect(plan.permissions).toBeUndefined();
        expect(JSON.stringify(plan)).not.toMatch(/secrets\.|github\.token/);
    });

    it("fails for a refused description, but only after the comment's text is kept", () => {
        const steps = jobOf("pull-request.yaml", "plan").steps ?? [];
        expect(steps.find(({ id }) => id === "head")?.["continue-on-error"]).toBe(true);
        expect(steps.at(-2)?.uses).toMatch(/^actions\/upload-artifact@/);
        expect(steps.at(-1)).toMatchObject({ if: "steps.head.outcome == 'failure'", run: "exit 1" });
    });

    it("is written to by one job alone, which runs nothing but the script that writes", () => {
        const writers = Object.entries(load("pull-request.yaml").jobs).filter(([, of]) =>
            Object.values(of.permissions ?? {}).includes("write"),
        );
        expect(writers.map(([name]) => name)).toEqual(["comment"]);
        expect(commands(jobOf("pull-request.yaml", "comment"))).toEqual([
            "node ops/post-comment.ts plans/comment.md",
        ]);
    });

    it("from a fork is not written to", () => {
        expect(jobOf("pull-request.yaml", "comment").if).toContain(
            "github.event.pull_request.head.repo.full_name == github.repository",
        );
    });

    it("is previewed only where there is a stack to preview", () => {
        expect(jobOf("pull-request.yaml", "preview").if).toBe("needs.environments.outputs.stacks != '[]'");
    });

    it("tells the choice of stacks whether there is a credential, and not which", () => {
        const choose = (jobOf("pull-request.yaml", "environments").steps ?? []).find(
            ({ id }) => id === "stacks",
        );
        expect(choose?.env?.["CREDENTIALS"]).toBe(
            "${{ secrets.PULUMI_ACCESS_TOKEN != '' || secrets.PULUMI_CONFIG_PASSPHRASE != '' }}",
        );
    });
});

describe("a deployment", () => {
    it("runs one at a time, and none is cut off", () => {
        expect(load("deploy.yaml").concurrency).toEqual({ group: "deploy", "cancel-in-progress": false });
        expect(jobOf("deploy.yaml", "up").strategy).toMatchObject({ "max-parallel": 1, "fail-fast": true });
    });

    it("stands under the protection of its stack's environment", () => {
        expect(jobOf("deploy.yaml", "up").environment).toBe("${{ matrix.stack }}");
    });

    it("follows a push to main, or a person", () => {
        expect(load("deploy.yaml").on).toEqual({ push: { branches: ["main"] }, workflow_dispatch: null });
    });
});
