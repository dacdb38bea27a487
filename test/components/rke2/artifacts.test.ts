import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { artifacts } from "../../../components/rke2/artifacts.ts";

const PATH = "install.artifacts.directory";
const CORE = "rke2-images-core.linux-amd64.tar.zst";
const TARBALL = "rke2.linux-amd64.tar.gz";
const LIST = "sha256sum-amd64.txt";

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "artifacts-"));
});
afterEach(() => {
    rmSync(folder, { recursive: true });
});

function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}

function put(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** What a release says of files. */
function listOf(files: Readonly<Record<string, string>>): string {
    return Object.entries(files)
        .map(([name, text]) => `${sha256(text)}  ${name}\n`)
        .join("");
}

const RELEASE = { [TARBALL]: "tarball", [CORE]: "core", "rke2-images-canal.linux-amd64.tar.zst": "canal" };

describe("a folder", () => {
    test("has the script, the tarball with its checksums and images, each with its hash", () => {
        put({
            "install.sh": "script",
            [TARBALL]: "tarball",
            [CORE]: "core",
            [LIST]: listOf(RELEASE),
            "cilium.tar": "cilium",
            // The same images in another form, and what no host needs.
            [CORE.replace("zst", "gz")]: "core in another form",
            "rke2-windows-ltsc2022-amd64-images.tar.gz": "windows",
            "rke2-images-core.linux-amd64.txt": "names",
            README: "read me",
        });
        mkdirSync(join(folder, "folder.tar"));
        expect(artifacts(folder, PATH)).toEqual({
            files: [
                { name: "cilium.tar", sha256: sha256("cilium") },
                { name: "install.sh", sha256: sha256("script") },
                { name: CORE, sha256: sha256("core") },
                { name: TARBALL, sha256: sha256("tarball") },
                { name: LIST, sha256: sha256(listOf(RELEASE)) },
            ],
            problems: [],
        });
    });

    test("may have several architectures", () => {
        const other = { "rke2.linux-arm64.tar.gz": "other" };
        put({ "install.sh": "script", [TARBALL]: "tarball", [LIST]: listOf(RELEASE) });
        put({ ...other, "sha256sum-arm64.txt": listOf(other) });
        expect(artifacts(folder, PATH).files.map(({ name }) => name)).toEqual([
            "install.sh",
            TARBALL,
            "rke2.linux-arm64.tar.gz",
            LIST,
            "sha256sum-arm64.txt",
        ]);
    });

    test("is refused with each file that is missing or not what the release lists", () => {
        put({
            [TARBALL]: "tampered",
            [LIST]: listOf(RELEASE),
            "rke2.linux-arm64.tar.gz": "other",
            "-rf.tar": "",
        });
        expect(artifacts(folder, PATH)).toEqual({
            files: [],
            problems: [
                {
                    path: PATH,
                    value: JSON.stringify(folder),
                    rule: "holds no install.sh",
                    fix: "put what https://get.rke2.io answers there under this name",
                },
                {
                    path: PATH,
                    value: JSON.stringify(join(folder, TARBALL)),
                    rule: `has the SHA-256 ${sha256("tampered")}, and the release lists ${sha256("tarball")}`,
                    fix: "download it again, and the checksums with it",
                },
                {
                    path: PATH,
                    value: JSON.stringify(folder),
                    rule: "holds no sha256sum-arm64.txt",
                    fix: "take it from the release of RKE2",
                },
                {
                    path: PATH,
                    value: JSON.stringify(join(folder, "-rf.tar")),
                    rule: "is no name for a file that goes to hosts: letters, digits and . _ + -",
                    fix: "rename it",
                },
            ],
        });
    });

    test("is refused without the tarball, or with the checksums of another", () => {
        put({ "install.sh": "script", [LIST]: listOf({ "rke2.linux-arm64.tar.gz": "other" }) });
        expect(artifacts(folder, PATH).problems.map(({ value, rule }) => [value, rule])).toEqual([
            [JSON.stringify(join(folder, LIST)), `says nothing of ${TARBALL}`],
            [JSON.stringify(folder), `holds no ${TARBALL}`],
        ]);
    });

    test("is refused where it holds nothing of a release", () => {
        put({ "install.sh": "script" });
        expect(artifacts(folder, PATH).problems).toEqual([
            {
                path: PATH,
                value: JSON.stringify(folder),
                rule: "holds no rke2.linux-<arch>.tar.gz",
                fix: "take them from the release of RKE2, for each architecture of the hosts",
            },
        ]);
    });

    test.each([
        ["none", `does not exist; a relative path begins at ${process.cwd()}`],
        ["file", "is not a folder"],
    ])("is refused where there is none (%s)", (name, rule) => {
        put({ file: "" });
        const path = join(folder, name);
        expect(artifacts(path, PATH)).toEqual({
            files: [],
            problems: [
                {
                    path: PATH,
                    value: JSON.stringify(path),
                    rule,
                    fix: "put the files there, or name their folder",
                },
            ],
        });
    });

    test("is read once while its files stay as they are", () => {
        put({ "install.sh": "script", [TARBALL]: "tarball", [LIST]: listOf(RELEASE) });
        const file = join(folder, TARBALL);
        utimesSync(file, 1000, 1000);
        const before = artifacts(folder, PATH);
        writeFileSync(file, "TARBALL");
        utimesSync(file, 1000, 1000);
        expect(artifacts(folder, PATH)).toEqual(before);
        utimesSync(file, 1000, 1001);
        expect(artifacts(folder, PATH).problems).toHaveLength(1);
    });
});

describe("a folder of checksums, for files at an address", () => {
    const at = (files: Readonly<Record<string, string>>) => {
        put(files);
        return artifacts(folder, PATH, { elsewhere: true });
    };

    test("needs no more than the script and the list: images are RKE2's own", () => {
        expect(at({ "install.sh": "script", [LIST]: listOf(RELEASE) })).toEqual({
            files: [
                { name: "install.sh", sha256: sha256("script") },
                { name: CORE, sha256: sha256("core") },
                { name: TARBALL, sha256: sha256("tarball") },
                { name: LIST, sha256: sha256(listOf(RELEASE)) },
            ],
            problems: [],
        });
    });

    test("has the images that lie in it", () => {
        const { files } = at({ "install.sh": "script", [LIST]: listOf(RELEASE), "cilium.tar": "cilium" });
        expect(files.map(({ name }) => name)).toEqual(["cilium.tar", "install.sh", TARBALL, LIST]);
    });

    test("is refused without either", () => {
        expect(at({}).problems.map(({ rule }) => rule)).toEqual([
            "holds no sha256sum-<arch>.txt",
            "holds no install.sh",
        ]);
    });
});
