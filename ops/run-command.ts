import { spawn } from "node:child_process";
import { constants } from "node:os";

export interface CommandOptions {
    readonly env: NodeJS.ProcessEnv;
    /** @default - the folder of this process */
    readonly cwd?: string;
}

/**
 * Runs a command on this terminal and gives its exit code, as a shell would count it. Ctrl-C reaches the command by itself;
 * this process stays until the command has ended in its own way, and so can tidy up after it.
 */
export async function runCommand(
    command: string,
    args: readonly string[],
    { env, cwd }: CommandOptions,
): Promise<number> {
    const child = spawn(command, args, { env, cwd, stdio: "inherit" });
    const stay = () => undefined;
    const forward = (signal: NodeJS.Signals) => child.kill(signal);
    process.on("SIGINT", stay).on("SIGTERM", forward);
    try {
        return await new Promise<number>((resolve, reject) => {
            child.on("error", reject);
            child.on("exit", (code, signal) => {
                resolve(code ?? (signal === null ? 1 : 128 + constants.signals[signal]));
            });
        });
    } finally {
        process.off("SIGINT", stay).off("SIGTERM", forward);
    }
}
