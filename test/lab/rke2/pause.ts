import { setTimeout } from "node:timers/promises";

/** Waits. */
export async function pause(milliseconds: number): Promise<void> {
    await setTimeout(milliseconds);
}

/** Asks again, with a pause in between, until there is an answer; after the deadline the last reason is the error. */
export async function until<T>(
    ask: () => Promise<T | undefined>,
    options: { readonly every: number; readonly seconds: number; readonly what: string },
): Promise<T> {
    const deadline = Date.now() + options.seconds * 1000;
    for (;;) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        if (Date.now() > deadline) throw new Error(`gave up after ${options.seconds} s: ${options.what}`);
        await pause(options.every);
    }
}
