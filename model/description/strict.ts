import { distance } from "fastest-levenshtein";
import { z } from "zod";

/** A fix that a schema attaches to the message of a refused value. */
export function fixOf(params: unknown): string | undefined {
    return typeof params === "object" && params !== null && "fix" in params && typeof params.fix === "string"
        ? params.fix
        : undefined;
}

/** The known word nearest to a misspelt one, if any is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
    const [best] = known
        .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
        .sort((a, b) => a.far - b.far);
    return best !== undefined && best.far <= Math.max(2, Math.floor(word.length / 3))
        ? best.candidate
        : undefined;
}

/** An object that refuses unknown keys, and names the nearest known one. `elsewhere` says where a key belongs that people expect here. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape, elsewhere: Record<string, string> = {}) {
    const known = Object.keys(shape);
    return z.strictObject(shape, {
        error: (issue) => {
            if (issue.code !== "unrecognized_keys" || !Array.isArray(issue.keys)) return undefined;
            return issue.keys
                .map((key) => {
                    const hint = elsewhere[key];
                    if (hint !== undefined) return `${key}: ${hint}`;
                    const meant = nearest(key, known);
                    return meant === undefined
                        ? `${key}: unknown key; known here: ${known.join(", ")}`
                        : `${key}: unknown key; did you mean ${meant}?`;
                })
                .join("\n");
        },
    });
}

/** A string that must satisfy a test; what it must be, and what to write instead, become the message. */
export function text(test: (value: string) => boolean, rule: string, fix: string) {
    return z.string().refine(test, { error: rule, params: { fix } });
}

/** Refuses a user and a password in an address: a description holds no secret, and an address appears in plans and in hosts' scripts. */
export function withoutUser<Schema extends z.ZodType<string>>(schema: Schema) {
    return schema.refine((value) => !hasUser(value), {
        error: "must not hold a user or a password: it is shown in plans and messages",
        params: { secret: true, fix: "leave out everything up to the @" },
    });
}

function hasUser(address: string): boolean {
    const parsed = URL.parse(address);
    return parsed !== null && `${parsed.username}${parsed.password}` !== "";
}
