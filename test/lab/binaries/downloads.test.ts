import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { downloadChart } from "./chart-repository.ts";
import { Downloads } from "./downloads.ts";
import type { FetchFile } from "./fetch-file.ts";

const RELEASE = {
    version: "1.0.0",
    url: "https://files.example/v1/tool.tar.gz",
    checksums: "https://files.example/v1/sums",
    member: "tool-1/tool",
};

let home: string;
let folder: string;
let said: string[];
let asked: string[];
const say = (line: string) => said.push(line);
/** What the web has. */
let web: Map<string, string | Buffer>;
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "downloads-"));
    folder = join(home, "folder");
    mkdirSync(folder);
    [said, asked, web] = [[], [], new Map<string, string | Buffer>()];
});
afterEach(() => {
    rmSync(home, { recursive: true });
});

const fetch: FetchFile = (url, file) => {
    asked.push(url);
    const content = web.get(url);
    if (content !== undefined) writeFileSync(file, content);
    const unreachable = url.includes("nowhere");
    return Promise.resolve(
        content === undefined ? { reason: unreachable ? "no host" : "404", unreachable } : undefined,
    );
};

function downloads(): Downloads {
    return new Downloads(say, fetch);
}

function archive(): Buffer {
    mkdirSync(join(home, "tool-1"));
    writeFileSync(join(home, "tool-1", "tool"), "the program");
    return execFileSync("tar", ["-czf", "-", "-C", home, "tool-1"]);
}

function sum(content: string | Buffer): string {
    return createHash("sha256").update(content).digest("hex");
}

it("brings a program out of an archive with the right checksum", async () => {
    const content = archive();
    web.set(RELEASE.url, content).set(
        RELEASE.checksums,
        `${sum("x")}  other\n${sum(content)}  tool.tar.gz\n`,
    );
    const file = await downloads().program("tool", RELEASE, folder);
    expect(readFileSync(file ?? "", "utf8")).toBe("the program");
    expect(said).toEqual([]);
});

it("brings a program that is a file of its own", async () => {
    web.set("https://files.example/kubectl", "k").set("https://files.example/kubectl.sha256", sum("k"));
    const url = "https://files.example/kubectl";
    const file = await downloads().program(
        "kubectl",
        { version: "1", url, checksums: `${url}.sha256` },
        folder,
    );
    expect(readFileSync(file ?? "", "utf8")).toBe("k");
});

it("throws away what has another checksum", async () => {
    web.set(RELEASE.url, "evil").set(RELEASE.checksums, `${sum("good")}  tool.tar.gz\n`);
    expect(await downloads().program("tool", RELEASE, folder)).toBeUndefined();
    expect(said).toEqual([
        `tool: ${RELEASE.url} is thrown away, as its SHA-256 sum is ${sum("evil")}, and its makers publish ${sum("good")}`,
    ]);
});

it("downloads nothing that nobody vouches for", async () => {
    web.set(RELEASE.url, archive());
    expect(await downloads().program("tool", RELEASE, folder)).toBeUndefined();
    web.set(RELEASE.checksums, "<html>log in</html>");
    expect(await downloads().program("tool", RELEASE, folder)).toBeUndefined();
    expect(asked).toEqual([RELEASE.checksums, RELEASE.checksums]);
    expect(said).toEqual([
        `tool: no download of ${RELEASE.checksums} (404)`,
        `tool: not downloaded, as ${RELEASE.checksums} says nothing of tool.tar.gz`,
    ]);
});

it("tells what is wrong with an archive", async () => {
    const content = archive();
    web.set(RELEASE.url, content).set(RELEASE.checksums, `${sum(content)}  tool.tar.gz\n`);
    expect(
        await downloads().program("tool", { ...RELEASE, member: "elsewhere/tool" }, folder),
    ).toBeUndefined();
    expect(said).toEqual([expect.stringContaining("tool: no elsewhere/tool in tool.tar.gz: ")]);
});

it("asks a host that cannot be reached once, and one that has no such file again", async () => {
    const all = downloads();
    await all.text("a", "https://nowhere.example/a", folder);
    await all.text("b", "https://nowhere.example/b", folder);
    await all.text("c", "https://files.example/c", folder);
    await all.text("d", "https://files.example/d", folder);
    expect(asked).toEqual([
        "https://nowhere.example/a",
        "https://files.example/c",
        "https://files.example/d",
    ]);
});

const CHART = { name: "cilium", version: "1.19.6" };

function index(digest: string): string {
    return `apiVersion: v1\nentries:\n  cilium:\n    - {version: 1.20.2, urls: [no.tgz], digest: ${sum("no")}}\n    - {version: 1.19.6, urls: [charts/cilium-1.19.6.tgz], digest: ${digest}}\n`;
}

it("brings a chart of a repository with the checksum of its index", async () => {
    web.set("https://charts.example/x/index.yaml", index(sum("chart")));
    web.set("https://charts.example/x/charts/cilium-1.19.6.tgz", "chart");
    const file = await downloadChart(downloads(), "https://charts.example/x", CHART, folder, say);
    expect(file).toBe(join(folder, "cilium-1.19.6.tgz"));
    expect(said).toEqual([]);
});

it("brings no chart that differs from the index, and none that is not in it", async () => {
    web.set("https://charts.example/x/index.yaml", index(sum("chart")));
    web.set("https://charts.example/x/charts/cilium-1.19.6.tgz", "another");
    expect(await downloadChart(downloads(), "https://charts.example/x", CHART, folder, say)).toBeUndefined();
    expect(said).toEqual([expect.stringContaining("is thrown away")]);
    const absent = { name: "cilium", version: "1.0.0" };
    expect(await downloadChart(downloads(), "https://charts.example/x", absent, folder, say)).toBeUndefined();
    expect(said.at(-1)).toBe("chart cilium 1.0.0: it is not in https://charts.example/x/index.yaml");
});

it("takes no page of a proxy's for an index", async () => {
    web.set("https://charts.example/x/index.yaml", "<html><a href='x'>Log in: now</a></html>");
    expect(await downloadChart(downloads(), "https://charts.example/x", CHART, folder, say)).toBeUndefined();
});
