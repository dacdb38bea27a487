import { hostPort } from "../../model/net/host-port.ts";
import type { HostKey } from "../../model/support/host-key.ts";

/** One SSH server and the way in. */
export interface SshEndpoint {
    /** Its name or address. */
    readonly host: string;
    readonly port: number;
    readonly user: string;
    /** A private key in OpenSSH or PEM form. @default - the agent's keys */
    readonly privateKey?: string;
    /** The passphrase of that key. @default - it has none */
    readonly passphrase?: string;
    /** The socket of an agent, asked where there is no private key. @default - none is asked */
    readonly agentSocket?: string;
    /** The only key of the server that is accepted. @default - not checked */
    readonly hostKey?: Pick<HostKey, "type" | "blob">;
    /** How long the server may take to answer; 0 is for ever. @default 15 */
    readonly connectSeconds?: number;
}

/** A host over SSH, reached through another one where there is a jump host. */
export interface SshTarget extends SshEndpoint {
    readonly jumpHost?: SshEndpoint;
}

type Named = Pick<SshEndpoint, "host" | "port" | "user">;

/** An endpoint in a message. */
export function nameOf({ user, host, port }: Named): string {
    return `${user}@${hostPort(host, port)}`;
}

/** A host and the way to it in a message. */
export function routeTo({ jumpHost, ...target }: Named & { readonly jumpHost?: Named }): string {
    return `${nameOf(target)}${jumpHost === undefined ? "" : ` through ${nameOf(jumpHost)}`}`;
}
