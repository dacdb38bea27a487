import { setTimeout } from "node:timers/promises";

/** Waits, but no longer than until the signal aborts. It never throws. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    try {
        await setTimeout(milliseconds, undefined, { signal });
    } catch (error) {
        if (!signal.aborted) throw error;
    }
}
