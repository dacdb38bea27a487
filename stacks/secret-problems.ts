import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import type { Problem } from "../model/problem.ts";
import type { NeededSecret } from "../model/secrets.ts";
import { readChain, subjectOf } from "../model/support/ca-certificate.ts";
import { ipsecKeyFault } from "../model/support/ipsec-key.ts";
import { kubeconfigFault } from "../model/support/kubeconfig.ts";

const FLATTEN = "kubectl config view --raw --minify --flatten";

/** Why a secret of the configuration cannot be used; nothing if it can. Its value is never part of a message. */
export function secretValueProblems(
    { key, kind, path, certificate }: NeededSecret,
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
    if (certificate !== undefined) {
        const why = notTheKeyOf(certificate, value);
        return why === undefined ? [] : problem(why, `run: ${set} < KEY_FILE`);
    }
    switch (kind) {
        case "text":
            return [];
        case "private key":
            return isPrivateKey(value)
                ? []
                : problem("is not a private key in PEM or OpenSSH form", `run: ${set} < KEY_FILE`);
        case "kubeconfig": {
            const fault = kubeconfigFault(value);
            return fault === undefined ? [] : problem(fault, `run: ${FLATTEN} | ${set}`);
        }
        case "IPsec key": {
            const fault = ipsecKeyFault(value);
            return fault === undefined
                ? []
                : problem(
                      `${fault}: the agents would not take it`,
                      `write it as "3+ rfc4106(gcm(aes)) 40_DIGITS 128", and run: ${set}`,
                  );
        }
    }
}

/** Why a private key file cannot be used; nothing if it can. `path` is where the description names it. */
export function keyFileProblems(file: string, path: string, certificate?: string): Problem[] {
    const problem = (rule: string, fix: string) => [{ path, value: file, rule, fix }];
    try {
        if (certificate !== undefined) {
            const why = notTheKeyOf(certificate, readFileSync(keyFilePath(file), "utf8"));
            return why === undefined ? [] : problem(why, "name the file with the CA's own key");
        }
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
            certificate === undefined
                ? "correct the path, or take the key from the configuration: auth: { privateKey: fromConfig(...) }"
                : "correct the path, or take the key from the configuration: privateKey: fromConfig(...)",
        );
    }
}

/** Why a kubeconfig file cannot be used; nothing if it can. `path` is where the description names it. */
export function kubeconfigFileProblems(file: string, path: string): Problem[] {
    const problem = (rule: string, fix: string) => [{ path, value: file, rule, fix }];
    try {
        const fault = kubeconfigFault(readFileSync(keyFilePath(file), "utf8"));
        return fault === undefined ? [] : problem(fault, `write one with: ${FLATTEN}`);
    } catch (error) {
        const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
        return problem(
            `cannot be read (${reason})`,
            "correct the path, or take it from the configuration: kubeconfig: fromConfig(...)",
        );
    }
}

/** Why a text is not the key of a CA's certificate; nothing if it is. */
function notTheKeyOf(certificate: string, text: string): string | undefined {
    const [signer] = readChain(certificate) ?? [];
    if (signer === undefined) return undefined;
    // The provider that signs reads neither a passphrase nor OpenSSH's form.
    if (!/^-----BEGIN (RSA |EC )?PRIVATE KEY-----/m.test(text) || /^Proc-Type: .*ENCRYPTED/m.test(text)) {
        return "is not a private key in PEM form without a passphrase";
    }
    try {
        return signer.checkPrivateKey(createPrivateKey(text))
            ? undefined
            : `is not the key of the CA's certificate, which is of ${subjectOf(signer)}`;
    } catch {
        return "is not a private key in PEM form without a passphrase";
    }
}

function isPrivateKey(text: string): boolean {
    return /^-----BEGIN [A-Z ]*PRIVATE KEY-----/m.test(text);
}

/** A path whose `~/` is the home of who runs this. */
export function keyFilePath(file: string): string {
    return file.startsWith("~/") ? join(homedir(), file.slice(2)) : file;
}
