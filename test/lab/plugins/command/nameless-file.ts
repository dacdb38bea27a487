import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A file that only this user reads and that no folder has: it is gone when it is closed and also when this process is killed.
 * Children open it through this process, since ssh closes whatever it inherits.
 */
export class NamelessFile {
    readonly #descriptor: number;
    /** Where children of this process find it. */
    readonly path: string;

    constructor(text: string) {
        const folder = mkdtempSync(join(tmpdir(), "nameless-"));
        try {
            this.#descriptor = openSync(join(folder, "file"), "wx+", 0o600);
        } finally {
            rmSync(folder, { recursive: true });
        }
        this.path = `/proc/${process.pid}/fd/${this.#descriptor}`;
        writeSync(this.#descriptor, text);
    }

    /** What is in it now. */
    read(): string {
        return readFileSync(this.path, "utf8");
    }

    close(): void {
        closeSync(this.#descriptor);
    }
}
