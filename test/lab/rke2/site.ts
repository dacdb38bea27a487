import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = new URL("site/", import.meta.url);
const ARCHIVE = "rke2.linux-amd64.tar.gz";
const CHECKSUM = "sha256sum-amd64.txt";

/** What the archive holds, and with which permissions. */
const FILES = {
    "bin/rke2": ["rke2", 0o755],
    "bin/rke2-killall.sh": ["rke2-killall.sh", 0o755],
    "bin/rke2-uninstall.sh": ["rke2-uninstall.sh", 0o755],
    "lib/systemd/system/rke2-server.service": ["rke2-server.service", 0o644],
    "lib/systemd/system/rke2-agent.service": ["rke2-agent.service", 0o644],
} as const;

/**
 * Fills a web server's folder with the site that RKE2 is installed from: the simulated install script at `/`, and the archive
 * of one version with its checksum. Called again with another version, it adds that one, which becomes the default.
 */
export function writeInstallSite(folder: string, version: string): void {
    if (!/^v1\.\d+\.\d+\+rke2r\d+$/.test(version)) {
        throw new Error(`"${version}" is no version of RKE2: write it as "v1.35.4+rke2r1"`);
    }
    const site = join(folder, "get.rke2.io");
    const artifacts = join(site, "artifacts", version);
    mkdirSync(artifacts, { recursive: true });
    const archive = packed(version);
    put(join(artifacts, ARCHIVE), archive);
    put(join(artifacts, CHECKSUM), `${createHash("sha256").update(archive).digest("hex")}  ${ARCHIVE}\n`);
    put(join(site, "index"), template("install.sh", version));
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
