import type * as pulumi from "@pulumi/pulumi";
import type { types } from "@pulumi/command";

/** How the operator proves who they are. */
export type SshAuthArgs =
    | { readonly agent: true }
    | { readonly privateKey: pulumi.Input<string>; readonly passphrase?: pulumi.Input<string> };

/** One SSH server and the way in. */
export interface SshTargetArgs {
    /** Its name or address. */
    readonly host: pulumi.Input<string>;
    /** Its port. @default 22 */
    readonly port?: number;
    /** Who logs in. Anyone but root needs `sudo` without a password. @default "root" */
    readonly user?: string;
    /** How they prove it. @default - the agent at SSH_AUTH_SOCK */
    readonly auth?: SshAuthArgs;
    /** Its public key, as `ssh-keyscan -t ed25519` prints it. @default - not checked */
    readonly hostKey?: string;
}

/** A host over SSH, reached through another one where that is needed. */
export interface SshArgs extends SshTargetArgs {
    /** The host to go through. @default - none */
    readonly jumpHost?: SshTargetArgs;
}

/**
 * The connection as the Command provider wants it. Its first connection may meet a machine that is still booting, so it
 * tries for as long as the provider does by default; the provider repeats refused logins too, hence not longer.
 */
export function connection({ jumpHost, ...target }: SshArgs): types.input.remote.ConnectionArgs {
    return { ...endpoint(target), ...(jumpHost === undefined ? {} : { proxy: endpoint(jumpHost) }) };
}

function endpoint({ host, port = 22, user = "root", auth, hostKey }: SshTargetArgs) {
    return {
        host,
        port,
        user,
        ...(auth === undefined || "agent" in auth
            ? {}
            : {
                  privateKey: auth.privateKey,
                  ...(auth.passphrase === undefined ? {} : { privateKeyPassword: auth.passphrase }),
              }),
        ...(hostKey === undefined ? {} : { hostKey }),
    };
}
