import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import type { Problem } from "../model/problem.ts";
import type { NeededSecret } from "../model/secrets.ts";

/** Why a secret of the configuration cannot be used; nothing if it can. Its value is never part of a message. */
export function secretValueProblems(
    { key, kind, path }: NeededSecret,
    value: string | undefined,
    encrypted: boolean,
): Problem[] {
    const set = `pulumi config set --secret ${key}`;
    const problem = (rule: string, fix: string) => [{ path, value: key, rule, fix }];
    if (value === undefined || value === "") {
        return problem("is a secret that the stack's configuration does not have", `run: ${set}`);
    }
    if (!encrypted) {
        return problem("stands in the stack's configuration in plain text", `change it, and run: ${set}`);
    }
    return kind === "private key" && !isPrivateKey(value)
        ? problem("is not a private key in PEM or OpenSSH form", `run: ${set} < KEY_FILE`)
        : [];
}

/** Why a private key file cannot be used; nothing if it can. `path` is where the description names it. */
export function keyFileProblems(file: string, path: string): Problem[] {
    const problem = (rule: string, fix: string) => [{ path, value: file, rule, fix }];
    try {
        return isPrivateKey(readFileSync(keyFilePath(file), "utf8"))
            ? []
            : problem(
                  "is not a private key in PEM or OpenSSH form",
                  "name the private key's file, not the public one's",
              );
    } catch (error) {
        const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
        return problem(
            `cannot be read (${reason})`,
            "correct the path, or take the key from the configuration: auth: { privateKey: fromConfig(...) }",
        );
    }
}

function isPrivateKey(text: string): boolean {
    return /^-----BEGIN [A-Z ]*PRIVATE KEY-----/m.test(text);
}

/** A path whose `~/` is the home of who runs this. */
export function keyFilePath(file: string): string {
    return file.startsWith("~/") ? join(homedir(), file.slice(2)) : file;
}
