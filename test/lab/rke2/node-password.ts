import { randomBytes, scryptSync } from "node:crypto";

import { z } from "zod";

import { readIfThere, writePrivate } from "./files.ts";
import type { KubeApi } from "./kube-api.ts";
import { PATHS } from "./paths.ts";
import { newSecret, sameSecret } from "./token.ts";

const Secret = z.object({ data: z.object({ hash: z.string() }) });
const Any = z.object({ kind: z.string() });

/** Where the Secrets with node passwords are. */
export const SECRETS = "/api/v1/namespaces/kube-system/secrets";

/** On every Secret with a node's password, so that all are found. */
export const NODE_PASSWORD = "rke2.lab/node-password";

/** What a server says to a node whose name is another machine's. */
export const NODE_PASSWORD_REJECTED =
    "Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag";

/** This machine's own password, by which it is known again as the owner of its node's name. */
export function ownNodePassword(): string {
    const known = readIfThere(PATHS.nodePassword)?.trim();
    if (known !== undefined && known !== "") return known;
    const password = newSecret();
    writePrivate(PATHS.nodePassword, `${password}\n`);
    return password;
}

/** Whether a password is the one its node came with first. A node that comes for the first time is noted. */
export async function ownsNodeName(api: KubeApi, nodeName: string, password: string): Promise<boolean> {
    const name = secretName(nodeName);
    const known = await api.get(`${SECRETS}/${name}`, Secret);
    if (known !== undefined) {
        if (matches(password, Buffer.from(known.data.hash, "base64").toString("utf8"))) return true;
        // The Secret belongs to the Node: with the Node gone, the name is free.
        if ((await api.get(`/api/v1/nodes/${nodeName}`, Any)) !== undefined) return false;
        await api.delete(`${SECRETS}/${name}`);
    }
    await api.create(SECRETS, {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, labels: { [NODE_PASSWORD]: "true" } },
        immutable: true,
        type: "Opaque",
        data: { hash: Buffer.from(hash(password, randomBytes(8).toString("hex"))).toString("base64") },
    });
    return true;
}

/** The Secret with the hash of a node's password. */
export function secretName(nodeName: string): string {
    return `${nodeName}.node-password.rke2`;
}

/** The node whose password is in a Secret. */
export function nodeOfSecret(name: string): string {
    return name.replace(/\.node-password\.rke2$/, "");
}

function hash(password: string, salt: string): string {
    return `$1:${salt}:${scryptSync(password, salt, 32).toString("hex")}`;
}

function matches(password: string, known: string): boolean {
    const [, salt = ""] = known.split(":");
    return sameSecret(hash(password, salt), known);
}
