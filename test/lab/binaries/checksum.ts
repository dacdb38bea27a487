import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** The SHA-256 sum of a file. */
export async function sha256(file: string): Promise<string> {
    return createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
}

/** A file's sum in what its makers publish: `SUM  NAME` lines for all files of a release, or the one file's sum alone. */
export function publishedSum(checksums: string, name: string): string | undefined {
    for (const line of checksums.split("\n")) {
        const [, sum, file] = /^([0-9a-f]{64})(?:\s+\*?(\S+))?\s*$/i.exec(line) ?? [];
        const stands = file === undefined || file.split("/").at(-1) === name;
        if (sum !== undefined && stands) return sum.toLowerCase();
    }
    return undefined;
}
