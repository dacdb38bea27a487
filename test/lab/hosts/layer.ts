import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { run } from "./run.ts";

/**
 * One of the folders that a host's root is stacked from. Folders above what is put here keep the owner and permissions that
 * they have on the machine, as the topmost layer's count.
 */
export class Layer {
    readonly path: string;

    constructor(path: string) {
        this.path = path;
        mkdirSync(path, { recursive: true, mode: 0o755 });
    }

    /** Puts a folder here, with the permissions given. */
    folder(path: string, mode = 0o755): void {
        this.#parents(path);
        const at = join(this.path, path);
        if (!existsSync(at)) mkdirSync(at);
        chmodSync(at, mode);
    }

    /** Puts a file here. */
    file(path: string, content: string | Buffer, mode = 0o644): void {
        this.#parents(path);
        const at = join(this.path, path);
        writeFileSync(at, content, { mode });
        chmodSync(at, mode);
    }

    /** Hides what the layers below have at these paths. */
    async hide(paths: readonly string[]): Promise<void> {
        for (const path of paths) {
            this.#parents(path);
            const at = join(this.path, path);
            rmSync(at, { recursive: true, force: true });
            // An overlay's sign for "nothing here".
            await run(`hiding the machine's ${path}`, ["mknod", at, "c", "0", "0"]);
        }
    }

    #parents(path: string): void {
        const parent = dirname(path);
        const at = join(this.path, parent);
        if (parent === "/" || existsSync(at)) return;
        this.#parents(parent);
        const like = existsSync(parent) ? statSync(parent) : { mode: 0o755, uid: 0, gid: 0 };
        mkdirSync(at);
        chmodSync(at, like.mode & 0o7777);
        chownSync(at, like.uid, like.gid);
    }
}
