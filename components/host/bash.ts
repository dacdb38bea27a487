import { readFileSync } from "node:fs";

/** Text that a POSIX shell reads as exactly this one word, whatever is in it. */
export function quote(word: string): string {
    return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The argument with which a script is run to undo what it did. */
export const REMOVE = "remove";

/**
 * A script file with its variables set in front of it. The file itself is never changed: values stay data, and the file can
 * be read, checked and run alone. Variables are in the order of their names. With a second file, that one runs instead where
 * the first argument is `remove`: a resource has one standard input, whatever is asked of it.
 */
export function bashScript(file: URL, variables: Readonly<Record<string, string>>, remove?: URL): string {
    const assignments = Object.entries(variables)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name}=${quote(value)}\n`);
    const script = readFileSync(file, "utf8");
    if (remove === undefined) return `${assignments.join("")}${script}`;
    const both = `if [ "\${1:-}" = ${REMOVE} ]; then\n${readFileSync(remove, "utf8")}else\n${script}fi\n`;
    return `${assignments.join("")}${both}`;
}
