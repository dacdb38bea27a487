import { spawnSync } from "node:child_process";

/** What a command prints; an error that repeats what it said where it fails. */
export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
    const { status, stdout, stderr, error } = spawnSync(command, args, {
        encoding: "utf8",
        env: { ...process.env, ...env },
    });
    if (status === 0) return stdout;
    throw new Error(
        `${command} ${args.join(" ")} failed: ${error === undefined ? stdout + stderr : error.message}`,
    );
}
