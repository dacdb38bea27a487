import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** How a command ended. */
export interface Ended {
    /** Nothing where a signal ended it. */
    readonly status: number | null;
    /** What it printed. */
    readonly stdout: string;
    /** What it said besides. */
    readonly stderr: string;
}

export interface RunOptions {
    /** @default - the folder of this process */
    readonly cwd?: string;
    /** Added to the environment of this process. */
    readonly env?: NodeJS.ProcessEnv;
    /** After how long it is ended. @default - it may take as long as it wants */
    readonly milliseconds?: number;
}

/** Runs a command without a terminal. It is no error that the command fails; it is one that it cannot be started. */
export async function run(
    command: string,
    args: readonly string[],
    { cwd, env = {}, milliseconds }: RunOptions = {},
): Promise<Ended> {
    const child = spawn(command, args, {
        cwd,
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
        timeout: milliseconds,
    });
    const ended = new Promise<number | null>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", resolve);
    });
    const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { status, stdout, stderr };
}

/** The end of what a command said, for a message. */
export function lastLines({ stdout, stderr }: Ended, count = 15): string {
    const said = (stderr.trim() === "" ? stdout : stderr).trim();
    return said.split("\n").slice(-count).join("\n");
}
