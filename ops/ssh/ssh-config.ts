import type { SshEndpoint } from "./target.ts";

/** The name under which a configuration knows its host. */
export const TARGET = "target";

/** How long a server may take to answer, unless told otherwise. */
const CONNECT_SECONDS = 15;

/** The files and sockets that a configuration names. */
export interface SshPlaces {
    /** The private key, if it is given. */
    readonly key?: string;
    /** The socket of an agent, if there is one. */
    readonly agent?: string;
    /** The file of known hosts, if only one key of the host is accepted. */
    readonly knownHosts?: string;
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
export function knownHost(host: string, { type, blob }: NonNullable<SshEndpoint["hostKey"]>): string {
    return `${host} ${type} ${blob}\n`;
}

/**
 * A whole configuration of ssh for one host, so that nobody's own plays a part. It also has the command: arguments can be read
 * by every user of the machine.
 */
export function sshConfig(
    { host, port, user, hostKey, connectSeconds = CONNECT_SECONDS }: SshEndpoint,
    { key, agent, knownHosts }: SshPlaces,
    { command, sendEnv = [], proxyCommand }: SshUse,
): string {
    refuseStrange("host", host, /^[A-Za-z0-9._:%-]+$/);
    refuseStrange("user", user, /^[A-Za-z0-9._@+-]+$/);
    refuseStrange("command", command ?? "", /^[^\n\0]*$/);
    const options: readonly (readonly [string, string | number])[] = [
        ["HostName", escaped(host)],
        ["Port", port],
        ["User", user],
        // What the file of known hosts has, whatever the port.
        ["HostKeyAlias", host],
        ["GlobalKnownHostsFile", "/dev/null"],
        ["UserKnownHostsFile", knownHosts ?? "/dev/null"],
        ["StrictHostKeyChecking", hostKey === undefined ? "no" : "yes"],
        ...(hostKey === undefined ? [] : [["HostKeyAlgorithms", hostKey.type] as const]),
        ["UpdateHostKeys", "no"],
        ["IdentityFile", key ?? "none"],
        // As the provider of the commands does: it asks the agent only where there is no key.
        ["IdentityAgent", key === undefined && agent !== undefined ? `"${escaped(agent)}"` : "none"],
        ["IdentitiesOnly", key === undefined ? "no" : "yes"],
        ["PreferredAuthentications", "publickey"],
        ["BatchMode", "yes"],
        ["ConnectionAttempts", 1],
        ...(connectSeconds === 0 ? [] : [["ConnectTimeout", connectSeconds] as const]),
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

/** A configuration is lines of words: what is more than one word there would be an option of its own. */
function refuseStrange(what: string, text: string, form: RegExp): void {
    if (!form.test(text)) {
        throw new Error(`the ${what} ${JSON.stringify(text)} cannot be handed to ssh: write it plainly`);
    }
}

/** ssh replaces what follows a percent sign. */
function escaped(text: string): string {
    return text.replaceAll("%", "%%");
}
