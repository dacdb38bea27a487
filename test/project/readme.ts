import { readFileSync } from "node:fs";

export const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** The code block behind a marker such as `<!-- example: mesh -->`. */
export function blockBehind(marker: string, page: string = README): string {
    const [, behind] = page.split(`<!-- ${marker} -->\n`);
    const block = /^\n```\w+\n([\s\S]*?)\n?```\n/.exec(behind ?? "")?.[1];
    if (block === undefined) throw new Error(`there is no code block behind <!-- ${marker} -->`);
    return block;
}
