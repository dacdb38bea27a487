import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const BYTES = 2048;

/** The end of a log, which tells why a container failed. */
export function logTail(file: string): string {
    const log = openSync(file, "r");
    try {
        const { size } = fstatSync(log);
        const tail = Buffer.alloc(Math.min(size, BYTES));
        readSync(log, tail, 0, tail.length, size - tail.length);
        return tail.toString();
    } finally {
        closeSync(log);
    }
}
