import { styleText } from "node:util";

/** How a word is made to stand out. */
export type Paint = (style: "bold" | "dim" | "yellow", text: string) => string;

export const plain: Paint = (_style, text) => text;

/** Colours for a terminal, and none for anything else; NO_COLOR and FORCE_COLOR are heeded. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
    return (style, text) => styleText(style, text, { stream });
}
