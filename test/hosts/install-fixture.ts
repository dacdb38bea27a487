import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { Machine, type Fault, type Run } from "./machine.ts";

const FAKES = fileURLToPath(new URL("install-fakes", import.meta.url));
const SHARED = fileURLToPath(new URL("fakes", import.meta.url));
const INSTALL = new URL("install-fakes/install.sh", import.meta.url);
const FILES = new URL("install-fakes/files.sh", import.meta.url);

/** Commands of the machine itself that change it. */
const RECORDED = ["cp", "mv", "rm", "tar"] as const;

/** Where the operator's files lie on the host. */
export const ARTIFACTS_DIR = "/var/tmp/artifacts";
export const VERSION = "v1.35.7+rke2r1";
export const HOST = {
    ROLE: "server",
    NODE_NAME: "east-1",
    SECONDS_MAX: "60",
    VERSION,
    INSTALL_URL: "https://get.rke2.io",
};

/** Where commands are looked for: the fakes of an installation, packages where wanted, the shared ones, the machine's own. */
function pathOf(machine: Machine, more: readonly string[]): string {
    return [...more, FAKES, SHARED, join(machine.root, "usr/bin"), "/usr/bin", "/bin"].join(":");
}

interface Options {
    readonly fault?: Fault;
    /** Whether the host has yum and rpm. */
    readonly packages?: boolean;
    /** Whether every command that changes files is written down, and can go wrong. */
    readonly recorded?: boolean;
}

/** Runs `install_rke2`. */
export function install(
    machine: Machine,
    variables: Record<string, string>,
    options: Options = {},
): Promise<Run> {
    return run(machine, INSTALL, { ...HOST, ...rooted(machine, variables) }, options);
}

/** Runs functions of parts/files.sh. */
export function files(
    machine: Machine,
    functions: string,
    variables: Record<string, string>,
    options: Options = {},
): Promise<Run> {
    return run(machine, FILES, { ...HOST, ...variables, RUN: functions }, options);
}

async function run(
    machine: Machine,
    script: URL,
    variables: Record<string, string>,
    { fault, packages = false, recorded = false }: Options,
): Promise<Run> {
    const commands = mkdtempSync(join(tmpdir(), "commands-"));
    if (recorded) for (const name of RECORDED) symlinkSync(join(FAKES, "recorded"), join(commands, name));
    const more = [commands, ...(packages ? [join(FAKES, "rpm-based")] : [])];
    try {
        return await machine.run(script, variables, {
            ...(fault === undefined ? {} : { fault }),
            environment: { PATH: pathOf(machine, more) },
        });
    } finally {
        rmSync(commands, { recursive: true });
    }
}

/** A folder on the host is below the machine's root. */
function rooted(machine: Machine, { ARTIFACTS_DIR: folder, ...variables }: Record<string, string>) {
    return folder === undefined ? variables : { ...variables, ARTIFACTS_DIR: join(machine.root, folder) };
}

/** The files of an installation without a network, as the operator's machine knows them. */
export class Release {
    readonly #files = new Map<string, Buffer>();

    constructor(version = VERSION, images: Readonly<Record<string, string>> = { [CORE]: "core images" }) {
        this.#files.set("install.sh", readFileSync(join(FAKES, "installer")));
        this.#files.set("rke2.linux-amd64.tar.gz", tarball(version));
        this.#files.set("sha256sum-amd64.txt", Buffer.from("checked by the install script\n"));
        for (const [name, text] of Object.entries(images)) this.#files.set(name, Buffer.from(text));
    }

    /** The variable ARTIFACTS. */
    get lines(): string {
        return [...this.#files].map(([name, content]) => `${sha256(content)} ${name}`).join("\n");
    }

    /** Puts the files on a host. */
    put(machine: Machine, folder = ARTIFACTS_DIR): this {
        for (const [name, content] of this.#files) {
            const file = join(machine.root, folder, name);
            mkdirSync(dirname(file), { recursive: true });
            writeFileSync(file, content);
        }
        return this;
    }

    /** The variables of an installation from the folder. */
    get fromFolder(): Record<string, string> {
        return { METHOD: "air-gap", ARTIFACTS: this.lines, ARTIFACTS_DIR };
    }
}

export const CORE = "rke2-images-core.linux-amd64.tar.zst";

export function sha256(content: string | Buffer): string {
    return createHash("sha256").update(content).digest("hex");
}

const TARBALLS = new Map<string, Buffer>();

function tarball(version: string): Buffer {
    const known = TARBALLS.get(version);
    if (known !== undefined) return known;
    const folder = mkdtempSync(join(tmpdir(), "tarball-"));
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin/rke2"), `#!/bin/sh\necho "rke2 version ${version} (0123456789abcdef)"\n`);
    chmodSync(join(folder, "bin/rke2"), 0o755);
    const made = execFileSync("tar", ["cz", "-C", folder, "bin"]);
    rmSync(folder, { recursive: true });
    TARBALLS.set(version, made);
    return made;
}

/** Every way in which a call can go wrong. What one has done is lost just as well before the next one. */
export function kinds(call: string): readonly Fault["kind"][] {
    // Nothing comes after a file that could not be moved, as if the machine had been lost there.
    return /^(mv|rm) /.test(call) ? ["before"] : ["fail", "before"];
}
