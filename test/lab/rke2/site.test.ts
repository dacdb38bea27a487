import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, expect, test } from "vitest";

import { writeInstallSite } from "./site.ts";

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
    }).toThrow('"1.35.4" is no version of RKE2: write it as "v1.35.4+rke2r1"');
});

test("shellcheck finds nothing in what is installed, and each piece says that it is simulated", () => {
    const scripts = [
        ...globSync("site/*", { cwd: HERE }),
        ...globSync("../systemd/{systemctl,journalctl,systemd-notify}", { cwd: HERE }),
    ].sort();
    expect(scripts).toContain("site/install.sh");
    for (const script of scripts) {
        expect(readFileSync(join(HERE, script), "utf8").split("\n").slice(0, 2).join("\n")).toMatch(
            /# Simulated/,
        );
    }
    const { error, stdout } = spawnSync(
        "shellcheck",
        ["--format=gcc", ...scripts.filter((script) => !script.endsWith(".service"))],
        { cwd: HERE, encoding: "utf8" },
    );
    expect(error, "shellcheck is not installed: apt-get install shellcheck").toBeUndefined();
    expect(stdout).toBe("");
});
