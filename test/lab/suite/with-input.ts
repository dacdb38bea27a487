import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

import { ENVIRONMENT } from "../hosts/run.ts";
import type { Ended } from "../mesh/run-in-lab.ts";

/**
 * Runs a command to its end with a text on its standard input: what is secret is never an argument. That it fails is for the
 * caller to judge.
 */
export async function endedWithInput(argv: readonly string[], input: string): Promise<Ended> {
    const [command = "", ...args] = argv;
    const child = spawn(command, args, { env: ENVIRONMENT, cwd: "/", stdio: "pipe" });
    const closed = new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) => {
            if (code === null) reject(new Error(`${command} was ended by ${String(signal)}`));
            else resolve(code);
        });
    });
    // A command that ends early leaves some of it unread; how it ended tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const [status, stdout, stderr] = await Promise.all([closed, text(child.stdout), text(child.stderr)]);
    return { status, stdout, stderr };
}
