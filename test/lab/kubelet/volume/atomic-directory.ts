import {
    chmodSync,
    chownSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    readlinkSync,
    renameSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import type { Payload } from "./payload.ts";

/** Points to the folder that has the files now. */
const DATA = "..data";

/**
 * Makes a folder have just these files, all at once, as the kubelet does: each name is a link into `..data`, which is itself a
 * link that is replaced as a whole. A folder that has them already is left alone.
 * @param group who may read the files besides their owner
 * @returns whether anything has changed
 */
export function writeAtomically(folder: string, files: Payload, group?: number): boolean {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const before = currentFolder(folder);
    if (before !== undefined && holdsJust(join(folder, before), files)) return false;
    const made = mkdtempSync(join(folder, "..v"));
    chmodSync(made, 0o755);
    for (const [path, { content, mode, owner }] of files) {
        const file = join(made, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content, { mode: 0o600 });
        chownSync(file, owner ?? 0, group ?? 0);
        chmodSync(file, group === undefined ? mode : mode | 0o440);
    }
    const link = join(folder, "..data_new");
    rmSync(link, { force: true });
    symlinkSync(made.slice(folder.length + 1), link);
    renameSync(link, join(folder, DATA));
    linkNames(folder, files);
    if (before !== undefined) rmSync(join(folder, before), { recursive: true, force: true });
    return true;
}

function currentFolder(folder: string): string | undefined {
    return lstatSync(join(folder, DATA), { throwIfNoEntry: false }) === undefined
        ? undefined
        : readlinkSync(join(folder, DATA));
}

function holdsJust(folder: string, files: Payload): boolean {
    const present = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
    );
    if (present.length !== files.size) return false;
    for (const [path, { content }] of files) {
        const file = join(folder, path);
        if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
        if (!readFileSync(file).equals(content)) return false;
    }
    return true;
}

/** The names at the top of the folder: added and removed after the files themselves. */
function linkNames(folder: string, files: Payload): void {
    const wanted = new Set([...files.keys()].map((path) => path.split("/", 1).join("")));
    const present = new Set(readdirSync(folder).filter((name) => !name.startsWith("..")));
    for (const name of wanted) if (!present.has(name)) symlinkSync(join(DATA, name), join(folder, name));
    for (const name of present) if (!wanted.has(name)) rmSync(join(folder, name), { force: true });
}
