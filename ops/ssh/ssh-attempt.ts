import { spawn } from "node:child_process";

import type { SshFiles } from "./ssh-files.ts";
import { endOf, isConnected, whyNot, type End } from "./ssh-log.ts";

/** What one call of ssh came to. */
export type Attempt =
    | { readonly kind: "not connected"; readonly reason: string }
    | {
          readonly kind: "ended";
          readonly end: End;
          readonly stdout: string;
          readonly stderr: string;
          /** Both, as they came. */
          readonly output: string;
          /** The standard output in the pieces in which it came. */
          readonly pieces: readonly Piece[];
      };

/** Some output, and when it was printed by this machine's clock, in milliseconds as `Date.now()` counts them. */
export interface Piece {
    readonly text: string;
    /** When a login was still awaited. */
    readonly notBefore: number;
    /** When it arrived. */
    readonly notAfter: number;
}

export interface AttemptOptions {
    readonly stdin: string;
    /** Variables that ssh may send. @default - none */
    readonly environment?: Readonly<Record<string, string>>;
    /** Ends the attempt as long as no login has succeeded. @default - nothing does */
    readonly signal?: AbortSignal;
    /** How long to wait for a login, whatever delays it. @default - as long as ssh does */
    readonly loginSeconds?: number;
    /** How long to wait for the command after the login. @default - for ever */
    readonly timeoutSeconds?: number;
}

/** How often ssh's log is looked at for a login that has succeeded. */
const LOOK_MS = 50;

/** Calls ssh once. A command that has begun is ended by its time limit only. */
export async function attempt(
    files: SshFiles,
    { stdin, environment = {}, signal, loginSeconds, timeoutSeconds }: AttemptOptions,
): Promise<Attempt> {
    const before = files.logs();
    const said = () => files.log(before.at(-1)?.length ?? 0);
    let notBefore = Date.now();
    let overdue: "login" | "command" | undefined;

    const ssh = spawn("ssh", files.arguments, { env: { PATH: process.env["PATH"], ...environment } });
    const giveUp = (on: "login" | "command") => {
        overdue = on;
        ssh.kill();
    };
    const cancel = () => {
        if (!isConnected(said())) ssh.kill();
    };
    const login = after(loginSeconds, () => {
        if (!isConnected(said())) giveUp("login");
    });
    let command: NodeJS.Timeout | undefined;
    const looking = setInterval(() => {
        if (isConnected(said())) {
            clearInterval(looking);
            command = after(timeoutSeconds, () => {
                giveUp("command");
            });
        } else notBefore = Date.now();
    }, LOOK_MS);
    signal?.addEventListener("abort", cancel);

    const chunks: (Omit<Piece, "text"> & { readonly from: "stdout" | "stderr"; readonly bytes: Buffer })[] =
        [];
    for (const from of ["stdout", "stderr"] as const) {
        ssh[from].on("data", (bytes: Buffer) => {
            chunks.push({ from, bytes, notBefore, notAfter: Date.now() });
        });
    }
    // A command may end without reading all of its input.
    ssh.stdin.on("error", () => undefined).end(stdin);
    const status = await new Promise<number | null>((resolve, reject) => {
        ssh.on("error", (cause) => {
            reject(
                new Error(`ssh could not be started: ${cause.message}; install OpenSSH's client`, { cause }),
            );
        });
        ssh.on("close", resolve);
    }).finally(() => {
        clearInterval(looking);
        clearTimeout(login);
        clearTimeout(command);
        signal?.removeEventListener("abort", cancel);
    });

    if (!isConnected(said())) {
        if (overdue === "login") {
            return { kind: "not connected", reason: `nobody was logged in after ${loginSeconds} s` };
        }
        const reason = whyNot(files.logs().map((log, index) => log.slice(before[index]?.length)));
        if (reason.includes("bad configuration option")) {
            throw new Error(
                `ssh does not take the configuration with this command: ${reason}; a backslash before a quote is what it may count differently from a shell: put it into stdin`,
            );
        }
        return { kind: "not connected", reason };
    }
    const textFrom = (...sources: ("stdout" | "stderr")[]) =>
        Buffer.concat(chunks.filter(({ from }) => sources.includes(from)).map(({ bytes }) => bytes)).toString(
            "utf8",
        );
    return {
        kind: "ended",
        end:
            overdue === "command" && timeoutSeconds !== undefined
                ? { how: "time limit", seconds: timeoutSeconds }
                : endOf(said(), status),
        stdout: textFrom("stdout"),
        stderr: textFrom("stderr"),
        output: textFrom("stdout", "stderr"),
        pieces: chunks
            .filter(({ from }) => from === "stdout")
            .map(({ bytes, notBefore, notAfter }) => ({ text: bytes.toString("utf8"), notBefore, notAfter })),
    };
}

function after(seconds: number | undefined, action: () => void): NodeJS.Timeout | undefined {
    return seconds === undefined ? undefined : setTimeout(action, seconds * 1000);
}
