import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, expect, test } from "vitest";

import { addAskedRelease, writeAirGapArtifacts, writeInstallSite } from "./site.ts";

const VERSION = "v1.35.4+rke2r1";
const HERE = fileURLToPath(new URL(".", import.meta.url));

let www: string;
beforeEach(() => {
    www = mkdtempSync(join(tmpdir(), "site-"));
});
afterEach(() => {
    rmSync(www, { recursive: true });
});

test("the site has the install script, and the archive of a version with its checksum", () => {
    writeInstallSite(www, VERSION);
    const artifacts = join(www, "get.rke2.io/artifacts", VERSION);
    const archive = readFileSync(join(artifacts, "rke2.linux-amd64.tar.gz"));
    expect(readFileSync(join(artifacts, "sha256sum-amd64.txt"), "utf8")).toBe(
        `${createHash("sha256").update(archive).digest("hex")}  rke2.linux-amd64.tar.gz\n`,
    );
    expect(
        execFileSync("tar", ["-tz"], { input: archive, encoding: "utf8" }).trim().split("\n").sort(),
    ).toEqual([
        "bin/rke2",
        "bin/rke2-killall.sh",
        "bin/rke2-uninstall.sh",
        "lib/systemd/system/rke2-agent.service",
        "lib/systemd/system/rke2-server.service",
        "share/rke2/rke2-cis-sysctl.conf",
    ]);
    const script = readFileSync(join(www, "get.rke2.io/index"), "utf8");
    expect(script).toContain(`VERSION=\${INSTALL_RKE2_VERSION:-${VERSION}}`);
    execFileSync("tar", ["-xzf", join(artifacts, "rke2.linux-amd64.tar.gz"), "-C", www]);
    for (const file of ["bin/rke2", "bin/rke2-killall.sh", "bin/rke2-uninstall.sh"]) {
        expect(readFileSync(join(www, file), "utf8")).not.toMatch(/@[A-Z_]+@/);
    }
    const rke2 = spawnSync("sh", [join(www, "bin/rke2"), "--version"], { encoding: "utf8" });
    expect(rke2.stdout).toBe(`rke2 version ${VERSION} (simulated)\ngo version none\n`);
});

test("another version is added", () => {
    writeInstallSite(www, VERSION);
    writeInstallSite(www, "v1.35.5+rke2r1");
    expect(readdirSync(join(www, "get.rke2.io/artifacts"))).toEqual([VERSION, "v1.35.5+rke2r1"]);
    expect(() => {
        writeInstallSite(www, "1.35.4");
    }).toThrow(
        '"1.35.4" is no version of RKE2 that the lab has: write one of 1.32 to 1.36 as "v1.35.4+rke2r1"',
    );
});

test("every release that the lab can have is there when it is asked for", () => {
    writeInstallSite(www, VERSION);
    const ask = (version: string, host = "get.rke2.io") => {
        addAskedRelease(www, host, `/artifacts/${version}/sha256sum-amd64.txt`);
    };
    for (const version of ["v1.34.3+rke2r1", "v1.33.8%2Brke2r1", "v1.31.14+rke2r1", ".."]) ask(version);
    ask("v1.36.3+rke2r1", "helm.cilium.io");
    expect(readdirSync(join(www, "get.rke2.io/artifacts"))).toEqual([
        "v1.33.8+rke2r1",
        "v1.34.3+rke2r1",
        VERSION,
    ]);
    expect(readdirSync(www)).toEqual(["get.rke2.io"]);
});

test("a folder for hosts without a way out has all that is copied to them, with its checksums", () => {
    const folder = join(www, "artifacts");
    writeAirGapArtifacts(folder, VERSION);
    expect(readdirSync(folder)).toEqual([
        "install.sh",
        "rke2-images-core.linux-amd64.tar.zst",
        "rke2.linux-amd64.tar.gz",
        "sha256sum-amd64.txt",
    ]);
    execFileSync("sha256sum", ["--check", "--quiet", "sha256sum-amd64.txt"], { cwd: folder });
});

test("shellcheck finds nothing in what is installed, and each piece says that it is simulated", () => {
    const scripts = [
        ...globSync("site/*", { cwd: HERE }),
        ...globSync("../systemd/{systemctl,journalctl,systemd-notify}", { cwd: HERE }),
        ...globSync("../hosts/stand-ins/*", { cwd: HERE }),
    ].sort();
    expect(scripts).toContain("site/install.sh");
    for (const script of scripts) {
        expect(readFileSync(join(HERE, script), "utf8").split("\n").slice(0, 2).join("\n")).toMatch(
            /# Simulated/,
        );
    }
    const { error, stdout } = spawnSync(
        "shellcheck",
        ["--format=gcc", ...scripts.filter((script) => !/\.(?:service|conf)$/.test(script))],
        { cwd: HERE, encoding: "utf8" },
    );
    expect(error, "shellcheck is not installed: apt-get install shellcheck").toBeUndefined();
    expect(stdout).toBe("");
});
