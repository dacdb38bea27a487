import { z } from "zod";

import { isWhole, parseHostKey } from "../support/host-key.ts";
import { host, port } from "./scalars.ts";
import { secretRef } from "./secret.ts";
import { strict, text } from "./strict.ts";

/** How the operator proves who they are. */
export const sshAuth = z.union([
    strict({
        /** Use the keys of the agent at SSH_AUTH_SOCK. */
        agent: z.literal(true),
    }),
    strict({
        /** A private key in OpenSSH or PEM form, from the stack's configuration. */
        privateKey: secretRef,
        /** The passphrase of that key. @default - none */
        passphrase: secretRef.optional(),
    }),
    strict({
        /** A file with a private key on the machine that runs Pulumi; `~/` is the home directory. */
        privateKeyFile: z.string().min(1),
        /** The passphrase of that key. @default - none */
        passphrase: secretRef.optional(),
    }),
]);

export const hostKey = text(
    (value) => parseHostKey(value) !== undefined,
    "must be one ed25519 or ecdsa public key; an ssh-rsa key cannot be pinned, modern servers offer only its SHA-2 forms",
    "paste a line of: ssh-keyscan -t ed25519 HOST (after comparing it with the host's own)",
).refine(
    (value) => {
        const key = parseHostKey(value);
        return key === undefined || isWhole(key);
    },
    {
        error: "its base64 part is not one whole key of the type before it: something was cut off, or typed",
        params: { fix: "paste the whole line of: ssh-keyscan -t ed25519 HOST" },
    },
);

/** A host through which the others are reached. */
export const jumpHost = strict({
    /** Its name or address. */
    host,
    /** Its SSH port. @default 22 */
    port: port.optional(),
    /** Who logs in there. @default "root" */
    user: z.string().min(1).optional(),
    /** How they prove it there. @default - the same as on the hosts behind it */
    auth: sshAuth.optional(),
    /** Its public key, as `ssh-keyscan -t ed25519` prints it. @default - not checked, with a warning */
    hostKey: hostKey.optional(),
});

/** How hosts are reached over SSH. A cluster's setting replaces the mesh's, key by key. */
export const ssh = strict({
    /** Who logs in. Anyone but root needs `sudo` without a password. @default "root" */
    user: z.string().min(1).optional(),
    /** The SSH port. @default 22 */
    port: port.optional(),
    /** How they prove who they are. @default - the agent at SSH_AUTH_SOCK */
    auth: sshAuth.optional(),
    /** A host to go through. @default - none */
    jumpHost: jumpHost.optional(),
});

/** What one node does differently. */
export const nodeSsh = strict({
    /** Where SSH answers, if not at the node's address. @default - the node's address */
    host: host.optional(),
    /** The SSH port. @default - the cluster's */
    port: port.optional(),
    /** Who logs in. @default - the cluster's */
    user: z.string().min(1).optional(),
    /** The host's public key, as `ssh-keyscan -t ed25519` prints it. Without it anyone on the path can pose as the host. @default - not checked, with a warning */
    hostKey: hostKey.optional(),
});

export type SshAuth = z.infer<typeof sshAuth>;
