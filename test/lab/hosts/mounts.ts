import { readFileSync, realpathSync } from "node:fs";

/** A file or folder of the machine that a host sees at the same path. */
export interface Shared {
    readonly source: string;
    readonly target: string;
}

/** Where the machine has file systems mounted. */
export function mountPoints(mountinfo = readFileSync("/proc/self/mountinfo", "utf8")): string[] {
    return mountinfo
        .split("\n")
        .map((line) => line.split(" ")[4] ?? "")
        .filter((path) => path !== "")
        .map((path) =>
            path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
        );
}

/** Whether one path is the other or below it. */
export function isBelow(path: string, folder: string): boolean {
    return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}

/**
 * What of these paths a host would not see by itself: it sees the file system of the machine's `/`, without what is mounted
 * in it and without what is hidden.
 */
export function unseen(
    paths: readonly string[],
    hidden: readonly string[],
    mounts: readonly string[] = mountPoints(),
): Shared[] {
    const covered = [...hidden, ...mounts.filter((mount) => mount !== "/")];
    return [...new Set(paths)]
        .flatMap((target) => {
            const source = realpathSync(target);
            return source === target
                ? [{ source, target }]
                : [
                      { source, target },
                      { source, target: source },
                  ];
        })
        .filter(({ target }) => covered.some((folder) => isBelow(target, folder)));
}
