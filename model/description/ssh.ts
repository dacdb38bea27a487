import { z } from "zod";

import { host, port } from "./scalars.ts";
import { secretRef } from "./secret.ts";
import { strict, text } from "./strict.ts";

const HOST_KEY = /^(\S+ +)?(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) +[A-Za-z0-9+/]+=*( .*)?$/;

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
    (value) => HOST_KEY.test(value),
    "must be one ed25519 or ecdsa public key; an ssh-rsa key cannot be pinned, modern servers offer only its SHA-2 forms",
    "paste a line of: ssh-keyscan -t ed25519 HOST (after comparing it with the host's own)",
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
