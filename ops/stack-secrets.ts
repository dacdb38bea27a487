import * as pulumi from "@pulumi/pulumi";

import { checkMesh, saidOnce } from "../model/check.ts";
import { formatProblems } from "../model/problem.ts";
import type { Mesh, SecretRef, Ssh } from "../model/resolved.ts";
import type { SshTarget } from "./ssh/target.ts";
import { StackStore } from "./stack-secrets-store.ts";

/** A stack outside of a Pulumi run: what it describes, and the secrets that it names. */
export interface OpenStack {
    readonly mesh: Mesh;
    /** A host as ssh needs it. */
    readonly target: (ssh: Ssh) => SshTarget;
    /** A secret that the description names. */
    readonly secret: (ref: SecretRef) => string;
}

export interface StackSource {
    /** The description of a stack, by its name. */
    readonly loadStack: (name: string) => Promise<unknown>;
    /** Where `pulumi` is found, how it logs in, and which agent ssh asks. */
    readonly env: NodeJS.ProcessEnv;
}

/**
 * Reads a stack's description and the secrets that it names, or fails with one `pulumi.RunError` that has everything that is
 * wrong with either. Pulumi is asked only where the description names a secret of the configuration.
 */
export async function openStack(stack: string, { loadStack, env }: StackSource): Promise<OpenStack> {
    const { mesh, problems } = checkMesh(await loadStack(stack));
    if (mesh === undefined) throw new pulumi.RunError(formatProblems(stack, problems));
    const secrets = new StackStore(env);
    const refused = [...problems, ...saidOnce(mesh, await secrets.read(stack, mesh))];
    if (refused.length > 0) throw new pulumi.RunError(formatProblems(stack, refused));
    return {
        mesh,
        target: ({ jumpHost, ...target }) => ({
            ...secrets.endpoint(target),
            ...(jumpHost === undefined ? {} : { jumpHost: secrets.endpoint(jumpHost) }),
        }),
        secret: (ref) => secrets.get(ref),
    };
}
