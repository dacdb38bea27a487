/** One thing that is wrong with a description: where, what stands there, which rule it breaks, what to do. */
export interface Problem {
    /** Where in the description, in the words a user wrote: `clusters.east.podCidr`. */
    readonly path: string;
    /** What stands there, as text. Left out where it may be secret or where nothing stands there. */
    readonly value?: string;
    /** What must hold, and why it does not. */
    readonly rule: string;
    /** What to write instead. */
    readonly fix: string;
}

/** The outcome of checking a description. Problems stop everything; warnings stop nothing. */
export interface Findings {
    readonly problems: readonly Problem[];
    readonly warnings: readonly Problem[];
}

/** One problem as a person reads it. */
export function formatProblem({ path, value, rule, fix }: Problem): string {
    return `${path}${value === undefined ? "" : ` = ${value}`}\n    ${rule}\n    fix: ${fix}`;
}

/** All problems as one message, counted, in the order they were found. */
export function formatProblems(subject: string, problems: readonly Problem[]): string {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    return [`${subject}: ${count}`, ...problems.map((problem) => `✖ ${formatProblem(problem)}`)].join("\n");
}

/** A value of a description as it stands in a message: short, and on one line. */
export function show(value: unknown): string {
    const text = isJson(value) ? JSON.stringify(value) : String(value);
    return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}

/** Whether JSON has a text for it; it makes `null` of NaN. */
function isJson(value: unknown): boolean {
    return typeof value === "number"
        ? Number.isFinite(value)
        : !["bigint", "function", "symbol", "undefined"].includes(typeof value);
}
