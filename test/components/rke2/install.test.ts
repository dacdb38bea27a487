import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { installProblems, installVariables } from "../../../components/rke2/install.ts";

const VERSION = "v1.35.7+rke2r1";
const FOLDER = "/var/tmp/artifacts";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const LIST = `${sha256("tarball")}  rke2.linux-amd64.tar.gz\n`;
const LINES = [
    `${sha256("script")} install.sh`,
    `${sha256("tarball")} rke2.linux-amd64.tar.gz`,
    `${sha256(LIST)} sha256sum-amd64.txt`,
].join("\n");

let directory = "";
beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "artifacts-"));
    writeFileSync(join(directory, "install.sh"), "script");
    writeFileSync(join(directory, "rke2.linux-amd64.tar.gz"), "tarball");
    writeFileSync(join(directory, "sha256sum-amd64.txt"), LIST);
});
afterAll(() => {
    rmSync(directory, { recursive: true });
});

const URL = "https://files.example.net/rke2/";

describe("an installation", () => {
    test.each([
        [{}, { METHOD: "tar", INSTALL_URL: "https://get.rke2.io" }],
        [
            { installUrl: "https://get.example.net", install: { method: "rpm", channel: "latest" } as const },
            { METHOD: "rpm", INSTALL_URL: "https://get.example.net", CHANNEL: "latest" },
        ],
    ])("%j needs a network", (installation, variables) => {
        expect(installProblems({ version: VERSION, ...installation })).toEqual([]);
        expect(installVariables(installation, FOLDER)).toEqual(variables);
    });

    test("of files of this machine finds them in a folder on the host", () => {
        const install = { method: "air-gap", artifacts: { directory } } as const;
        expect(installProblems({ version: VERSION, install })).toEqual([]);
        expect(installVariables({ install }, FOLDER)).toEqual({
            METHOD: "air-gap",
            ARTIFACTS: LINES,
            ARTIFACTS_DIR: FOLDER,
        });
    });

    test("of files elsewhere finds them at their address", () => {
        const install = { method: "air-gap", artifacts: { url: URL, checksums: directory } } as const;
        expect(installProblems({ version: VERSION, install })).toEqual([]);
        expect(installVariables({ install }, FOLDER)).toEqual({
            METHOD: "air-gap",
            ARTIFACTS: LINES,
            ARTIFACTS_URL: "https://files.example.net/rke2",
        });
    });
});

describe("refused is", () => {
    test("what is no release, and what is not verified on its way to root", () => {
        expect(installProblems({ version: "1.35", installUrl: "http://get.rke2.io" })).toEqual([
            {
                path: "version",
                value: '"1.35"',
                rule: "must be the tag of an RKE2 release",
                fix: 'write it as "v1.35.7+rke2r1"',
            },
            {
                path: "installUrl",
                value: '"http://get.rke2.io"',
                rule: "must begin with https://, as what it answers runs as root",
                fix: 'write it as "https://get.rke2.io"',
            },
        ]);
    });

    test("files that are not there, and not the address of a script that is not asked for", () => {
        const install = { method: "air-gap", artifacts: { directory: join(directory, "none") } } as const;
        expect(installProblems({ version: VERSION, installUrl: "none", install })).toEqual([
            {
                path: "install.artifacts.directory",
                value: JSON.stringify(join(directory, "none")),
                rule: `does not exist; a relative path begins at ${process.cwd()}`,
                fix: "put the files there, or name their folder",
            },
        ]);
    });

    test("an address without TLS", () => {
        const install = { method: "air-gap", artifacts: { url: "http://a", checksums: directory } } as const;
        expect(installProblems({ version: VERSION, install })).toEqual([
            {
                path: "install.artifacts.url",
                value: '"http://a"',
                rule: "must begin with https://, as what it answers runs as root",
                fix: 'write it as "https://files.example.net/rke2/v1.35.7"',
            },
        ]);
    });
});
