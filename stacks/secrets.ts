import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import type { Problem } from "../model/problem.ts";
import { neededKeyFiles, neededSecrets, type NeededSecret } from "../model/secrets.ts";
import type { Mesh } from "../model/resolved.ts";

/** Where a deployment's secrets come from. */
export interface SecretSource {
    /** A secret of the configuration. */
    get(key: string): pulumi.Output<string>;
    /** The content of a private key file. */
    keyFile(file: string): pulumi.Output<string>;
    /** Why a secret of the configuration cannot be used; nothing if it can. */
    refuse(needed: NeededSecret): readonly Problem[];
    /** Why a private key file cannot be used; nothing if it can. `path` is where the description names it. */
    refuseKeyFile(file: string, path: string): readonly Problem[];
}

/** The secrets of the stack that runs. */
export function stackSecrets(): SecretSource {
    const config = new pulumi.Config();
    return {
        get: (key) => config.requireSecret(key),
        keyFile: (file) => pulumi.secret(readFileSync(keyFilePath(file), "utf8")),
        refuse: (needed) => {
            const key = `${config.name}:${needed.key}`;
            return refuseSecret(needed, pulumi.runtime.getConfig(key), isConfigSecret(key));
        },
        refuseKeyFile,
    };
}

/** Whether the configuration keeps a key encrypted. The runtime knows; only its declaration is internal. */
function isConfigSecret(key: string): boolean {
    const ask: unknown = Reflect.get(pulumi.runtime, "isConfigSecret");
    if (typeof ask !== "function") {
        throw new pulumi.RunError(
            "this version of @pulumi/pulumi does not tell which keys are encrypted: use the one in package.json",
        );
    }
    return Reflect.apply(ask, undefined, [key]) === true;
}

function refuseSecret(
    { key, kind, path }: NeededSecret,
    value: string | undefined,
    encrypted: boolean,
): Problem[] {
    const set = `pulumi config set --secret ${key}`;
    if (value === undefined || value === "") {
        return [
            {
                path,
                value: key,
                rule: "is a secret that the stack's configuration does not have",
                fix: `run: ${set}`,
            },
        ];
    }
    if (!encrypted) {
        return [
            {
                path,
                value: key,
                rule: "stands in the stack's configuration in plain text",
                fix: `change it, and run: ${set}`,
            },
        ];
    }
    return kind === "private key" && !isPrivateKey(value)
        ? [
              {
                  path,
                  value: key,
                  rule: "is not a private key in PEM or OpenSSH form",
                  fix: `run: ${set} < KEY_FILE`,
              },
          ]
        : [];
}

/** Every reason why the secrets that a mesh names cannot be used. Their values are never part of a message. */
export function secretProblems(mesh: Mesh, secrets: SecretSource): Problem[] {
    return [
        ...neededSecrets(mesh).flatMap((needed) => secrets.refuse(needed)),
        ...neededKeyFiles(mesh).flatMap(({ file, path }) => secrets.refuseKeyFile(file, path)),
    ];
}

function refuseKeyFile(file: string, path: string): Problem[] {
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

function keyFilePath(file: string): string {
    return file.startsWith("~/") ? join(homedir(), file.slice(2)) : file;
}
