import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import * as pulumi from "@pulumi/pulumi";

import { reasonOf } from "../model/plain.ts";

/** The modules of this folder that deploy; every other one describes an environment. */
const PROGRAM = [
    ...["accept", "certificate-end", "check-hosts", "cilium-args", "deploy-cluster", "deploy-mesh"],
    ...[
        "left-as-it-is",
        "load",
        "member-changes",
        "member-kubernetes",
        "mesh-domain-changes",
        "node-settings",
    ],
    ...["preflight-args", "secret-problems", "secrets", "shared-ca-args", "shown-member", "ssh"],
];

/** The environments that are described in this folder. */
export async function stackNames(): Promise<string[]> {
    const files = await readdir(import.meta.dirname);
    return files
        .filter((file) => file.endsWith(".ts"))
        .map((file) => file.slice(0, -".ts".length))
        .filter((name) => !PROGRAM.includes(name))
        .sort();
}

/** The description of an environment, by its name. */
export async function loadStack(name: string): Promise<unknown> {
    const names = await stackNames();
    if (!names.includes(name)) {
        throw new pulumi.RunError(
            `there is no stacks/${name}.ts to describe the stack ${name}; there are: ${names.join(", ")}`,
        );
    }
    return loadDescription(resolve(import.meta.dirname, `${name}.ts`));
}

/** The default export of a module. Its shape is looked at later; whatever its code does wrong is said in one line. */
export async function loadDescription(file: string): Promise<unknown> {
    const module: unknown = await import(pathToFileURL(resolve(file)).href).catch((error: unknown) => {
        throw new pulumi.RunError(`${file} cannot be loaded: ${reasonOf(error)}`);
    });
    if (typeof module !== "object" || module === null || !("default" in module)) {
        throw new pulumi.RunError(`${file} has no default export: write export default defineMesh({ ... })`);
    }
    if (isPromise(file, module)) {
        throw new pulumi.RunError(
            `${file} exports a Promise, and not a description: write export default await ...`,
        );
    }
    return module.default;
}

/** Also for what only looks like one: a caller that awaits the description would call it. */
function isPromise(file: string, module: { readonly default: unknown }): boolean {
    try {
        const found = module.default;
        // It is refused, so that it fails as well is no news.
        if (found instanceof Promise) found.catch(() => undefined);
        return (
            typeof found === "object" && found !== null && "then" in found && typeof found.then === "function"
        );
    } catch (error) {
        throw new pulumi.RunError(`${file} cannot be read: ${reasonOf(error)}`);
    }
}
