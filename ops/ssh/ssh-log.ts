/*
 * What ssh's log of level DEBUG1 tells. ssh's own status does not: 255 is what a refused login, a lost connection and a command
 * that ended with 255 have in common.
 */

/** How a command on a host ended. */
export type End =
    | { readonly how: "exit"; readonly status: number }
    | { readonly how: "signal" }
    /** The connection was lost: what became of the command is not known. */
    | { readonly how: "lost"; readonly reason: string }
    /** It was given up after so many seconds. */
    | { readonly how: "time limit"; readonly seconds: number };

/** Whether a login has succeeded. */
export function isConnected(log: string): boolean {
    return /^Authenticated to /m.test(log);
}

/** How the command ended, after ssh has ended with this status. */
export function endOf(log: string, status: number | null): End {
    if (/ rtype exit-status /.test(log) && status !== null) return { how: "exit", status };
    return / rtype exit-signal /.test(log) ? { how: "signal" } : { how: "lost", reason: reasonIn(log) };
}

/** What the first to complain on the way complained about: the others only lost their connection by it. */
export function whyNot(logs: readonly string[]): string {
    return logs.map(reasonIn).find((reason) => reason !== "") ?? "ssh gave no reason";
}

/** What ssh complained about, without what it tells those who debug it. */
function reasonIn(log: string): string {
    return log
        .split(/\r?\n/)
        .filter(
            (line) =>
                line !== "" &&
                !/^(debug\d: |OpenSSH_|Authenticated to |Transferred: |Bytes per second: |Warning: Permanently added )/.test(
                    line,
                ),
        )
        .slice(-2)
        .join("; ");
}
