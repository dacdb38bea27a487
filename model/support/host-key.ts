/** An SSH host's public key, as a line of known_hosts or of a `.pub` file has it. */
export interface HostKey {
    /** The names and addresses that the line begins with, without brackets and ports. Hashed ones are left out. */
    readonly hosts: readonly string[];
    readonly type: string;
    /** The key itself, in base64: two lines with the same one are the same key. */
    readonly blob: string;
}

const LINE = /^(?:(\S+) +)?(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)) +([A-Za-z0-9+/]+=*)(?: .*)?$/;

/** How long a whole key is, in bytes: RFC 8709, RFC 5656 (the point uncompressed). */
const LENGTH = new Map([
    ["ssh-ed25519", 51],
    ["ecdsa-sha2-nistp256", 104],
    ["ecdsa-sha2-nistp384", 136],
    ["ecdsa-sha2-nistp521", 172],
]);

/** The parts of a line that looks like a host's key, or `undefined`. */
export function parseHostKey(line: string): HostKey | undefined {
    const [, hosts = "", type = "", blob = ""] = LINE.exec(line) ?? [];
    return type === "" ? undefined : { hosts: hostsOf(hosts), type, blob };
}

/** Whether the base64 part is a whole key, and of the type that stands before it. */
export function isWhole({ type, blob }: HostKey): boolean {
    const bytes = Buffer.from(blob, "base64");
    // Decoding skips what is no base64; encoding again shows it, and missing padding too.
    if (bytes.toString("base64") !== blob || bytes.length !== LENGTH.get(type)) return false;
    return bytes.readUInt32BE(0) === type.length && bytes.toString("latin1", 4, 4 + type.length) === type;
}

function hostsOf(prefix: string): string[] {
    return prefix
        .split(",")
        .filter((host) => host !== "" && !host.startsWith("|"))
        .map((host) => /^\[(.+)\](?::\d+)?$/.exec(host)?.[1] ?? host);
}
