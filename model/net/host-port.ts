/** A host as it stands in a URL: IPv6 in brackets. */
export function bracketed(host: string): string {
    return host.includes(":") ? `[${host}]` : host;
}

/** A host and a port as one text; IPv6 in brackets. */
export function hostPort(host: string, port: number): string {
    return `${bracketed(host)}:${port}`;
}
