import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { reasonOf } from "../../model/plain.ts";
import { show, type Problem } from "../../model/problem.ts";
import { fileHash } from "./file-hash.ts";

/** A file of an installation without a network, and what it must be. */
export interface Artifact {
    readonly name: string;
    readonly sha256: string;
}

export interface Artifacts {
    /** In the order of their names: the install script, and for each architecture the tarball, its checksums and images. */
    readonly files: readonly Artifact[];
    readonly problems: readonly Problem[];
}

const INSTALLER = "install.sh";
/** The images that RKE2 itself cannot start without. */
const CORE_IMAGES = (architecture: string) => `rke2-images-core.linux-${architecture}.tar.zst`;
const tarball = (architecture: string) => `rke2.linux-${architecture}.tar.gz`;
const checksums = (architecture: string) => `sha256sum-${architecture}.txt`;

/**
 * What a folder on this machine holds for hosts without a network. Each file that is listed in `sha256sum-<arch>.txt` must be
 * as listed; of others, as the install script and a user's own images, it is told what they are. Everything else in the
 * folder is left alone. `path` is where the description names the folder.
 *
 * With `elsewhere`, the hosts find the files at an address: the folder then needs the install script and the checksums alone.
 * Images are those that lie in it too; where none do, `rke2-images-core` as it is listed.
 */
export function artifacts(directory: string, path: string, { elsewhere = false } = {}): Artifacts {
    const names = filesIn(directory);
    if (typeof names === "string") {
        return {
            files: [],
            problems: [
                {
                    path,
                    value: show(directory),
                    rule: names,
                    fix: "put the files there, or name their folder",
                },
            ],
        };
    }
    return new Folder(directory, names, path, elsewhere).look();
}

/** The names of the files in a folder, or why there are none. */
function filesIn(directory: string): string[] | string {
    try {
        if (!statSync(directory).isDirectory()) return "is not a folder";
        return readdirSync(directory)
            .filter((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.isFile() === true)
            .sort();
    } catch (error) {
        return error instanceof Error && "code" in error && error.code === "ENOENT"
            ? `does not exist; a relative path begins at ${process.cwd()}`
            : `cannot be read: ${reasonOf(error)}`;
    }
}

class Folder {
    readonly #directory: string;
    readonly #names: readonly string[];
    readonly #path: string;
    readonly #elsewhere: boolean;
    readonly #problems: Problem[] = [];

    constructor(directory: string, names: readonly string[], path: string, elsewhere: boolean) {
        this.#directory = directory;
        this.#names = names;
        this.#path = path;
        this.#elsewhere = elsewhere;
    }

    look(): Artifacts {
        const architectures = this.#architectures();
        const lists = architectures.map((architecture) => this.#listOf(architecture));
        const listed = new Map(lists.flatMap((list) => [...list]));
        const wanted = [
            INSTALLER,
            ...architectures.flatMap((architecture) => [checksums(architecture), tarball(architecture)]),
            ...this.#images(architectures, listed),
        ];
        const files = wanted.flatMap((name) => this.#check(name, listed)).sort(byName);
        return { files: this.#problems.length === 0 ? files : [], problems: this.#problems };
    }

    /** Those of which there is anything. */
    #architectures(): string[] {
        const found = this.#names.flatMap(
            (name) => /^(?:rke2\.linux|sha256sum)-([a-z0-9]+)\.(?:tar\.gz|txt)$/.exec(name)?.[1] ?? [],
        );
        if (found.length === 0) {
            this.#problem(
                undefined,
                this.#elsewhere ? "holds no sha256sum-<arch>.txt" : "holds no rke2.linux-<arch>.tar.gz",
                "take them from the release of RKE2, for each architecture of the hosts",
            );
        }
        return [...new Set(found)];
    }

    /** What the release says of its files. */
    #listOf(architecture: string): Map<string, string> {
        const name = checksums(architecture);
        if (!this.#names.includes(name)) return new Map();
        const list = new Map(
            readFileSync(join(this.#directory, name), "utf8")
                .split("\n")
                .flatMap((line) => {
                    const [, sha256, file] = /^([0-9a-f]{64}) [ *](?:\S*\/)?(\S+)\s*$/.exec(line) ?? [];
                    return sha256 === undefined || file === undefined ? [] : [[file, sha256] as const];
                }),
        );
        if (!list.has(tarball(architecture))) {
            this.#problem(
                name,
                `says nothing of ${tarball(architecture)}`,
                "take both from the same release of RKE2",
            );
        }
        return list;
    }

    #images(architectures: readonly string[], listed: ReadonlyMap<string, string>): string[] {
        const images = this.#names.filter(
            (name) =>
                /\.tar(?:\.gz|\.zst)?$/.test(name) &&
                !/^rke2\.linux-|windows/.test(name) &&
                // A release has the same images in both forms.
                !(name.endsWith(".gz") && this.#names.includes(name.replace(/gz$/, "zst"))),
        );
        return images.length === 0 && this.#elsewhere
            ? architectures.map(CORE_IMAGES).filter((name) => listed.has(name))
            : images;
    }

    #check(name: string, listed: ReadonlyMap<string, string>): Artifact[] {
        const expected = listed.get(name);
        if (!/^[A-Za-z0-9][\w.+-]*$/.test(name)) {
            this.#problem(
                name,
                "is no name for a file that goes to hosts: letters, digits and . _ + -",
                "rename it",
            );
            return [];
        }
        if (!this.#names.includes(name)) {
            if (this.#elsewhere && name !== INSTALLER && expected !== undefined)
                return [{ name, sha256: expected }];
            // What the list itself does not say has been reported with the list.
            if (!this.#elsewhere || name === INSTALLER || name.endsWith(".txt")) this.#missing(name);
            return [];
        }
        const found = this.#hash(name);
        if (found === undefined) return [];
        if (expected !== undefined && expected !== found) {
            this.#problem(
                name,
                `has the SHA-256 ${found}, and the release lists ${expected}`,
                "download it again, and the checksums with it",
            );
            return [];
        }
        return [{ name, sha256: found }];
    }

    #hash(name: string): string | undefined {
        try {
            return fileHash(join(this.#directory, name));
        } catch (error) {
            this.#problem(name, `cannot be read: ${reasonOf(error)}`, "let this user read it");
            return undefined;
        }
    }

    #missing(name: string): void {
        this.#problem(
            undefined,
            `holds no ${name}`,
            name === INSTALLER
                ? "put what https://get.rke2.io answers there under this name"
                : "take it from the release of RKE2",
        );
    }

    #problem(name: string | undefined, rule: string, fix: string): void {
        this.#problems.push({
            path: this.#path,
            value: show(name === undefined ? this.#directory : join(this.#directory, name)),
            rule,
            fix,
        });
    }
}

function byName({ name: a }: Artifact, { name: b }: Artifact): number {
    return a < b ? -1 : 1;
}
