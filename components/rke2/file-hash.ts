import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const KNOWN = new Map<string, { readonly stamp: string; readonly sha256: string }>();
const PIECE = 1 << 20;

/** The SHA-256 of a file, in hex. Archives are large: it is read piece by piece, and once in a process while it stays as it is. */
export function fileHash(path: string): string {
    const file = openSync(path, "r");
    try {
        const { size, mtimeMs } = fstatSync(file);
        const stamp = `${size} ${mtimeMs}`;
        const known = KNOWN.get(path);
        if (known?.stamp === stamp) return known.sha256;
        const sha256 = hashOf(file);
        KNOWN.set(path, { stamp, sha256 });
        return sha256;
    } finally {
        closeSync(file);
    }
}

function hashOf(file: number): string {
    const hash = createHash("sha256");
    const piece = Buffer.allocUnsafe(PIECE);
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
        hash.update(piece.subarray(0, read));
    }
    return hash.digest("hex");
}
