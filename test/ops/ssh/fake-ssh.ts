import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a host prints of its clock, for `date` and for tests that stop this machine's. */
export const NOW_MS = 1_800_000_000_000;

/**
 * A fake `ssh` and `ssh-keygen`, in a folder for PATH. A host is a piece of bash that says how ssh fares with it, with these words:
 *
 *   refuse TEXT...   ssh gives this reason, and ends
 *   login            the login succeeds; what follows is what the command does, its input in $INPUT
 */
export class FakeSsh {
    readonly #home = mkdtempSync(join(tmpdir(), "fake-ssh-"));
    /** For PATH, with the system's own commands behind it. */
    readonly path = `${join(this.#home, "bin")}:/usr/bin:/bin`;
    /** For TMPDIR. */
    readonly temporary = join(this.#home, "tmp");

    constructor() {
        for (const folder of ["bin", "hosts", "inputs", "configs", "tmp"])
            mkdirSync(join(this.#home, folder));
        this.command(
            "ssh",
            [
                `WORLD='${this.#home}'`,
                'echo "$*" >>"$WORLD/arguments"',
                "while [ $# -gt 0 ]; do case $1 in -F) CONFIG=$2 ;; -E) LOG=$2 ;; esac; shift; done",
                // Without a process of its own for each, which takes longer than what it does.
                `TEXT=$'\\n'$(<"$CONFIG") HOST=\${TEXT#*$'\\n'HostName } HOST=\${HOST%%$'\\n'*}`,
                'echo "${TEXT:1}" >"$WORLD/configs/$HOST"',
                'refuse() { printf "%s\\r\\n" "$*" >>"$LOG"; exit 255; }',
                'login() { echo "Authenticated to $HOST ([$HOST]:22) using \\"publickey\\"." >>"$LOG"; cat >"$WORLD/inputs/$HOST"; INPUT=$WORLD/inputs/$HOST; }',
                'echo "debug1: Connecting to $HOST" >>"$LOG"',
                '[ -f "$WORLD/hosts/$HOST" ] || refuse "ssh: connect to host $HOST port 22: No route to host"',
                // A status that is known is one that the server has told.
                '( . "$WORLD/hosts/$HOST" ); STATUS=$?',
                'echo "debug1: client_input_channel_req: channel 0 rtype exit-status reply 0" >>"$LOG"',
                'exit "$STATUS"',
            ].join("\n"),
        );
        this.command("ssh-keygen", "exit 0");
    }

    /** A command on PATH. */
    command(name: string, body: string): void {
        const file = join(this.#home, "bin", name);
        writeFileSync(file, `#!/bin/bash\n${body}\n`);
        chmodSync(file, 0o755);
    }

    /** How ssh fares with a host. */
    host(address: string, bash: string): void {
        writeFileSync(join(this.#home, "hosts", address), bash);
    }

    /** What the command on a host has read. */
    input(address: string): string {
        return readFileSync(join(this.#home, "inputs", address), "utf8");
    }

    /** The configuration with which ssh went to a host. */
    config(address: string): string {
        return readFileSync(join(this.#home, "configs", address), "utf8");
    }

    /** The arguments of each call. */
    get calls(): readonly string[] {
        const file = join(this.#home, "arguments");
        return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
    }

    remove(): void {
        rmSync(this.#home, { recursive: true });
    }
}
