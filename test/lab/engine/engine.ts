import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { join } from "node:path";

import { engineEvent, type EngineEvent } from "./event.ts";
import { killTree } from "./kill-tree.ts";
import type { Operation } from "./operation.ts";

/** Where an engine runs, and with what. */
export interface EnginePlace {
    /** The folder of the engine's own files: settings, state, caches. */
    readonly folder: string;
    /** The stack that it works on. */
    readonly stack: string;
    /** What stands in front of a command so that it runs inside the lab. */
    readonly enter: (argv: readonly string[]) => readonly string[];
    /** Variables that the engine runs with, and no others. */
    readonly env: Readonly<Record<string, string>>;
    /** Secrets of the stack's configuration, by the files that hold them. */
    readonly secrets: Readonly<Record<string, string>>;
    /** The Node that runs the program. */
    readonly node: string;
}

/** How an operation ended. */
export interface Run {
    /** 0 if it did what it was asked for; `undefined` if it was killed. */
    readonly status: number | undefined;
    /** What the engine printed. */
    readonly output: string;
    readonly events: readonly EngineEvent[];
}

export interface OperateOptions {
    /** The folder of the program. */
    readonly program: string;
    /** Called for each event, as it comes; `kill` ends the engine and the program at once, as a lost machine would. */
    readonly onEvent?: (event: EngineEvent, kill: () => void) => void;
    /** Called for what the engine prints, as it comes. */
    readonly onOutput?: (text: string) => void;
    /** More secrets of the stack's configuration, by the files that hold them; with `configure`. */
    readonly secrets?: Readonly<Record<string, string>>;
    /** Where the state is written to; with `export`. */
    readonly to?: string;
}

/** Pulumi's engine, working on one stack inside a lab. One operation at a time. */
export class Engine {
    readonly #place: EnginePlace;

    constructor(place: EnginePlace) {
        this.#place = place;
    }

    /** Runs an operation to its end. That it fails is for the caller to judge. */
    async operate(operation: Operation, options: OperateOptions): Promise<Run> {
        const child = this.#start(operation, options);
        const kill = () => {
            killTree(child.pid);
        };
        const events: EngineEvent[] = [];
        const output: string[] = [];
        for (const stream of [child.stdout, child.stderr]) {
            stream?.setEncoding("utf8").on("data", (text: string) => {
                output.push(text);
                options.onOutput?.(text);
            });
        }
        const pipe = child.stdio[3];
        if (!(pipe instanceof Readable)) throw new Error("the engine has no pipe for its events");
        createInterface(pipe).on("line", (line) => {
            const event = engineEvent.parse(JSON.parse(line));
            events.push(event);
            options.onEvent?.(event, kill);
        });
        const status = await new Promise<number | undefined>((resolve, reject) => {
            child.on("error", reject);
            child.on("close", (code) => {
                resolve(code ?? undefined);
            });
        });
        return { status, output: output.join(""), events };
    }

    #start(operation: Operation, { program, secrets: more = {}, to }: OperateOptions): ChildProcess {
        const { enter, node, folder, stack, secrets, env } = this.#place;
        const [command = "", ...args] = enter([
            node,
            join(import.meta.dirname, "operate.ts"),
            ...["--operation", operation, "--program", program, "--stack", stack, "--folder", folder],
            ...(operation === "configure"
                ? Object.entries({ ...secrets, ...more }).flatMap(([key, file]) => [
                      "--secret",
                      `${key}=${file}`,
                  ])
                : []),
            ...(to === undefined ? [] : ["--to", to]),
        ]);
        return spawn(command, args, { env: { ...env }, stdio: ["ignore", "pipe", "pipe", "pipe"] });
    }
}
