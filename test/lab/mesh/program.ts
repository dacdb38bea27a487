import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import type { MeshDescription } from "../../../model/describe.ts";

/** The folder of the program itself: this repository. */
export const PROGRAM = resolve(import.meta.dirname, "../../..");

/** What `pulumi up` reads of the repository. */
const PARTS = ["index.ts", "package.json", "Pulumi.yaml", "model", "components", "stacks"];

/** A change of one place in the program's text. */
export interface Edit {
    /** The file, seen from the repository. */
    readonly file: string;
    /** What stands there, exactly once. */
    readonly find: string;
    readonly replace: string;
}

/** A copy of the program, to be changed and run in its place. Gives its folder. */
export async function copyProgram(folder: string): Promise<string> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await Promise.all(PARTS.map((part) => cp(join(PROGRAM, part), join(folder, part), { recursive: true })));
    await symlink(join(PROGRAM, "node_modules"), join(folder, "node_modules"));
    return folder;
}

/** Changes a copy of the program. An edit that fits nowhere, or twice, would test nothing: it is an error. */
export async function edit(folder: string, edits: readonly Edit[]): Promise<void> {
    for (const { file, find, replace } of edits) {
        const text = await readFile(join(folder, file), "utf8");
        const found = text.split(find).length - 1;
        if (found !== 1) throw new Error(`${file} has ${found} places, and not one, that read: ${find}`);
        await writeFile(
            join(folder, file),
            text.replace(find, () => replace),
        );
    }
}

/** Lets a copy of the program deploy another description. */
export async function describe(folder: string, stack: string, description: MeshDescription): Promise<void> {
    await writeFile(
        join(folder, "stacks", `${stack}.ts`),
        `export default ${JSON.stringify(description, undefined, 4)};\n`,
    );
}
