import { count } from "./words.ts";

/** Where progress is shown. */
export interface ProgressStream {
    readonly isTTY?: boolean;
    write(text: string): unknown;
}

export interface ProgressOptions {
    readonly stream: ProgressStream;
    /** Milliseconds of a clock that only goes on. @default - those since this process began */
    readonly now?: () => number;
}

const PATIENCE_MILLISECONDS = 1000;

/** One line that says how far a plan is, once it has taken longer than a second: kept up to date on a terminal, once elsewhere. */
export class Progress {
    readonly #subject: string;
    readonly #stream: ProgressStream;
    readonly #now: () => number;
    readonly #start: number;
    #shown = "";

    constructor(subject: string, { stream, now = () => performance.now() }: ProgressOptions) {
        this.#subject = subject;
        this.#stream = stream;
        this.#now = now;
        this.#start = now();
    }

    update(resources: number): void {
        if (this.#now() - this.#start <= PATIENCE_MILLISECONDS) return;
        const terminal = this.#stream.isTTY === true;
        if (!terminal && this.#shown !== "") return;
        this.#shown = `planning ${this.#subject}: ${count(resources, "resource")}`;
        this.#stream.write(terminal ? `\r${this.#shown}` : `${this.#shown}\n`);
    }

    /** Takes the line away again where that is possible. */
    end(): void {
        if (this.#stream.isTTY === true && this.#shown !== "") {
            this.#stream.write(`\r${" ".repeat(this.#shown.length)}\r`);
        }
        this.#shown = "";
    }
}
