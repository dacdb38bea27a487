import { readFileSync } from "node:fs";

/** Text that a POSIX shell reads as exactly this one word, whatever is in it. */
export function quote(word: string): string {
    return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A script file with its variables set in front of it. The file itself is never changed: values stay data, and the file can
 * be read, checked and run alone. Variables are in the order of their names.
 */
export function bashScript(file: URL, variables: Readonly<Record<string, string>>): string {
    const assignments = Object.entries(variables)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name}=${quote(value)}\n`);
    return `${assignments.join("")}${readFileSync(file, "utf8")}`;
}
