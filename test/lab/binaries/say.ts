/** Tells whoever waits what is going on, a line at a time. */
export type Say = (line: string) => void;

/** A duration as people say it: `45 s`, `3 min 5 s`. */
export function duration(milliseconds: number): string {
    const seconds = Math.round(milliseconds / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
