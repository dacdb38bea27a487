import type { Endpoint } from "./connection.ts";
import type { HostKey } from "./host-key.ts";

/** The name under which a configuration knows its host. */
export const TARGET = "target";

/** The files and sockets that a configuration names. */
export interface SshPlaces {
    /** The private key, if it is given. */
    readonly key?: string;
    /** The socket of an agent, if there is one. */
    readonly agent?: string;
    /** The only key that is accepted, and the file that has it for ssh. */
    readonly hostKey?: { readonly key: HostKey; readonly file: string };
}

/** What goes on over the connection. */
export interface SshUse {
    /** What runs at the other end, on one line; without it the connection is passed on. */
    readonly command?: string;
    /** Names of variables that are sent. */
    readonly sendEnv?: readonly string[];
    /** What connects, instead of ssh itself. */
    readonly proxyCommand?: string;
}

/** The line of known_hosts for the one host of a configuration. */
export function knownHost({ host }: Endpoint, { type, base64 }: HostKey): string {
    return `${host} ${type} ${base64}\n`;
}

/**
 * A whole configuration of ssh for one host, so that nobody's own plays a part. It also has the command: arguments can be read
 * by every user of the machine.
 */
export function sshConfig(
    { host, port, user, perDialTimeout }: Endpoint,
    { key, agent, hostKey }: SshPlaces,
    { command, sendEnv = [], proxyCommand }: SshUse,
): string {
    const options: readonly (readonly [string, string | number])[] = [
        ["HostName", host],
        ["Port", port],
        ["User", user],
        // What the file of known hosts has, whatever the port.
        ["HostKeyAlias", host],
        ["GlobalKnownHostsFile", "/dev/null"],
        ["UserKnownHostsFile", hostKey?.file ?? "/dev/null"],
        ["StrictHostKeyChecking", hostKey === undefined ? "no" : "yes"],
        ...(hostKey === undefined ? [] : [["HostKeyAlgorithms", hostKey.key.type] as const]),
        ["UpdateHostKeys", "no"],
        ["IdentityFile", key ?? "none"],
        // The official provider asks the agent only where there is no key.
        ["IdentityAgent", key === undefined && agent !== undefined ? `"${escaped(agent)}"` : "none"],
        ["IdentitiesOnly", key === undefined ? "no" : "yes"],
        ["PreferredAuthentications", "publickey"],
        ["BatchMode", "yes"],
        ["ConnectionAttempts", 1],
        ...(perDialTimeout === 0 ? [] : [["ConnectTimeout", perDialTimeout] as const]),
        ["ServerAliveInterval", 15],
        ["ServerAliveCountMax", 3],
        // What tells a refused login from a command that failed.
        ["LogLevel", "DEBUG1"],
        ["RequestTTY", "no"],
        ["ControlPath", "none"],
        ...(sendEnv.length === 0 ? [] : [["SendEnv", sendEnv.join(" ")] as const]),
        ...(proxyCommand === undefined ? [] : [["ProxyCommand", escaped(proxyCommand)] as const]),
        ...(command === undefined ? [] : [["RemoteCommand", escaped(command)] as const]),
    ];
    return options.map(([name, value]) => `${name} ${value}\n`).join("");
}

/** ssh replaces what follows a percent sign. */
function escaped(text: string): string {
    return text.replaceAll("%", "%%");
}
