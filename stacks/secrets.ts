import { readFileSync } from "node:fs";

import * as pulumi from "@pulumi/pulumi";

import type { Problem } from "../model/problem.ts";
import { neededKeyFiles, neededKubeconfigFiles, neededSecrets, type NeededSecret } from "../model/secrets.ts";
import type { Mesh } from "../model/resolved.ts";
import {
    keyFilePath,
    keyFileProblems,
    kubeconfigFileProblems,
    secretValueProblems,
} from "./secret-problems.ts";

/** Where a deployment's secrets come from. */
export interface SecretSource {
    /** A secret of the configuration. */
    get(key: string): pulumi.Output<string>;
    /** The content of a file that is a secret: a private key, or a kubeconfig. */
    keyFile(file: string): pulumi.Output<string>;
    /** Why a secret of the configuration cannot be used; nothing if it can. */
    refuse(needed: NeededSecret): readonly Problem[];
    /** Why a private key file cannot be used; nothing if it can. `path` is where the description names it, `certificate` what it must belong to. */
    refuseKeyFile(file: string, path: string, certificate?: string): readonly Problem[];
    /** Why a kubeconfig file cannot be used; nothing if it can. `path` is where the description names it. */
    refuseKubeconfigFile(file: string, path: string): readonly Problem[];
}

/** The secrets of the stack that runs. */
export function stackSecrets(): SecretSource {
    const config = new pulumi.Config();
    return {
        get: (key) => config.requireSecret(key),
        keyFile: (file) => pulumi.secret(readFileSync(keyFilePath(file), "utf8")),
        refuse: (needed) => {
            const key = `${config.name}:${needed.key}`;
            return secretValueProblems(needed, pulumi.runtime.getConfig(key), isConfigSecret(key));
        },
        refuseKeyFile: keyFileProblems,
        refuseKubeconfigFile: kubeconfigFileProblems,
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

/** Every reason why the secrets that a mesh names cannot be used. Their values are never part of a message. */
export function secretProblems(mesh: Mesh, secrets: SecretSource): Problem[] {
    return [
        ...neededSecrets(mesh).flatMap((needed) => secrets.refuse(needed)),
        ...neededKeyFiles(mesh).flatMap(({ file, path, certificate }) =>
            secrets.refuseKeyFile(file, path, certificate),
        ),
        ...neededKubeconfigFiles(mesh).flatMap(({ file, path }) => secrets.refuseKubeconfigFile(file, path)),
    ];
}
