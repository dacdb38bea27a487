import { X509Certificate } from "node:crypto";

/** What is shorter is found by chance. */
const SHORTEST = 8;
/** A run of letters and digits that is shorter is no key: names look like it. */
const SHORTEST_RUN = 24;

export interface SecretWordsOptions {
    /** Whether the text is a secret even if it looks like a word of a language, as passwords do. */
    readonly chosen: boolean;
}

/**
 * The parts of a secret text that give it away wherever they are seen: of a private key the lines of its PEM form, of a text of
 * many words those that were made by chance. Certificates are public, although they stand beside keys.
 */
export function secretWords(text: string, { chosen }: SecretWordsOptions): string[] {
    const secret = text.replaceAll(CERTIFICATE, "").trim();
    const found = [...wordsIn(secret), ...(chosen && !/\s/.test(secret) ? chosenWords(secret) : [])];
    return [...new Set(found)].filter((word) => word.length >= SHORTEST);
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const KEY = /-----BEGIN ((?:[A-Z]+ )?)PRIVATE KEY-----([^-]*)-----END (?:[A-Z]+ )?PRIVATE KEY-----/g;

function wordsIn(text: string): string[] {
    const runs = text.replaceAll(KEY, "").match(/[A-Za-z0-9+/_-]+={0,2}/g) ?? [];
    return [
        ...[...text.matchAll(KEY)].flatMap(([, kind = "", body = ""]) => keyLines(kind, body)),
        ...runs
            .filter((run) => looksRandom(run) && !isCertificate(run))
            // Base64 may hold a key in PEM form, which may be seen as such.
            .flatMap((run) => [run, ...[...decoded(run).matchAll(KEY)].flatMap(([key]) => wordsIn(key))]),
    ];
}

/** A password or a token; in a Secret of Kubernetes it stands in base64. */
function chosenWords(word: string): string[] {
    const text = decoded(word);
    const isBase64 = Buffer.from(text).toString("base64") === word;
    if (isCertificate(word) || (isBase64 && /-----BEGIN CERTIFICATE-----/.test(text))) return [];
    return [word, ...(isBase64 && /^[\x20-\x7e]+$/.test(text) ? [text] : [])];
}

/** Lines with a part of the private half, and not only of the public one, which certificates show. */
function keyLines(kind: string, body: string): string[] {
    const lines = body.trim().split(/\s+/);
    // OpenSSH's form has the private half at its end, all others have the public one there.
    if (kind.startsWith("OPENSSH")) return lines.slice(-2);
    return lines.length > 1 ? lines.slice(0, -1) : lines;
}

/** Digits of a number, or base64: words of a language, names and paths have no such mixture. */
function looksRandom(run: string): boolean {
    if (run.length < SHORTEST_RUN) return false;
    if (/^[0-9a-f]+$/.test(run)) return /[0-9]/.test(run) && /[a-f]/.test(run);
    if (count(run, /[/_-]/g) > run.length / 12) return false;
    return [/[A-Z]/g, /[a-z]/g, /[0-9]/g].every((kind) => count(run, kind) > run.length / 20);
}

function count(text: string, kind: RegExp): number {
    return text.match(kind)?.length ?? 0;
}

/** Whether it is a certificate in base64: alone, or in PEM form. */
function isCertificate(word: string): boolean {
    const bytes = Buffer.from(word, "base64");
    if (decoded(word).includes("PRIVATE KEY") || bytes.length < 100) return false;
    try {
        new X509Certificate(bytes);
        return true;
    } catch {
        return false;
    }
}

function decoded(word: string): string {
    return Buffer.from(word, "base64").toString("utf8");
}
