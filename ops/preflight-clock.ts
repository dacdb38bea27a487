import type { Finding } from "./preflight-finding.ts";
import type { Piece } from "./ssh/ssh-attempt.ts";

/** etcd complains from 1 s on; certificates that were just made are not valid yet where a clock is seconds behind. */
const WARNED_SECONDS = 1;
const REFUSED_SECONDS = 5;

/**
 * How far a host's clock is off from this machine's, from what it printed of it. Between login and arrival is when it was
 * printed: what that leaves open counts in the host's favour, so a slow network is never a wrong clock.
 */
export function clockFindings(pieces: readonly Piece[]): Finding[] {
    const skew = pieces.flatMap((piece) => skewIn(piece) ?? []).at(0);
    if (skew === undefined || Math.abs(skew) <= WARNED_SECONDS) return [];
    return [
        {
            severity: Math.abs(skew) > REFUSED_SECONDS ? "refused" : "warned",
            name: "clock",
            found: `${Math.abs(skew).toFixed(1)} s ${skew > 0 ? "ahead of" : "behind"} this machine`,
            needed: `at most ${WARNED_SECONDS} s, and no more than ${REFUSED_SECONDS} s: etcd's leases and TLS certificates go by it`,
            fix: "turn on time synchronisation (timedatectl set-ntp true, or chronyc makestep), here too if this machine is the one that is wrong",
        },
    ];
}

/** At least how many seconds the clock is ahead, or, as a negative number, behind; `undefined` where the text has no clock. */
function skewIn({ text, notBefore, notAfter }: Piece): number | undefined {
    const [, seconds, fraction = ""] = /^info\ttime\t(\d+)(?:\.(\d*))?$/m.exec(text) ?? [];
    if (seconds === undefined) return undefined;
    const earliest = Number(`${seconds}.${fraction}`);
    // A `date` without fractions has cut one off.
    const latest = fraction === "" ? earliest + 1 : earliest;
    const ahead = earliest - notAfter / 1000;
    const behind = notBefore / 1000 - latest;
    return ahead > 0 ? ahead : behind > 0 ? -behind : 0;
}
