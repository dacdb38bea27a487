import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { holding } from "./lock.ts";
import type { Say } from "./say.ts";

const TEMPORARY = "unfinished-";

/** `$XDG_CACHE_HOME/multicluster`, or `~/.cache/multicluster`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
    const { XDG_CACHE_HOME: folder = "" } = env;
    return join(folder === "" ? join(homedir(), ".cache") : folder, "multicluster");
}

/** Files that took long to get. Each is there whole or not at all, and never changes: its name holds its version. */
export class Cache {
    readonly #folder: string;

    constructor(folder = cacheFolder()) {
        this.#folder = folder;
    }

    /** Where a file is, if it is here. */
    find(name: string): string | undefined {
        const file = join(this.#folder, name);
        return existsSync(file) ? file : undefined;
    }

    /** A folder for unfinished work, on the same disk as the cache; it is removed when the work is over. */
    async working<T>(work: (folder: string) => Promise<T>): Promise<T> {
        await mkdir(this.#folder, { recursive: true });
        const folder = await mkdtemp(join(this.#folder, TEMPORARY));
        try {
            return await work(folder);
        } finally {
            await rm(folder, { recursive: true, force: true });
        }
    }

    /** Takes a finished file over. Where someone else was faster, the last of equal files stays. */
    async place(finished: string, name: string, mode: number): Promise<string> {
        const file = join(this.#folder, name);
        await mkdir(dirname(file), { recursive: true });
        await chmod(finished, mode);
        await rename(finished, file);
        return file;
    }

    /** Does the work while nobody else fills this cache, and after what a killed run left behind is gone. */
    async exclusively<T>(say: Say, work: () => Promise<T>): Promise<T> {
        await mkdir(this.#folder, { recursive: true });
        return await holding(join(this.#folder, "lock"), say, async (held) => {
            if (held) await this.#removeUnfinished();
            return await work();
        });
    }

    async #removeUnfinished(): Promise<void> {
        const entries = await readdir(this.#folder);
        const left = entries.filter((entry) => entry.startsWith(TEMPORARY));
        await Promise.all(
            left.map((entry) => rm(join(this.#folder, entry), { recursive: true, force: true })),
        );
    }
}
