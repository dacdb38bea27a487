import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
    chmodSync,
    closeSync,
    cpSync,
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    openSync,
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

/** How a script is run, where it is not as usual. */
export interface RunOptions {
    readonly fault?: Fault;
    /** The script's arguments. */
    readonly args?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
}

export interface Run {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
    /** The commands called, with their arguments. */
    readonly calls: readonly string[];
}

const FAKES = fileURLToPath(new URL("fakes", import.meta.url));
/** With the fake sleep, time passes at once, for the script's own clock too: it does not ask again and again until a deadline. */
const CLOCK = 'sleep() { command sleep "$1" && SECONDS=$((SECONDS + $1)); }\n';

/**
 * A machine in a temporary directory: an empty root, and fakes of the commands that would change the real one. It shows what
 * the scripts do and in which order; it does not show that RKE2, systemd or a kernel do what the fakes do.
 */
export class Machine {
    readonly #top = mkdtempSync(join(tmpdir(), "machine-"));
    /** What the machine is. */
    readonly #home = join(this.#top, "host");
    /** What a script takes for `/`. */
    readonly root = join(this.#home, "root");
    /** The fake kubectl, for a script that is told where kubectl is. */
    readonly kubectl = join(FAKES, "kubectl");
    readonly #world = join(this.#home, "world");
    readonly #moments = join(this.#top, "moments");
    /** How many calls there were when its moments began to be kept. */
    #keptFrom: number | undefined;

    constructor() {
        for (const directory of [this.root, this.#world]) mkdirSync(directory, { recursive: true });
    }

    /** Another machine in the same state. */
    copy(): Machine {
        return this.#from(this.#home);
    }

    /** Makes this machine what another one is, and nothing else. */
    become(other: Machine): void {
        rmSync(this.#home, { recursive: true });
        cpSync(other.#home, this.#home, { recursive: true });
    }

    /** Has each call of the next run keep what the machine is before and after it. */
    keepMoments(): void {
        this.#keptFrom = this.#calls().length;
        mkdirSync(this.#moments);
    }

    /** Whether its moments are kept. */
    get keepsMoments(): boolean {
        return this.#keptFrom !== undefined;
    }

    /** The machine as it was before or after a call of the run whose moments were kept: if it is lost there, this is left. */
    moment({ kind, at }: Fault): Machine {
        if (this.#keptFrom === undefined) throw new Error("this machine's moments were not kept");
        return this.#from(join(this.#moments, `${this.#keptFrom + at}-${kind}`));
    }

    /** Runs a script as a host would: on standard input of bash. */
    async run(
        script: URL,
        variables: Readonly<Record<string, string>>,
        { fault, args = [], environment = {} }: RunOptions = {},
    ): Promise<Run> {
        this.#finishJobs();
        const earlier = this.#calls().length;
        const input = this.#opened(`${CLOCK}${bashScript(script, variables)}`);
        const child = spawn("bash", ["-euo", "pipefail", "-s", "--", ...args], {
            stdio: [input, "pipe", "pipe"],
            // A process group of its own, for a fault to end.
            detached: true,
            env: {
                ...this.#environment(),
                ...(fault === undefined ? {} : { FAULT: fault.kind, FAULT_AT: String(earlier + fault.at) }),
                ...environment,
            },
        });
        closeSync(input);
        let stdout = "";
        let stderr = "";
        child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
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

    /** All that a next run can find, folders too: equal for two machines on which it does the same. */
    state(): string {
        const things = [this.root, this.#world].flatMap((top) =>
            readdirSync(top, { recursive: true, encoding: "utf8" })
                .sort()
                .filter((path) => !(top === this.#world && path === "calls"))
                .map((path) => {
                    const is = lstatSync(join(top, path));
                    return [path, is.mode, is.isFile() ? readFileSync(join(top, path), "utf8") : ""];
                }),
        );
        // A file may name the machine's root.
        return JSON.stringify(things).replaceAll(this.#top, "");
    }

    dispose(): void {
        rmSync(this.#top, { recursive: true });
    }

    #from(home: string): Machine {
        const machine = new Machine();
        cpSync(home, machine.#home, { recursive: true });
        return machine;
    }

    /** Between two runs systemd finishes what it was asked to do. */
    #finishJobs(): void {
        const units = join(this.#world, "units");
        if (!existsSync(units) || !readdirSync(units).some((unit) => existsSync(join(units, unit, "job"))))
            return;
        execFileSync(join(FAKES, "sleep"), { env: this.#environment() });
    }

    /** A script to be read from: bash reads a file in blocks, and a pipe one byte at a time, which takes longer than most scripts. */
    #opened(text: string): number {
        const file = join(this.#top, randomUUID());
        writeFileSync(file, text);
        const opened = openSync(file, "r");
        rmSync(file);
        return opened;
    }

    #calls(): string[] {
        const file = join(this.#world, "calls");
        return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    }

    #environment(): Record<string, string> {
        const kept: Record<string, string> = this.#keptFrom === undefined ? {} : { MOMENTS: this.#moments };
        return { PATH: `${FAKES}:/usr/bin:/bin`, ROOT: this.root, WORLD: this.#world, FAKES, ...kept };
    }
}
