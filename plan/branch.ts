/** A line of a tree, and what hangs on it. */
export interface Branch {
    readonly text: string;
    readonly children?: readonly Branch[];
}

/** A tree as lines with the usual strokes in front. */
export function drawBranch({ text, children = [] }: Branch): string[] {
    return [
        text,
        ...children.flatMap((child, index) => {
            const last = index === children.length - 1;
            return drawBranch(child).map((line, below) => {
                if (below === 0) return `${last ? "└─" : "├─"} ${line}`;
                return `${last ? "  " : "│ "} ${line}`;
            });
        }),
    ];
}
