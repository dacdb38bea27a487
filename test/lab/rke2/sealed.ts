import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from "node:crypto";

import { z } from "zod";

import { Fatal } from "./fatal.ts";

const Sealed = z.object({ salt: z.string(), iv: z.string(), tag: z.string(), data: z.string() });

/** Encrypts a text with a token. */
export function seal(text: string, token: string): string {
    const [salt, iv] = [randomBytes(16), randomBytes(12)];
    const cipher = createCipheriv("aes-256-gcm", scryptSync(token, salt, 32), iv);
    const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    const base64 = (bytes: Buffer) => bytes.toString("base64");
    return JSON.stringify({
        salt: base64(salt),
        iv: base64(iv),
        tag: base64(cipher.getAuthTag()),
        data: base64(data),
    });
}

/** The text again. With another token there is none. */
export function unseal(sealed: string, token: string): string {
    const { salt, iv, tag, data } = Sealed.parse(JSON.parse(sealed));
    const bytes = (text: string) => Buffer.from(text, "base64");
    const decipher = createDecipheriv("aes-256-gcm", scryptSync(token, bytes(salt), 32), bytes(iv));
    decipher.setAuthTag(bytes(tag));
    try {
        return Buffer.concat([decipher.update(bytes(data)), decipher.final()]).toString("utf8");
    } catch {
        throw new Fatal("failed to decrypt bootstrap data: the token is another one");
    }
}

/** Names a token without showing it. */
export function tokenFingerprint(token: string): string {
    return createHash("sha256").update(token).digest("hex").slice(0, 12);
}
