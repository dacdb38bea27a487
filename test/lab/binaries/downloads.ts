import { mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { publishedSum, sha256 } from "./checksum.ts";
import { fetchFile, type FetchFile } from "./fetch-file.ts";
import type { Release } from "./program.ts";
import { lastLines, run } from "./run.ts";
import type { Say } from "./say.ts";

/** Downloads of official files. None is needed: whatever goes wrong is told, and there is another way. */
export class Downloads {
    readonly #say: Say;
    readonly #fetch: FetchFile;
    readonly #unreachable = new Set<string>();

    constructor(say: Say, fetch: FetchFile = fetchFile) {
        this.#say = say;
        this.#fetch = fetch;
    }

    /** A release's program in this folder, once its checksum is found right. */
    async program(name: string, release: Release, folder: string): Promise<string | undefined> {
        const sums = await this.text(name, release.checksums, folder);
        if (sums === undefined) return undefined;
        const archive = basename(new URL(release.url).pathname);
        const sum = publishedSum(sums, archive);
        if (sum === undefined) {
            this.#say(`${name}: not downloaded, as ${release.checksums} says nothing of ${archive}`);
            return undefined;
        }
        const file = await this.verified(name, release.url, sum, folder);
        if (file === undefined || release.member === undefined) return file;
        return await this.#unpacked(name, file, release.member, folder);
    }

    /** A file in this folder, if it is the one with this SHA-256 sum. */
    async verified(name: string, url: string, sum: string, folder: string): Promise<string | undefined> {
        const file = await this.#file(name, url, folder);
        if (file === undefined) return undefined;
        const found = await sha256(file);
        if (found === sum) return file;
        this.#say(
            `${name}: ${url} is thrown away, as its SHA-256 sum is ${found}, and its makers publish ${sum}`,
        );
        return undefined;
    }

    /** What stands in a file of the web. */
    async text(name: string, url: string, folder: string): Promise<string | undefined> {
        const file = await this.#file(name, url, folder);
        return file === undefined ? undefined : await readFile(file, "utf8");
    }

    async #file(name: string, url: string, folder: string): Promise<string | undefined> {
        const { host, pathname } = new URL(url);
        if (this.#unreachable.has(host)) return undefined;
        const file = join(folder, basename(pathname));
        const refusal = await this.#fetch(url, file);
        if (refusal === undefined) return file;
        if (refusal.unreachable) this.#unreachable.add(host);
        this.#say(`${name}: no download of ${url} (${refusal.reason})`);
        return undefined;
    }

    async #unpacked(
        name: string,
        archive: string,
        member: string,
        folder: string,
    ): Promise<string | undefined> {
        const contents = join(folder, "contents");
        await mkdir(contents);
        const ended = await run("tar", ["-xzf", archive, "-C", contents, "--no-same-owner", member]);
        if (ended.status === 0) return join(contents, member);
        this.#say(`${name}: no ${member} in ${basename(archive)}: ${lastLines(ended, 1)}`);
        return undefined;
    }
}
