import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Linux shows the open files of this process. */
const OPEN_FILES = `/proc/${process.pid}/fd`;

/**
 * A file that only this user reads and that no folder has: it is gone when it is closed and also when this process is killed.
 * Children open it through this process, since ssh closes whatever it inherits. A system that does not show a process's open
 * files (macOS) has it in a folder of its own, which goes when it is closed and when this process ends by itself.
 */
export class NamelessFile {
    readonly #descriptor: number;
    readonly #remove: () => void;
    /** Where children of this process find it. */
    readonly path: string;

    constructor(text: string, openFiles = OPEN_FILES) {
        const folder = mkdtempSync(join(tmpdir(), "nameless-"));
        const file = join(folder, "file");
        this.#remove = () => {
            rmSync(folder, { recursive: true, force: true });
        };
        process.on("exit", this.#remove);
        try {
            this.#descriptor = openSync(file, "wx+", 0o600);
            writeSync(this.#descriptor, text);
            this.path = existsSync(openFiles) ? `${openFiles}/${this.#descriptor}` : file;
        } catch (error) {
            this.#removeNow();
            throw error;
        }
        if (this.path !== file) this.#removeNow();
    }

    /** What is in it now. */
    read(): string {
        return readFileSync(this.path, "utf8");
    }

    close(): void {
        closeSync(this.#descriptor);
        this.#removeNow();
    }

    #removeNow(): void {
        process.off("exit", this.#remove);
        this.#remove();
    }
}
