import { spawnSync } from "node:child_process";
import { basename, dirname, join } from "node:path";

/** The file that says again what another says, in a form that no one reads as a difference. */
const EXCLUDED = "topology.svg";
/** The file that holds everything comes last: what others show better is then not cut off for it. */
const LAST = "plan.json";

/** How one plan differs from another, as `diff -ru` shows it, without times; empty where nothing differs. */
export function planDiff(base: string, head: string): string {
    const parent = commonParent(base, head);
    const from = base.slice(parent.length + 1);
    const to = head.slice(parent.length + 1);
    const { status, stdout, stderr, error } = spawnSync("diff", ["-ruN", "-x", EXCLUDED, from, to], {
        cwd: parent,
        encoding: "utf8",
        env: { ...process.env, LC_ALL: "C" },
        maxBuffer: 1 << 28,
    });
    if (error !== undefined) throw error;
    if (status !== 0 && status !== 1) throw new Error(`diff failed: ${stderr}`);
    const files = stdout.split(/^(?=diff )/m).filter((text) => text !== "");
    const isLast = (text: string) => basename(text.split("\n", 1)[0] ?? "") === LAST;
    return [...files.filter((text) => !isLast(text)), ...files.filter(isLast)].map(withoutTimes).join("");
}

/** Every line of content begins with a space, `+`, `-`, `@` or `\`; only the two lines of file names hold times. */
function withoutTimes(file: string): string {
    const [command = "", from = "", to = "", ...lines] = file.split("\n");
    if (!from.startsWith("--- ")) return file;
    const nameOnly = (line: string) => line.split("\t", 1)[0] ?? "";
    return [command.replace(` -x ${EXCLUDED}`, ""), nameOnly(from), nameOnly(to), ...lines].join("\n");
}

function commonParent(a: string, b: string): string {
    let parent = dirname(a);
    while (!b.startsWith(join(parent, "/"))) parent = dirname(parent);
    return parent === "/" ? "" : parent;
}
