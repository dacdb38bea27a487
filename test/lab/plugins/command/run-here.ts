import { spawn } from "node:child_process";

import { trimmed, type CommandOutput, type Work } from "./command-resource.ts";

/**
 * Runs a command by sh, in this process's folder and with its environment and more. One that fails is an error with all that it
 * printed, in order. The signal kills it, as the official provider does, and nothing that it has started.
 */
export async function runHere(
    { command, stdin, environment }: Work,
    signal: AbortSignal,
): Promise<CommandOutput> {
    const child = spawn("/bin/sh", ["-c", command], { env: { ...process.env, ...environment } });
    const printed = { stdout: "", stderr: "", both: "" };
    for (const name of ["stdout", "stderr"] as const) {
        child[name].setEncoding("utf8").on("data", (text: string) => {
            printed[name] += text;
            printed.both += text;
        });
    }
    // A command that ends early leaves some of it unread; how it ended tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
    const kill = () => child.kill("SIGKILL");
    signal.addEventListener("abort", kill);
    if (signal.aborted) kill();
    try {
        const failure = await new Promise<string | undefined>((resolve, reject) => {
            child.on("error", reject);
            child.on("close", (code, by) => {
                if (code === 0) resolve(undefined);
                else resolve(code === null ? `signal: ${String(by)}` : `exit status ${code}`);
            });
        });
        if (failure !== undefined) {
            throw new Error(`${failure}: running ${JSON.stringify(command)}:\n${printed.both}`);
        }
    } finally {
        signal.removeEventListener("abort", kill);
    }
    return { stdout: trimmed(printed.stdout), stderr: trimmed(printed.stderr) };
}
