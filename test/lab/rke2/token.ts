import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

import { Fatal } from "./fatal.ts";
import type { TokenSource } from "./settings.ts";

/** A token as a node has it: what it proves, and perhaps whom it is for. */
export interface Token {
    readonly user: string;
    readonly secret: string;
    /** The SHA-256 of the cluster's CA, when the token is a full one. */
    readonly caHash?: string;
}

/** The token in config.yaml or in its file; `undefined` when there is none. */
export function readToken(source: TokenSource, user: string): Token | undefined {
    if (source.text !== undefined) return parseToken(source.text, user);
    if (source.file === undefined) return undefined;
    if (!existsSync(source.file))
        throw new Fatal(`failed to read token file: open ${source.file}: no such file or directory`);
    return parseToken(readFileSync(source.file, "utf8").trim(), user);
}

/** A token of either form; no message shows it. */
export function parseToken(text: string, user: string): Token {
    if (text === "") throw new Fatal("failed to read token: it is empty");
    if (!text.startsWith("K10")) return { user, secret: text };
    const [, caHash, named, secret] = /^K10([0-9a-f]{64})::([^:]+):(.+)$/s.exec(text) ?? [];
    if (caHash === undefined || named === undefined || secret === undefined) {
        throw new Fatal("failed to normalize token: it must be K10<CA sha256>::<user>:<password>");
    }
    return { user: named, secret, caHash };
}

/** The full form, as servers write it. */
export function fullToken(user: string, secret: string, ca: string): string {
    return `K10${caHash(ca)}::${user}:${secret}`;
}

/** What stands in a full token for a CA certificate. */
export function caHash(ca: string): string {
    const der = Buffer.from(ca.replace(/-----[^-]+-----|\s/g, ""), "base64");
    return createHash("sha256").update(der).digest("hex");
}

/** Ends RKE2 if a full token is one of another cluster. */
export function checkCa(token: Token, ca: string): void {
    const found = caHash(ca);
    if (token.caHash !== undefined && token.caHash !== found) {
        throw new Fatal(
            `token CA hash does not match the Cluster CA certificate hash: ${token.caHash} != ${found}`,
        );
    }
}

/** A new secret, for a cluster that was given none. */
export function newSecret(): string {
    return randomBytes(16).toString("hex");
}

/** Whether two secrets are the same, in a time that does not tell where they differ. */
export function sameSecret(one: string, other: string): boolean {
    const digest = (text: string) => createHash("sha256").update(text).digest();
    return timingSafeEqual(digest(one), digest(other));
}
