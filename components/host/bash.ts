import { readFileSync } from "node:fs";

/** Text that a POSIX shell reads as exactly this one word, whatever is in it. */
export function quote(word: string): string {
    return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The argument with which a script is run to undo what it did. */
export const REMOVE = "remove";

/**
 * A script file with its variables set in front of it, and with the parts that it names on lines `# with: parts/NAME.sh`, each
 * once. A file itself is never changed: values stay data, and each file can be read and checked alone. Variables are in the
 * order of their names. With a second file, that one runs instead where the first argument is `remove`: a resource has one
 * standard input, whatever is asked of it.
 */
export function bashScript(file: URL, variables: Readonly<Record<string, string>>, remove?: URL): string {
    const assignments = Object.entries(variables)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name}=${quote(value)}\n`);
    const mains = [file, ...(remove === undefined ? [] : [remove])];
    const parts = new Map(mains.flatMap(partsOf).map((part) => [part.href, read(part)]));
    const [script = "", undo] = mains.map(read);
    const main =
        undo === undefined ? script : `if [ "\${1:-}" = ${REMOVE} ]; then\n${undo}else\n${script}fi\n`;
    return `${assignments.join("")}${[...parts.values()].join("")}${main}`;
}

/** The parts of a script in the order in which it names them, behind the parts that they name themselves. */
function partsOf(file: URL): URL[] {
    return [...read(file).matchAll(/^# with: (\S+)$/gm)].flatMap(([, name = ""]) => {
        const part = new URL(name, file);
        return [...partsOf(part), part];
    });
}

function read(file: URL): string {
    return readFileSync(file, "utf8");
}
