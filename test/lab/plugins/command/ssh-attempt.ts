import { spawn } from "node:child_process";

import type { SshFiles } from "./ssh-files.ts";

/** What one call of ssh came to. */
export type Attempt =
    | { readonly kind: "not connected"; readonly reason: string }
    | {
          readonly kind: "ended";
          /** How the command ended, in the official provider's words; `undefined` if all went well. */
          readonly failure: string | undefined;
          readonly stdout: string;
          readonly stderr: string;
          /** Both, as they came. */
          readonly output: string;
      };

export interface AttemptOptions {
    readonly stdin: string;
    /** Variables that ssh may send. */
    readonly environment: Readonly<Record<string, string>>;
    /** Ends the attempt as long as no login has succeeded. */
    readonly signal: AbortSignal;
}

/** Calls ssh once. A command that has begun is never ended from here. */
export async function attempt(
    files: SshFiles,
    { stdin, environment, signal }: AttemptOptions,
): Promise<Attempt> {
    const before = files.logs();
    const ssh = spawn("ssh", files.arguments, { env: { PATH: process.env["PATH"], ...environment } });
    const chunks: { readonly from: "stdout" | "stderr"; readonly bytes: Buffer }[] = [];
    for (const from of ["stdout", "stderr"] as const) {
        ssh[from].on("data", (bytes: Buffer) => chunks.push({ from, bytes }));
    }
    // A command may end without reading all of its input.
    ssh.stdin.on("error", () => undefined).end(stdin);

    const cancel = () => {
        if (!isConnected(said())) ssh.kill();
    };
    signal.addEventListener("abort", cancel);
    const code = await new Promise<number | null>((resolve, reject) => {
        ssh.on("error", (error) => {
            reject(
                new Error(`ssh could not be started: ${error.message}; install OpenSSH's client`, {
                    cause: error,
                }),
            );
        });
        ssh.on("close", resolve);
    }).finally(() => {
        signal.removeEventListener("abort", cancel);
    });

    if (!isConnected(said())) {
        const reason = whyNot(files.logs().map((log, index) => log.slice(before[index]?.length)));
        if (reason.includes("bad configuration option")) {
            throw new Error(
                `ssh does not take the configuration with this command: ${reason}; a backslash before a quote is what it may count differently from a shell: put it into stdin`,
            );
        }
        return { kind: "not connected", reason };
    }
    return {
        kind: "ended",
        failure: failureOf(said(), code),
        stdout: textOf(chunks.filter(({ from }) => from === "stdout")),
        stderr: textOf(chunks.filter(({ from }) => from === "stderr")),
        output: textOf(chunks),
    };

    function said(): string {
        return files.log(before.at(-1)?.length ?? 0);
    }
}

function isConnected(log: string): boolean {
    return /^Authenticated to /m.test(log);
}

/** ssh's own status does not tell a lost connection from a command that ended with 255; what it logs does. */
function failureOf(log: string, code: number | null): string | undefined {
    if (/ rtype exit-status /.test(log) && code !== null) {
        return code === 0 ? undefined : `Process exited with status ${code}`;
    }
    if (/ rtype exit-signal /.test(log)) return "Process exited from a signal";
    return ["wait: remote command exited without exit status or exit signal", reasonIn(log)]
        .filter((part) => part !== "")
        .join(": ");
}

/** What the first to complain on the way complained about: the others only lost their connection by it. */
function whyNot(logs: readonly string[]): string {
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

function textOf(chunks: readonly { readonly bytes: Buffer }[]): string {
    return Buffer.concat(chunks.map(({ bytes }) => bytes)).toString("utf8");
}
