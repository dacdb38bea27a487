import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    renameSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { knownRelease, parseRelease } from "./version.ts";

const HERE = new URL("site/", import.meta.url);
const SITE = "get.rke2.io";
const ARCHIVE = "rke2.linux-amd64.tar.gz";
const CHECKSUM = "sha256sum-amd64.txt";
const CORE_IMAGES = "rke2-images-core.linux-amd64.tar.zst";

/** What the archive holds, and with which permissions. */
const FILES = {
    "bin/rke2": ["rke2", 0o755],
    "bin/rke2-killall.sh": ["rke2-killall.sh", 0o755],
    "bin/rke2-uninstall.sh": ["rke2-uninstall.sh", 0o755],
    "lib/systemd/system/rke2-server.service": ["rke2-server.service", 0o644],
    "lib/systemd/system/rke2-agent.service": ["rke2-agent.service", 0o644],
    "share/rke2/rke2-cis-sysctl.conf": ["rke2-cis-sysctl.conf", 0o644],
} as const;

/**
 * Fills a web server's folder with the site that RKE2 is installed from: the simulated install script at `/`, and the archive
 * of one version with its checksum. Called again with another version, it adds that one, which becomes the default.
 */
export function writeInstallSite(folder: string, version: string): void {
    parseRelease(version);
    const site = join(folder, SITE);
    writeRelease(releaseFolder(site, version), version);
    put(join(site, "index"), template("install.sh", version));
}

/**
 * Adds the release that a request to the site asks for, if it is one that the lab can have and that is not there yet: so every
 * release can be installed without having been named before.
 */
export function addAskedRelease(folder: string, host: string, target: string): void {
    const site = join(folder, SITE);
    const [, encoded = ""] = /^\/artifacts\/([^/]+)\/[^/]+$/.exec(target) ?? [];
    const version = encoded.replace(/%2b/i, "+");
    if (host !== SITE || knownRelease(version) === undefined || !existsSync(join(site, "index"))) return;
    if (!existsSync(join(releaseFolder(site, version), CHECKSUM))) {
        writeRelease(releaseFolder(site, version), version);
    }
}

/**
 * Fills a folder with what hosts without a way out are installed from: the install script, the archive, its checksum and the
 * images. The images are a few bytes that nobody reads.
 */
export function writeAirGapArtifacts(folder: string, version: string): void {
    parseRelease(version);
    mkdirSync(folder, { recursive: true });
    put(join(folder, "install.sh"), template("install.sh", version));
    writeRelease(folder, version, {
        [CORE_IMAGES]: Buffer.from(`simulated images of RKE2 ${version}\n`),
    });
}

function releaseFolder(site: string, version: string): string {
    return join(site, "artifacts", version);
}

/** The checksums come last: with them, the folder is complete. */
function writeRelease(folder: string, version: string, more: Readonly<Record<string, Buffer>> = {}): void {
    mkdirSync(folder, { recursive: true });
    const files = Object.entries({ [ARCHIVE]: packed(version), ...more });
    for (const [name, content] of files) put(join(folder, name), content);
    const sums = files.map(
        ([name, content]) => `${createHash("sha256").update(content).digest("hex")}  ${name}\n`,
    );
    put(join(folder, CHECKSUM), sums.join(""));
}

function packed(version: string): Buffer {
    const tree = mkdtempSync(join(tmpdir(), "rke2-archive-"));
    try {
        for (const [path, [name, mode]] of Object.entries(FILES)) {
            const file = join(tree, path);
            mkdirSync(dirname(file), { recursive: true });
            writeFileSync(file, template(name, version));
            chmodSync(file, mode);
        }
        const paths = Object.keys(FILES);
        const options = ["--owner=0", "--group=0", "--mtime=@0", "--sort=name"];
        return execFileSync("tar", ["-czf", "-", "-C", tree, ...options, ...paths]);
    } finally {
        rmSync(tree, { recursive: true });
    }
}

function template(name: string, version: string): string {
    return readFileSync(new URL(name, HERE), "utf8")
        .replaceAll("@VERSION@", version)
        .replaceAll("@MAIN@", quoted(fileURLToPath(new URL("main.ts", import.meta.url))))
        .replaceAll("@STOP_PODS@", quoted(fileURLToPath(new URL("../kubelet/stop-all.ts", import.meta.url))));
}

/** For sh; a comment shows it as it stands. */
function quoted(path: string): string {
    return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function put(path: string, content: string | Buffer): void {
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
}
