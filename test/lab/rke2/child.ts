import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";
import { dirname } from "node:path";

import { Fatal } from "./fatal.ts";
import { log } from "./log.ts";
import { pause } from "./pause.ts";

/** A program that RKE2 keeps running. */
export interface Program {
    readonly name: string;
    readonly command: string;
    readonly args: readonly string[];
    readonly logFile: string;
    /** Whether it is started again when it ends; else its end is the end of RKE2, and systemd starts both again. */
    readonly again: boolean;
    /** How long it may take to end by itself. */
    readonly stopSeconds: number;
}

const LOG_BYTES_MAX = 20_000_000;
const LONGEST_PAUSE = 10_000;

/** The programs of this RKE2, in the order of their start. They end in the opposite order, and with RKE2, however it ends. */
export class Children {
    readonly #running: { readonly program: Program; process: ChildProcess }[] = [];
    readonly #ended = Promise.withResolvers<never>();
    #stopping = false;

    constructor() {
        // Whoever waits for it hears of it; without anyone waiting it is no error yet.
        this.#ended.promise.catch(() => undefined);
        setInterval(() => {
            this.#boundLogs();
        }, 60_000).unref();
    }

    /** Fails when a program has ended without which RKE2 cannot go on. */
    get ended(): Promise<never> {
        return this.#ended.promise;
    }

    /** Starts a program. Its arguments are seen by everyone on the host and hold no secret. */
    start(program: Program): void {
        log.info(`Running ${program.name}, which logs to ${program.logFile}`);
        const entry = { program, process: launch(program) };
        this.#running.push(entry);
        this.#watch(entry, 1000);
    }

    /** Ends all of them, the last one first. */
    async stop(): Promise<void> {
        this.#stopping = true;
        for (const { program, process: child } of this.#running.toReversed()) {
            await stop(child, program.stopSeconds);
        }
    }

    #watch(entry: { readonly program: Program; process: ChildProcess }, wait: number): void {
        const { program } = entry;
        const began = Date.now();
        const ended = (how: string) => {
            if (this.#stopping) return;
            const said = `${program.name} ${how}${lastLine(program.logFile)}`;
            if (!program.again) {
                this.#ended.reject(new Fatal(said));
                return;
            }
            log.error(said);
            void pause(wait).then(() => {
                if (this.#stopping) return;
                entry.process = launch(program);
                // A program that has run for a while has not failed at its start.
                this.#watch(entry, Date.now() - began > 60_000 ? 1000 : Math.min(wait * 2, LONGEST_PAUSE));
            });
        };
        entry.process.on("error", (error) => {
            ended(`could not be started: ${error.message}`);
        });
        entry.process.on("exit", (code, signal) => {
            ended(`has ended with ${code === null ? String(signal) : `code ${code}`}`);
        });
    }

    #boundLogs(): void {
        for (const { program } of this.#running) {
            // It is open for appending, so that the program goes on at the new end.
            if (statSync(program.logFile).size > LOG_BYTES_MAX) truncateSync(program.logFile);
        }
    }
}

function launch({ command, args, logFile }: Program): ChildProcess {
    mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
    const file = openSync(logFile, "a", 0o600);
    // With pdeathsig no program is left over when RKE2 is killed, and the next one finds its ports free.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...args], {
        cwd: "/",
        stdio: ["ignore", file, file],
        env: {
            PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin",
            HOME: "/",
            // By this mark rke2-killall.sh finds what is left.
            LAB_RKE2: "1",
            // A machine carries many hosts.
            GOMAXPROCS: "2",
        },
    });
    closeSync(file);
    return child;
}

async function stop(child: ChildProcess, seconds: number): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exit = Promise.withResolvers<undefined>();
    child.once("exit", () => {
        exit.resolve(undefined);
    });
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
    await exit.promise;
    clearTimeout(hard);
}

function lastLine(file: string): string {
    const line = readFileSync(file, "utf8").slice(-2000).trimEnd().split("\n").at(-1) ?? "";
    return line === "" ? `; ${file} is empty` : `; the last line of ${file}: ${line}`;
}
