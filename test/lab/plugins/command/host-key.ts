/** A public key of a host. */
export interface HostKey {
    /** As `ssh-ed25519`. */
    readonly type: string;
    readonly base64: string;
}

/** The key in a line of authorized_keys, of known_hosts, or of what ssh-keyscan prints. */
export function parseHostKey(line: string): HostKey {
    const match = /(?:^|\s)((?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(line);
    const [, type, base64] = match ?? [];
    if (type === undefined || base64 === undefined) {
        throw new Error(
            "connection.hostKey: is no public key: write it as `ssh-keyscan -t ed25519 HOST` prints it",
        );
    }
    return { type, base64 };
}
