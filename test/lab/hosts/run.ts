import { execFile } from "node:child_process";

/** Where the lab's own commands are looked up: the machine's PATH may lack what only root uses. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The environment of the lab's own processes: nothing of its caller's, which may hold secrets. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
    PATH: SYSTEM_PATH,
    HOME: "/",
    LANG: "C.UTF-8",
};

/** Runs a command to its end and gives what it printed. `doing` says what for, in the error of one that fails. */
export function run(doing: string, [command, ...rest]: readonly [string, ...string[]]): Promise<string> {
    return new Promise((resolve, reject) => {
        const options = { env: ENVIRONMENT, cwd: "/", maxBuffer: 16 * 1024 * 1024 };
        execFile(command, rest, options, (error, stdout, stderr) => {
            if (error === null) resolve(stdout);
            else reject(new Error(`${doing}: ${stderr.trim() === "" ? error.message : stderr.trim()}`));
        });
    });
}
