/* What the tests of labs have in common. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { hostKey } from "./host-key.ts";
import { closeLab, listLabs, type Lab, type LabSpec } from "./lab.ts";

/** How a command ended. */
export interface Ended {
    readonly code: number | string;
    readonly stdout: string;
    readonly stderr: string;
}

/** Runs a command to its end, whatever that is. */
export function ended([command = "", ...rest]: readonly string[]): Promise<Ended> {
    return new Promise((resolve) => {
        execFile(command, rest, { timeout: 60_000 }, (error, stdout, stderr) => {
            resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? "?"), stdout, stderr });
        });
    });
}

/** Runs a line of bash on a host and gives what it prints; it must succeed. */
export async function onHost(lab: Lab, host: string, line: string): Promise<string> {
    return printed(await ended(lab.enterHost(host, ["bash", "-euo", "pipefail", "-c", line])));
}

/** Runs a line of bash in the lab and gives what it prints; it must succeed. */
export async function inLab(lab: Lab, line: string): Promise<string> {
    return printed(await ended(lab.enter(["bash", "-euo", "pipefail", "-c", line])));
}

function printed({ code, stdout, stderr }: Ended): string {
    if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`);
    return stdout.trim();
}

/** A place for labs that no one else uses, and a key to log in with. */
export class Place {
    readonly path = mkdtempSync(join(tmpdir(), "labs-"));
    readonly key = join(this.path, "key");
    readonly #cache = process.env["XDG_CACHE_HOME"];

    constructor() {
        process.env["XDG_CACHE_HOME"] = this.path;
        execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", this.key]);
    }

    /** The description of a small lab. */
    spec(name: string): LabSpec {
        return {
            name,
            hosts: [
                { name: "east-1", address: "10.88.1.11" },
                { name: "east-2", address: "10.88.1.12" },
            ],
            tools: { node: process.execPath },
            authorizedKeys: [readFileSync(`${this.key}.pub`, "utf8").trim()],
            sites: ["get.rke2.io", "helm.cilium.io"],
            names: { "api.east": ["10.88.1.11", "10.88.1.12"] },
        };
    }

    /** The arguments of ssh to a host that must prove to be it, and of a command there. */
    ssh(host: string, command: string, key = hostKey(host).public): string[] {
        const known = join(this.path, `known-${host}`);
        writeFileSync(known, `${host} ${key}\n`);
        const options = [
            "StrictHostKeyChecking=yes",
            `UserKnownHostsFile=${known}`,
            "BatchMode=yes",
            "ConnectTimeout=3",
        ];
        return [
            "ssh",
            "-F",
            "none",
            "-i",
            this.key,
            ...options.flatMap((o) => ["-o", o]),
            `root@${host}`,
            command,
        ];
    }

    /** Closes what is open, and removes the place. */
    async dispose(): Promise<void> {
        for (const name of listLabs()) await closeLab(name);
        if (this.#cache === undefined) delete process.env["XDG_CACHE_HOME"];
        else process.env["XDG_CACHE_HOME"] = this.#cache;
        rmSync(this.path, { recursive: true });
    }
}

/** What the machine has mounted, and its network links. */
export function machineState(): Record<string, string> {
    return {
        mounts: readFileSync("/proc/self/mountinfo", "utf8"),
        links: execFileSync("ip", ["-brief", "link"], { encoding: "utf8" }),
        namespaces: execFileSync("ip", ["netns"], { encoding: "utf8" }),
    };
}

/** The machine's processes that are in any of these namespaces, or have this text in their arguments. */
export function remains(namespaces: readonly string[], text: string): string[] {
    return readdirSync("/proc")
        .filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid))
        .filter(
            (pid) =>
                namespacesOf(pid).some((one) => namespaces.includes(one)) || argumentsOf(pid).includes(text),
        )
        .map((pid) => `${pid} ${argumentsOf(pid)}`);
}

/** All namespaces that processes of a lab are in, the hosts' and pods' too. `init` is the lab's first process. */
export function namespacesOfLab(init: string): string[] {
    const proc = join("/proc", init, "root/proc");
    const all = readdirSync(proc).filter((pid) => /^\d+$/.test(pid));
    return [...new Set(all.flatMap((pid) => namespacesOf(pid, proc)))];
}

/** The namespaces of a process: of its network, mounts and processes. */
function namespacesOf(pid: string, proc = "/proc"): string[] {
    try {
        return ["net", "mnt", "pid"].map((kind) => readlinkSync(join(proc, pid, "ns", kind)));
    } catch {
        return []; // it has just ended
    }
}

function argumentsOf(pid: string): string {
    try {
        return readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\0", " ");
    } catch {
        return ""; // it has just ended
    }
}
