type Level = "info" | "warning" | "error" | "fatal";

/** A line as RKE2 writes it. No message may hold a secret. */
export function logLine(level: Level, message: string): string {
    return `time="${new Date().toISOString()}" level=${level} msg=${JSON.stringify(message)}`;
}

function write(level: Level, message: string): void {
    process.stderr.write(`${logLine(level, message)}\n`);
}

/** RKE2's log: standard error, which is the journal. */
export const log = {
    info: (message: string): void => {
        write("info", message);
    },
    warning: (message: string): void => {
        write("warning", message);
    },
    error: (message: string): void => {
        write("error", message);
    },
    fatal: (message: string): void => {
        write("fatal", message);
    },
};
