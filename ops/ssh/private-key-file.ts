import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { NamelessFile } from "./nameless-file.ts";
import { nameOf, type SshEndpoint } from "./target.ts";

const ASKPASS = fileURLToPath(new URL("askpass.sh", import.meta.url));

/** The private key of an endpoint in a file, without a passphrase; `undefined` if it has none. */
export async function privateKeyFile(endpoint: SshEndpoint): Promise<NamelessFile | undefined> {
    if (endpoint.privateKey === undefined) return undefined;
    // ssh reads no key whose last line does not end.
    const file = new NamelessFile(`${endpoint.privateKey.trimEnd()}\n`);
    try {
        await decrypt(file, endpoint.passphrase);
        return file;
    } catch (error) {
        file.close();
        throw new Error(`the private key for ${nameOf(endpoint)} cannot be read: ${reasonIn(error)}`, {
            cause: error,
        });
    }
}

async function decrypt(file: NamelessFile, passphrase: string | undefined): Promise<void> {
    const answer = passphrase === undefined ? undefined : new NamelessFile(passphrase);
    try {
        await promisify(execFile)("ssh-keygen", ["-q", "-p", "-N", "", "-f", file.path], {
            env: {
                PATH: process.env["PATH"],
                SSH_ASKPASS_REQUIRE: "force",
                ...(answer === undefined
                    ? { SSH_ASKPASS: "/bin/false" }
                    : { SSH_ASKPASS: ASKPASS, PASSPHRASE_FILE: answer.path }),
            },
        });
    } finally {
        answer?.close();
    }
}

function reasonIn(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    if (/incorrect passphrase/i.test(text)) {
        return "it is protected by a passphrase, and that is not the one given: give the right one";
    }
    if (/ENOENT/.test(text)) return "there is no ssh-keygen on PATH: install OpenSSH's client";
    return "it is in no form that ssh-keygen knows: give it as OpenSSH or OpenSSL wrote it";
}
