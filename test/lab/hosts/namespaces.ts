import { join } from "node:path";

import { isAlive, readRecord, type ProcessRecord } from "./process-record.ts";
import type { LabFolder } from "./lab-folder.ts";

/** The arguments of a command; there is at least the command itself. */
export type Argv = [string, ...string[]];

/** Arguments of a command in the namespaces of a process; `environment` is for env. */
function into(
    pid: number,
    namespaces: readonly string[],
    environment: readonly string[],
    argv: readonly string[],
): Argv {
    return [
        // Ctrl-C is for the command alone, which ends in its own time; who waits for it outside goes on waiting.
        ...(["env", "--ignore-signal=INT"] satisfies Argv),
        ...["nsenter", "--target", String(pid), ...namespaces.map((name) => `--${name}`), "--"],
        // Nothing passes any other signal on. So at least who is killed does not leave a command behind.
        ...["setpriv", "--pdeathsig", "KILL", "--"],
        ...["env", "--default-signal=INT", ...environment, "--", ...argv],
    ];
}

/** The first process of a lab; an error says what to do where it does not run. */
export function labInit(folder: LabFolder): ProcessRecord {
    const init = readRecord(folder.init);
    if (init === undefined || !isAlive(init)) {
        throw new Error(
            `the lab in ${folder.path} does not run, it is left over by a crash: close it and open it again`,
        );
    }
    return init;
}

/** A path inside the lab's mounts, as the machine reaches it. */
export function insideLab(folder: LabFolder, path: string): string {
    return join("/proc", String(labInit(folder).pid), "root", path);
}

/** Arguments that run a command inside the lab, in the folder `cwd`. */
export function intoLab(folder: LabFolder, cwd: string, argv: readonly string[]): Argv {
    return into(labInit(folder).pid, ["net", "mount", "pid"], [`--chdir=${cwd}`], argv);
}

/** Arguments that run a command inside a host, for someone inside the lab: `init` is the host's first process, as they see it. */
export function intoHost(init: ProcessRecord, argv: readonly string[]): Argv {
    const environment = ["--ignore-environment", "--chdir=/"];
    return into(init.pid, ["net", "mount", "pid", "uts"], environment, [...HOST_ENVIRONMENT, ...argv]);
}

/** What root finds after a login. */
const HOST_ENVIRONMENT = [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/var/lib/lab-root",
    "USER=root",
    "LOGNAME=root",
    "SHELL=/bin/bash",
    "LANG=C.UTF-8",
    "TERM=dumb",
];
