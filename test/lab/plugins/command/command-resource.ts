import { randomBytes } from "node:crypto";

import type { DiffResult } from "@pulumi/pulumi/provider/index.js";
import * as z from "zod";

import { hasSecret, revealAll, same, type Properties } from "../property.ts";
import { failuresOf, type Checked, type Created, type ResourceType } from "../resource-type.ts";

/** The inputs that every command has. `line` is what may stand in the text of one. */
export function commandShape(line: z.ZodString) {
    return {
        create: line.optional(),
        update: line.optional(),
        delete: line.optional(),
        stdin: z.string().default(""),
        logging: z.literal("none", {
            error: 'must be "none": the lab\'s stand-in has no way to the log; leave the output to stdout and stderr',
        }),
        addPreviousOutputInEnv: z.boolean().default(true),
        triggers: z.array(z.unknown()).optional(),
    };
}

/** What the text of every command must be. */
export const commandText = z.string().regex(/\S/, "must not be empty: leave it out");

/** What all commands have. */
export type CommandInputs = z.infer<z.ZodObject<ReturnType<typeof commandShape>>>;

/** A command, and what it is run with. */
export interface Work {
    readonly command: string;
    readonly stdin: string;
    readonly environment: Readonly<Record<string, string>>;
}

/** What a command that went well printed, each without its last line break. */
export interface CommandOutput {
    readonly stdout: string;
    readonly stderr: string;
}

/** What one kind of commands does in its own way. */
export interface CommandKind<Inputs extends CommandInputs> {
    readonly names: readonly string[];
    readonly schema: z.ZodType<Inputs>;
    /** The inputs as they are recorded. */
    fill(inputs: Properties): Properties;
    /** Runs a command to its end. The signal says that nobody waits for it any longer. */
    run(inputs: Inputs, work: Work, signal: AbortSignal): Promise<CommandOutput>;
}

/** What is recorded beside the inputs. */
const outputSchema = z.object({ stdout: z.string().default(""), stderr: z.string().default("") });

/**
 * A command when the resource is created, another or the same one when an input changes, and one when it is deleted. A refresh
 * looks at nothing.
 */
export class CommandResource<Inputs extends CommandInputs> implements ResourceType {
    readonly #kind: CommandKind<Inputs>;
    readonly #ending = new AbortController();

    constructor(kind: CommandKind<Inputs>) {
        this.#kind = kind;
    }

    check(inputs: Properties): Checked {
        const filled = this.#kind.fill(inputs);
        return { inputs: filled, failures: failuresOf(this.#kind.schema, filled) };
    }

    diff(recorded: Properties, inputs: Properties): DiffResult {
        const changed = this.#kind.names.filter((name) => {
            const [before, after] = [recorded[name] ?? undefined, inputs[name] ?? undefined];
            return !same(before, after) || (hasSecret(after) && !hasSecret(before));
        });
        // The SDK asks for this by an option that the engine can only follow with more detail than this server passes on.
        return { changes: changed.length > 0, replaces: changed.filter((name) => name === "triggers") };
    }

    async create(inputs: Properties): Promise<Created> {
        const command = this.#kind.schema.parse(revealAll(inputs));
        const output =
            command.create === undefined
                ? { stdout: "", stderr: "" }
                : await this.#run(command, command.create, {});
        return { id: `command${randomBytes(4).toString("hex")}`, outputs: { ...inputs, ...output } };
    }

    async update(recorded: Properties, inputs: Properties): Promise<Properties> {
        const command = this.#kind.schema.parse(revealAll(inputs));
        const previous = outputSchema.parse(revealAll(recorded));
        const text = command.update ?? command.create;
        const output = text === undefined ? previous : await this.#run(command, text, previous);
        return { ...inputs, ...output };
    }

    async delete(recorded: Properties): Promise<void> {
        if ((recorded["delete"] ?? undefined) === undefined) return;
        const { stdout, stderr, ...inputs } = revealAll(recorded);
        const command = this.#kind.schema.parse(inputs);
        await this.#run(command, command.delete ?? "", outputSchema.parse({ stdout, stderr }));
    }

    read(recorded: Properties): Properties {
        return recorded;
    }

    cancel(): void {
        this.#ending.abort();
    }

    async #run(command: Inputs, text: string, previous: Partial<CommandOutput>): Promise<CommandOutput> {
        return await this.#kind.run(
            command,
            {
                command: text,
                stdin: command.stdin,
                environment: command.addPreviousOutputInEnv ? previousOutput(previous) : {},
            },
            this.#ending.signal,
        );
    }
}

function previousOutput({ stdout = "", stderr = "" }: Partial<CommandOutput>): Record<string, string> {
    return {
        ...(stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: stdout }),
        ...(stderr === "" ? {} : { PULUMI_COMMAND_STDERR: stderr }),
    };
}

/** A text without its last line break. */
export function trimmed(text: string): string {
    return text.endsWith("\n") ? text.slice(0, -1) : text;
}
