import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

import { ENVIRONMENT } from "../../hosts/run.ts";
import type { Ended } from "../../mesh/run-in-lab.ts";

/** Runs a command to its end with a text on its standard input: what is secret is never an argument. */
export async function endedWithInput(argv: readonly string[], input: string): Promise<Ended> {
    const [command = "", ...args] = argv;
    const child = spawn(command, args, { env: ENVIRONMENT, cwd: "/", stdio: "pipe" });
    const status = new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code) => {
            resolve(code ?? -1);
        });
    });
    // A command that ends early leaves some of it unread; how it ended tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { status: await status, stdout, stderr };
}
