import { execFileSync, spawn } from "node:child_process";
import {
    chmodSync,
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { bashScript } from "../../components/host/bash.ts";

/** What goes wrong in a run: see fakes/fake.sh. */
export interface Fault {
    readonly kind: "fail" | "before" | "after";
    /** Which call of the run, from 1. */
    readonly at: number;
}

export interface Run {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
    /** The commands called, with their arguments. */
    readonly calls: readonly string[];
}

const FAKES = fileURLToPath(new URL("fakes", import.meta.url));

/**
 * A machine in a temporary directory: an empty root, and fakes of the commands that would change the real one. It shows what
 * the scripts do and in which order; it does not show that RKE2, systemd or a kernel do what the fakes do.
 */
export class Machine {
    readonly #home = mkdtempSync(join(tmpdir(), "machine-"));
    /** What a script takes for `/`. */
    readonly root = join(this.#home, "root");
    /** The fake kubectl, for a script that is told where kubectl is. */
    readonly kubectl = join(FAKES, "kubectl");
    readonly #world = join(this.#home, "world");

    constructor() {
        for (const directory of [this.root, this.#world]) mkdirSync(directory);
    }

    /** Another machine in the same state. */
    copy(): Machine {
        const copy = new Machine();
        cpSync(this.#home, copy.#home, { recursive: true });
        return copy;
    }

    /** Runs a script as a host would: on standard input of bash. */
    async run(
        script: URL,
        variables: Readonly<Record<string, string>>,
        { fault, environment = {} }: { fault?: Fault; environment?: Record<string, string> } = {},
    ): Promise<Run> {
        // Between two runs systemd finishes what it was asked to do.
        execFileSync(join(FAKES, "sleep"), { env: this.#environment() });
        const earlier = this.#calls().length;
        const child = spawn("bash", ["-euo", "pipefail", "-s"], {
            // A process group of its own, for a fault to end.
            detached: true,
            env: {
                ...this.#environment(),
                ...(fault === undefined ? {} : { FAULT: fault.kind, FAULT_AT: String(earlier + fault.at) }),
                ...environment,
            },
        });
        let stdout = "";
        let stderr = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
        // A script that is ended does not read on.
        child.stdin.on("error", () => undefined).end(bashScript(script, variables));
        const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
        return { code, stdout, stderr, calls: this.#calls().slice(earlier) };
    }

    /** Puts a file below the machine's root. */
    file(path: string, text: string, mode = 0o644): void {
        const file = join(this.root, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
        chmodSync(file, mode);
    }

    /** The text of a file below the machine's root, or `undefined`. */
    read(path: string): string | undefined {
        const file = join(this.root, path);
        return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    }

    /** The permissions of a file below the machine's root, as `600`. */
    mode(path: string): string {
        return (statSync(join(this.root, path)).mode & 0o777).toString(8);
    }

    /** Removes a file or directory below the machine's root. */
    remove(path: string): void {
        rmSync(join(this.root, path), { recursive: true });
    }

    /** Tells the fakes something. */
    world(path: string, text: string): void {
        const file = join(this.#world, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
    }

    /** Takes back what the fakes were told. */
    forget(path: string): void {
        rmSync(join(this.#world, path));
    }

    /** What a service is: running, at boot, and with which configuration it was last started. */
    service(unit: string): { state: string; enabled: boolean; config: string } {
        const at = join(this.#world, "units", unit);
        const text = (name: string) =>
            existsSync(join(at, name)) ? readFileSync(join(at, name), "utf8").trim() : "";
        return { state: text("state"), enabled: existsSync(join(at, "enabled")), config: text("config") };
    }

    /** Every file below the root with its permissions and text, and what the services are. */
    snapshot(): Record<string, unknown> {
        const files = readdirSync(this.root, { recursive: true, encoding: "utf8" })
            .filter((path) => !path.startsWith("run") && statSync(join(this.root, path)).isFile())
            .sort()
            .map((path) => [path, `${this.mode(path)} ${this.read(path) ?? ""}`] as const);
        return {
            ...Object.fromEntries(files),
            server: this.service("rke2-server"),
            agent: this.service("rke2-agent"),
        };
    }

    dispose(): void {
        rmSync(this.#home, { recursive: true });
    }

    #calls(): string[] {
        const file = join(this.#world, "calls");
        return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    }

    #environment(): Record<string, string> {
        return { PATH: `${FAKES}:/usr/bin:/bin`, ROOT: this.root, WORLD: this.#world, FAKES };
    }
}
