/*
 * `node ops/plan-comment.ts BASE HEAD`: the comment of a pull request, on standard output, from two folders that
 * ops/plan-all.ts has filled: what every stack is planned to be, and what that changes.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { planDiff } from "./plan-diff.ts";

/** By this line a comment is found again. */
export const MARKER = "<!-- multicluster-plan -->";
/** GitHub refuses comments of more than 65,536 characters. */
export const LIMIT = 60_000;

/** The whole comment. It is never longer than the limit. */
export function planComment(base: string, head: string): string {
    const [from, to] = [resolve(base), resolve(head)];
    const failed = read(from, "failed.txt");
    const stacks = [...new Set([...stacksIn(to), ...stacksIn(from)])].sort();
    const top = [
        MARKER,
        "## Plan",
        ...(failed === undefined
            ? []
            : [`The target branch could not be planned, so everything shows as new: ${failed.trim()}.`]),
        ...(stacks.length === 0 ? ["No stack is described here."] : []),
    ];
    const sections = stacks.reduce<string[]>((done, stack, index) => {
        const left = LIMIT - [...top, ...done].join("\n\n").length - 2;
        return [...done, stackSection(stack, from, to, Math.floor(left / (stacks.length - index)) - 4)];
    }, []);
    // So many stacks that even their headings do not fit must not cost the whole comment.
    return `${cut([...top, ...sections].join("\n\n"), LIMIT - 1)}\n`;
}

function stackSection(stack: string, base: string, head: string, limit: number): string {
    const refused = read(head, stack, "refused.txt");
    const title = `### ${stack}`;
    if (!existsSync(join(head, stack)))
        return `${title}\n\nIs no longer described: nothing plans it any more.`;
    if (refused !== undefined) {
        return `${title}\n\n**Refused.** Nothing of it would be touched.\n\n${fenced("text", refused, limit - 200)}`;
    }
    const isNew = !existsSync(join(base, stack, "plan"));
    const diff = isNew ? "" : planDiff(join(base, stack, "plan"), join(head, stack, "plan"));
    const picture =
        /```mermaid\n[\s\S]*?\n```/.exec(read(head, stack, "plan", "topology.md") ?? "")?.[0] ?? "";
    const parts = [
        title,
        isNew ? "New: there is no plan of it to compare with." : diff === "" ? "No change." : countLine(diff),
        // Half a picture is none.
        ...(picture !== "" && picture.length < limit / 3 ? [picture] : []),
    ];
    const half = () => (limit - parts.join("\n\n").length) / (diff === "" ? 1 : 2);
    parts.push(details("What it is planned to be", "text", read(head, stack, "tree.txt") ?? "", half()));
    if (diff !== "") {
        parts.push(details("What changes", "diff", diff, limit - parts.join("\n\n").length));
    }
    return parts.join("\n\n");
}

function countLine(diff: string): string {
    const files = diff.match(/^diff -ruN /gm)?.length ?? 0;
    const added = diff.match(/^\+(?!\+\+ )/gm)?.length ?? 0;
    const removed = diff.match(/^-(?!-- )/gm)?.length ?? 0;
    return `${files} ${files === 1 ? "file differs" : "files differ"}: ${added} lines more, ${removed} lines less.`;
}

function details(summary: string, language: string, content: string, limit: number): string {
    const [open, close] = [`<details><summary>${summary}</summary>\n\n`, "\n\n</details>"];
    return `${open}${fenced(language, content, limit - open.length - close.length - 4)}${close}`;
}

/** A fence that nothing in the content can close. */
function fenced(language: string, content: string, limit: number): string {
    const longest = Math.max(2, ...(content.match(/`+/g) ?? []).map((run) => run.length));
    const fence = "`".repeat(longest + 1);
    const text = content.trimEnd();
    return `${fence}${language}\n${cut(text, limit - 2 * fence.length - language.length - 2)}\n${fence}`;
}

/** The first lines that fit, and how many do not. */
function cut(text: string, limit: number): string {
    if (text.length <= limit) return text;
    const lines = text.split("\n");
    const note = (count: number) =>
        `... ${count} more lines: all of it is in the artifact "plans" of this run`;
    const room = limit - note(lines.length).length - 1;
    let length = 0;
    const kept = lines.findIndex((line) => (length += line.length + 1) > room);
    return [...lines.slice(0, kept), note(lines.length - kept)].join("\n");
}

function stacksIn(folder: string): string[] {
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);
}

function read(...path: string[]): string | undefined {
    const file = join(...path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

if (import.meta.main) {
    const [base, head] = process.argv.slice(2);
    if (base === undefined || head === undefined)
        throw new Error("usage: node ops/plan-comment.ts BASE HEAD");
    process.stdout.write(planComment(base, head));
}
