import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a file whole or not at all, for its owner alone unless told otherwise. */
export function writePrivate(path: string, text: string, mode = 0o600): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const written = `${path}.new`;
    writeFileSync(written, text, { mode: 0o600 });
    chmodSync(written, mode);
    renameSync(written, path);
}

/** The text of a file, or `undefined`. */
export function readIfThere(path: string): string | undefined {
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
