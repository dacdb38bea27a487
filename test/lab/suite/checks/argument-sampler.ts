import { setTimeout as pause } from "node:timers/promises";

import type { Lab } from "../../hosts/lab.ts";

/** Where arguments of a process were seen, and what they were. */
export interface SeenArguments {
    readonly place: string;
    readonly text: string;
}

/** Looks again and again at the arguments of all processes of a lab, as any user of a machine can, while something else runs. */
export class ArgumentSampler {
    readonly #lab: Lab;
    readonly #seen = new Map<string, SeenArguments>();
    #running = false;
    #loop: Promise<void> = Promise.resolve();

    constructor(lab: Lab) {
        this.#lab = lab;
    }

    /** Begins to look, until `stop` is called. */
    start(): void {
        if (this.#running) return;
        this.#running = true;
        this.#loop = this.#run();
    }

    /** Ends the looking. It fails if looking has failed. */
    async stop(): Promise<void> {
        this.#running = false;
        await this.#loop;
    }

    /** All arguments that were seen so far, each once. */
    get seen(): readonly SeenArguments[] {
        return [...this.#seen.values()];
    }

    async #run(): Promise<void> {
        while (this.#running) {
            this.#look();
            await pause(INTERVAL_MS);
        }
    }

    #look(): void {
        for (const { host, argv } of this.#lab.processes()) {
            const place = `the arguments of ${argv[0] ?? "a process"} ${host === undefined ? "in the lab" : `on ${host}`}`;
            const text = argv.join(" ");
            if (text !== "") this.#seen.set(`${place}\n${text}`, { place, text });
        }
    }
}

/** Every look walks through all processes; this leaves most of a core to the lab. */
const INTERVAL_MS = 250;
