import type { CheckFailure, DiffResult } from "@pulumi/pulumi/provider/index.js";
import type { ZodError, ZodType } from "zod";

import { at, hasUnknown, revealAll, same, type Properties } from "./property.ts";

/** What a provider does for one type of resource. Properties come and go with their marks of secrets. */
export interface ResourceType {
    /** The inputs, with their defaults where the official provider fills them in here. */
    check(inputs: Properties): Checked;
    /** What changes from what is recorded to the new inputs. */
    diff(recorded: Properties, inputs: Properties): DiffResult;
    create(inputs: Properties): Promise<Created>;
    /** What is recorded from now on. */
    update(recorded: Properties, inputs: Properties): Promise<Properties>;
    delete(recorded: Properties): Promise<void>;
    /** What a refresh records. */
    read(recorded: Properties): Properties;
    /** The operation is to end soon: nothing new, and nothing that may go on for long. */
    cancel?(): void;
}

export interface Checked {
    readonly inputs: Properties;
    readonly failures: CheckFailure[];
}

export interface Created {
    readonly id: string;
    readonly outputs: Properties;
}

/** What a schema finds wrong with the inputs, except where it looks at what only the run will tell. */
export function failuresOf(schema: ZodType, inputs: Properties): CheckFailure[] {
    const { error } = schema.safeParse(revealAll(inputs));
    return error === undefined ? [] : failuresIn(error, inputs);
}

function failuresIn(error: ZodError, inputs: Properties): CheckFailure[] {
    return error.issues
        .filter(({ code, path }) => code === "unrecognized_keys" || !hasUnknown(at(inputs, path)))
        .map(({ path, message, ...issue }) => ({
            property: [...path, ...(issue.code === "unrecognized_keys" ? [issue.keys.join(", ")] : [])].join(
                ".",
            ),
            reason:
                issue.code === "unrecognized_keys"
                    ? "the lab's stand-in for this provider does not have this property: leave it out"
                    : message,
        }));
}

/** The names of those properties that are not the same, of those given. */
export function changedOf(
    names: readonly string[],
    recorded: Properties,
    inputs: Properties,
): readonly string[] {
    return names.filter((name) => !same(recorded[name] ?? undefined, inputs[name] ?? undefined));
}
