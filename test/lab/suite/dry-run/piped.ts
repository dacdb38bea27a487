import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

import { ENVIRONMENT } from "../../hosts/run.ts";
import type { Ended } from "../../mesh/run-in-lab.ts";

/** Runs a command that reads `input` to its end. That it fails is for the caller to judge. */
export async function piped([command = "", ...args]: readonly string[], input: string): Promise<Ended> {
    const child = spawn(command, args, { stdio: "pipe", env: { ...ENVIRONMENT }, cwd: "/" });
    const closed = new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) => {
            if (code === null) reject(new Error(`${command} was ended by ${String(signal)}`));
            else resolve(code);
        });
    });
    // A command that has failed reads no more; how it ended says why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const [status, stdout, stderr] = await Promise.all([closed, text(child.stdout), text(child.stderr)]);
    return { status, stdout, stderr };
}
