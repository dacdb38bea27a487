import type { HostKey } from "../../../../model/support/host-key.ts";

/** The key in a line of authorized_keys, of known_hosts, or of what ssh-keyscan prints: of any type, as the official provider has it. */
export function parseHostKey(line: string): Pick<HostKey, "type" | "blob"> {
    const match = /(?:^|\s)((?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(line);
    const [, type, blob] = match ?? [];
    if (type === undefined || blob === undefined) {
        throw new Error(
            "connection.hostKey: is no public key: write it as `ssh-keyscan -t ed25519 HOST` prints it",
        );
    }
    return { type, blob };
}
