/** How long to wait before each further try: twice as long every time, up to a limit. */
export class Backoff {
    readonly #first: number;
    readonly #most: number;
    #next: number;

    constructor(firstMilliseconds: number, mostMilliseconds: number) {
        this.#first = firstMilliseconds;
        this.#most = mostMilliseconds;
        this.#next = firstMilliseconds;
    }

    /** The milliseconds to wait now. */
    next(): number {
        const now = this.#next;
        this.#next = Math.min(now * 2, this.#most);
        return now;
    }

    /** After a success. */
    reset(): void {
        this.#next = this.#first;
    }
}
