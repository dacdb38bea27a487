import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { hostKey } from "./host-key.ts";
import { labsFolder, type LabFolder } from "./lab-folder.ts";
import { BRIDGE, type HostSpec, type LabSpec } from "./lab-spec.ts";
import { Layer } from "./layer.ts";
import { isBelow, unseen, type Shared } from "./mounts.ts";
import { run } from "./run.ts";
import { sshdConfig } from "./sshd-config.ts";

const REPOSITORY = realpathSync(fileURLToPath(new URL("../../../", import.meta.url)));
/** What hosts have instead of the machine's own, and where. */
const STAND_INS = {
    "../systemd/systemctl": "/usr/bin/systemctl",
    "../systemd/journalctl": "/usr/bin/journalctl",
    "../systemd/systemd-notify": "/usr/bin/systemd-notify",
    "stand-ins/sysctl": "/usr/sbin/sysctl",
    "stand-ins/modprobe": "/usr/sbin/modprobe",
    "stand-ins/lsmod": "/usr/bin/lsmod",
    "stand-ins/timedatectl": "/usr/bin/timedatectl",
};
/** Accounts that a plain host has not: they come with programs that the machine has for the lab itself. */
const NOT_PLAIN = ["etcd"];
const HOME = "/var/lib/lab-root";

/** What of the machine is no part of a plain Linux host. */
const HIDDEN = [
    "/etc/cni",
    "/etc/rancher",
    "/etc/ssh",
    "/etc/systemd",
    "/opt/cni",
    "/opt/rke2",
    "/root/.ssh",
    "/run",
    "/tmp",
    "/usr/local",
    "/var/lib/cilium",
    "/var/lib/cni",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/var/log",
    "/var/tmp",
];

/** Where systems keep the CAs that they trust. */
export const TRUST_STORES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/** Paths that hosts have of the machine although they are hidden there, or on another file system. */
export function sharedPaths({ tools }: LabSpec): Shared[] {
    return [
        // Always, as an overlay may go on showing a file that has been replaced since.
        { source: REPOSITORY, target: REPOSITORY },
        ...unseen(Object.values(tools), hiddenPaths()).filter(({ target }) => !isBelow(target, REPOSITORY)),
    ];
}

/** Writes the layers that all hosts have in common: `.mask` hides what is the machine's, `.common` has what is the lab's. */
export async function writeImage(disks: string, folder: LabFolder, spec: LabSpec): Promise<void> {
    await new Layer(join(disks, ".mask")).hide(hiddenPaths().filter((path) => existsSync(path)));
    const common = new Layer(join(disks, ".common"));
    writeFolders(common);
    writeUsers(common);
    await writeSsh(common, spec);
    writeLab(common, spec);
    writeTrust(common, folder);
    for (const { source, target } of sharedPaths(spec)) {
        if (statSync(source).isDirectory()) common.folder(target);
        else common.file(target, "", 0o755);
    }
}

/** Writes the layer of one host: what tells it from the others. */
export function writeOwnLayer(disks: string, host: HostSpec): void {
    const own = new Layer(join(disks, host.name, "own"));
    own.file("/etc/hostname", `${host.name}\n`);
    own.file("/etc/lab/host.json", json({ name: host.name, address: host.address, bridge: BRIDGE }));
    own.file("/etc/ssh/ssh_host_ecdsa_key", hostKey(host.name).pem, 0o600);
}

function hiddenPaths(): string[] {
    const paths = [...HIDDEN, labsFolder()].map((path) => (existsSync(path) ? realpathSync(path) : path));
    // What is below another one is hidden with it.
    return [...new Set(paths)].filter(
        (path) => !paths.some((other) => other !== path && isBelow(path, other)),
    );
}

function writeFolders(layer: Layer): void {
    for (const path of ["/tmp", "/var/tmp"]) layer.folder(path, 0o1777);
    for (const path of ["proc", "sys", "dev", "run"]) layer.folder(`/${path}`);
    for (const path of ["bin", "sbin", "lib", "share", "etc"]) layer.folder(`/usr/local/${path}`);
    layer.folder("/var/log");
    layer.folder("/etc/systemd/system");
}

/** The machine's users without their passwords; root has a home of its own, without anyone's settings. */
function writeUsers(layer: Layer): void {
    layer.folder(HOME, 0o700);
    const users = accounts("/etc/passwd");
    const passwd = users.map((user) =>
        user[0] === "root" ? ["root", "x", "0", "0", "root", HOME, "/bin/bash"] : user,
    );
    layer.file("/etc/passwd", lines(passwd.map((user) => user.join(":"))));
    layer.file("/etc/group", lines(accounts("/etc/group").map((group) => group.join(":"))));
    layer.file("/etc/shadow", lines(users.map(([name = ""]) => `${name}:*:20000:0:99999:7:::`)), 0o600);
}

function accounts(file: string): string[][] {
    return readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(":"))
        .filter(([name = ""]) => !NOT_PLAIN.includes(name));
}

async function writeSsh(layer: Layer, { authorizedKeys }: LabSpec): Promise<void> {
    // The version goes to standard error.
    const version = await run("asking for the version of SSH", ["bash", "-c", "ssh -V 2>&1"]);
    layer.file("/etc/ssh/sshd_config", sshdConfig(version));
    layer.folder("/etc/ssh/authorized_keys");
    layer.file("/etc/ssh/authorized_keys/root", lines(authorizedKeys));
}

function writeLab(layer: Layer, spec: LabSpec): void {
    layer.file("/etc/lab/tools.json", json(spec.tools));
    layer.file("/etc/hosts", "127.0.0.1 localhost\n");
    layer.file("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    layer.file(
        "/etc/nsswitch.conf",
        lines(["passwd: files", "group: files", "shadow: files", "hosts: files dns"]),
    );
    for (const name of ["init", "ssh"]) {
        layer.file(`/usr/lib/lab/${name}`, readFileSync(new URL(`host-${name}.sh`, import.meta.url)), 0o755);
    }
    for (const [file, path] of Object.entries(STAND_INS)) {
        layer.file(path, readFileSync(new URL(file, import.meta.url)), 0o755);
    }
}

function writeTrust(layer: Layer, folder: LabFolder): void {
    const trust = readFileSync(folder.trust);
    const [debian = "", ...others] = TRUST_STORES;
    for (const store of [debian, ...others.filter((path) => existsSync(path))]) layer.file(store, trust);
}

function lines(texts: readonly string[]): string {
    return texts.map((text) => `${text}\n`).join("");
}

function json(value: unknown): string {
    return `${JSON.stringify(value, undefined, 4)}\n`;
}
