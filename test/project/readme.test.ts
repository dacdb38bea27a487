import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { mesh, type MeshDescription } from "../../model/description/mesh.ts";
import { checkMesh } from "../../model/check.ts";
import { formatProblems } from "../../model/problem.ts";
import { schemaPaths } from "../docs/schema-paths.ts";
import { blockBehind, README } from "./readme.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/workflows.md", "docs/lab.md"];
const page = (name: string) => readFileSync(new URL(name, ROOT), "utf8");
const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(page("package.json")));

let folder = "";
let example: MeshDescription;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "readme-"));
    const file = join(folder, "demo.ts");
    writeFileSync(file, blockBehind("example: mesh").replace('"../', `"${ROOT.href}`));
    const module: unknown = await import(pathToFileURL(file).href);
    example = mesh.parse(Reflect.get(Object(module), "default"));
});

afterAll(() => {
    rmSync(folder, { recursive: true });
});

/** What the checks say about the example after a change. */
function problemsWith(change: (clusters: Record<string, unknown>) => void): string {
    const changed = structuredClone(example);
    change(changed.clusters);
    return formatProblems("demo", checkMesh(changed).problems);
}

describe("README.md", () => {
    it("has an example that is accepted", () => {
        expect(formatProblems("demo", checkMesh(example).problems)).toBe("demo: 0 problems");
    });

    it("has an example that warns of nothing but the host keys and a single server", () => {
        expect(checkMesh(example).warnings.map(({ path }) => path)).toEqual([
            "clusters.east",
            "clusters.west",
        ]);
    });

    it("has an example of two clusters that peer with each other", () => {
        const peers = checkMesh(example).mesh?.clusters.map(({ name, peers: of }) => [
            name,
            of.map((peer) => peer.name),
        ]);
        expect(peers).toEqual([
            ["east", ["west"]],
            ["west", ["east"]],
        ]);
    });

    it("shows the messages that its changed example gives", () => {
        const overlap = problemsWith((clusters) => {
            Object.assign(Object(clusters["west"]), { id: 1, podCidr: "10.10.128.0/17" });
        });
        expect(blockBehind("problems: overlap")).toBe(overlap);
        const key = problemsWith((clusters) => {
            Object.assign(Object(clusters["west"]), { podCidrs: "10.20.0.0/16" });
        });
        expect(blockBehind("problems: key")).toBe(key);
    });

    it("has one test command, which the machine of .ci/run can read", () => {
        const found = execFileSync(
            "bash",
            ["-c", 'source <(sed -n "/^readme_test_command()/,/^}/p" .ci/run); readme_test_command'],
            { cwd: fileURLToPath(ROOT), encoding: "utf8" },
        );
        expect(found).toBe("npm ci && npm test\n");
        expect(blockBehind("command: test")).toBe("npm ci && npm test");
    });
});

describe.each(PAGES)("%s", (name) => {
    const inline = [
        ...page(name)
            .replaceAll(/^ *```[\s\S]*?^ *```$/gm, "")
            .matchAll(/`([^`\n]+)`/g),
    ].flatMap(([, code]) => (code === undefined ? [] : [code]));

    it("names only options that the schema knows", () => {
        const roots = new Set(Object.keys(mesh.shape));
        const named = inline.filter(
            (code) => /^\w+(\.[\w<>[\]-]+)+$/.test(code) && roots.has(code.split(".")[0] ?? ""),
        );
        const known = schemaPaths().map(({ path }) => new RegExp(`^${toPattern(path)}$`));
        expect(named.filter((code) => !known.some((pattern) => pattern.test(code)))).toEqual([]);
    });

    it("names only npm scripts that there are", () => {
        const used = [...page(name).matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, script]) => script);
        expect(used.filter((script) => script === undefined || !Object.hasOwn(scripts, script))).toEqual([]);
    });

    it("links only to files that there are", () => {
        const base = new URL(name, ROOT);
        const links = [...page(name).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) => link ?? "");
        expect(links.filter((link) => !existsSync(new URL(link, base)))).toEqual([]);
    });

    it("names only folders and scripts that there are", () => {
        const named = [
            ...inline.filter((code) => /^(model|components|stacks|plan|ops|docs|test)\/[\w/.-]*$/.test(code)),
            ...[...page(name).matchAll(/node (ops\/[\w-]+\.ts)/g)].map(([, script]) => script ?? ""),
        ].filter((code) => !/^stacks\/(demo|NAME)\.ts$/.test(code));
        expect(named.filter((code) => !existsSync(new URL(code, ROOT)))).toEqual([]);
    });
});

/** `clusters.<name>.id` as what stands for it in prose: itself, or with names in place of `<name>`. */
function toPattern(path: string): string {
    return path.replaceAll(/[.[\]]/g, "\\$&").replaceAll("<name>", "(?:<name>|[\\w-]+)");
}

it("README.md is among the pages that are checked", () => {
    expect(page("README.md")).toBe(README);
});
