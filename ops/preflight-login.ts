import type { Ssh } from "../model/resolved.ts";
import type { Finding } from "./preflight-finding.ts";
import type { HostRun } from "./ssh/run-on-host.ts";
import { routeTo, type SshTarget } from "./ssh/target.ts";

/** What to do about what ssh says. */
const FIXES: readonly (readonly [said: RegExp, fix: (ssh: Ssh) => string])[] = [
    [
        /host key verification failed/i,
        () =>
            "find out why the key is another one: if the machine was made anew, set its ssh.hostKey to the line of ssh-keyscan -t ed25519, after comparing it on the machine",
    ],
    [/permission denied/i, ({ user }) => `put the public key into the authorized_keys of ${user} there`],
    [/connection refused/i, () => "start sshd there, or correct ssh.port"],
    [/could not resolve/i, () => "correct ssh.host, or this machine's name resolution"],
    [
        /timed out|no route|unreachable|nobody was logged in/i,
        () => "turn the host on, and let this machine through to it: routes, firewalls, ssh.jumpHost",
    ],
    [
        /private key for|SSH agent for|cannot be handed to ssh/,
        () => "correct what the description says under ssh",
    ],
];

/** Why the checks of a host could not be run, or did not come to their end; nothing if they did. */
export function runFindings(run: HostRun, ssh: Ssh, target: SshTarget): Finding[] {
    const refused = (name: string, found: string, needed: string, fix: string): Finding[] => [
        { severity: "refused", name, found, needed, fix },
    ];
    if (run.kind === "not connected") {
        const [, fix] = FIXES.find(([said]) => said.test(run.reason)) ?? [];
        return refused(
            "ssh",
            run.reason,
            `a login as ${routeTo(target)}`,
            fix?.(ssh) ?? "make ssh to this host work with the described user, key and host key",
        );
    }
    const whole = "the checks to run to their end";
    switch (run.end.how) {
        case "exit":
            if (run.end.status === 0) return [];
            return /^sudo: /m.test(run.stderr)
                ? refused(
                      "sudo",
                      lastLines(run.stderr),
                      `sudo without a password for ${ssh.user}`,
                      `write '${ssh.user} ALL=(ALL) NOPASSWD: ALL' to /etc/sudoers.d/${ssh.user} there, or log in as root`,
                  )
                : refused(
                      "preflight",
                      `status ${run.end.status}: ${lastLines(run.stderr)}`,
                      whole,
                      "see what the host lacks for it; the checks need bash and coreutils",
                  );
        case "signal":
            return refused("preflight", "a signal ended them", whole, "see what ends processes on this host");
        case "lost":
            return refused(
                "ssh",
                `the connection was lost: ${run.end.reason || "ssh gave no reason"}`,
                whole,
                "see what cuts connections to this host",
            );
        case "time limit":
            return refused(
                "preflight",
                `they did not end within ${run.end.seconds} s`,
                whole,
                "see what hangs on this host: name resolution, a network file system, a full disk",
            );
    }
}

function lastLines(text: string): string {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    return lines.length === 0 ? "it said nothing" : lines.slice(-3).join("; ");
}
