import { execFile } from "node:child_process";

import { ENVIRONMENT } from "../hosts/run.ts";

/** How a command ended. */
export interface Ended {
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** Runs a command to its end, whatever it is; that it fails is for the caller to judge. */
export function ended(argv: readonly string[], { seconds = 60 } = {}): Promise<Ended> {
    const [command = "", ...args] = argv;
    const options = { env: ENVIRONMENT, cwd: "/", maxBuffer: 64 * 1024 * 1024, timeout: seconds * 1000 };
    return new Promise((resolve, reject) => {
        execFile(command, args, options, (error, stdout, stderr) => {
            if (error === null) resolve({ status: 0, stdout, stderr });
            else if (typeof error.code === "number") resolve({ status: error.code, stdout, stderr });
            else
                reject(
                    new Error(
                        `${argv.join(" ")}: ${error.killed === true ? `no end after ${seconds} s` : error.message}`,
                    ),
                );
        });
    });
}
