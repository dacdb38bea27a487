import { randomBytes } from "node:crypto";

import type { DiffResult } from "@pulumi/pulumi/provider/index.js";
import * as z from "zod";

import { hasSecret, revealAll, same, type Properties } from "../property.ts";
import { failuresOf, type Checked, type Created, type ResourceType } from "../resource-type.ts";
import { connectionSchema, recordedConnection } from "./connection.ts";
import { runRemotely, type RemoteOutput } from "./run-remotely.ts";

const commandLine = z
    .string()
    .regex(/\S/, "must not be empty: leave it out")
    .regex(
        /^[^\n\0]*$/,
        "must be one line: the lab's stand-in hands it to ssh in a file of lines; put a script into stdin",
    );

const schema = z.strictObject({
    connection: connectionSchema,
    create: commandLine.optional(),
    update: commandLine.optional(),
    delete: commandLine.optional(),
    stdin: z.string().default(""),
    logging: z.literal("none", {
        error: 'must be "none": the lab\'s stand-in has no way to the log; leave the output to stdout and stderr',
    }),
    addPreviousOutputInEnv: z.boolean().default(true),
    triggers: z.array(z.unknown()).optional(),
});

/** What is recorded beside the inputs. */
const outputSchema = z.object({ stdout: z.string().default(""), stderr: z.string().default("") });

const recordedSchema = schema.extend(outputSchema.shape);

type Command = z.infer<typeof schema>;

/**
 * command.remote.Command: a command on a host over SSH when the resource is created, another or the same one when an input
 * changes, and one when it is deleted. A refresh looks at no host.
 */
export class RemoteCommand implements ResourceType {
    readonly #dialing = new AbortController();

    check(inputs: Properties): Checked {
        const filled = { ...inputs, connection: recordedConnection(inputs["connection"]) };
        return { inputs: filled, failures: failuresOf(schema, filled) };
    }

    diff(recorded: Properties, inputs: Properties): DiffResult {
        const changed = Object.keys(schema.shape).filter((name) => {
            const [before, after] = [recorded[name] ?? undefined, inputs[name] ?? undefined];
            return !same(before, after) || (hasSecret(after) && !hasSecret(before));
        });
        // The SDK asks for this by an option that the engine can only follow with more detail than this server passes on.
        return { changes: changed.length > 0, replaces: changed.filter((name) => name === "triggers") };
    }

    async create(inputs: Properties): Promise<Created> {
        const command = schema.parse(revealAll(inputs));
        const output =
            command.create === undefined
                ? { stdout: "", stderr: "" }
                : await this.#run(command, command.create, {});
        return { id: `command${randomBytes(4).toString("hex")}`, outputs: { ...inputs, ...output } };
    }

    async update(recorded: Properties, inputs: Properties): Promise<Properties> {
        const command = schema.parse(revealAll(inputs));
        const previous = outputSchema.parse(revealAll(recorded));
        const text = command.update ?? command.create;
        const output = text === undefined ? previous : await this.#run(command, text, previous);
        return { ...inputs, ...output };
    }

    async delete(recorded: Properties): Promise<void> {
        if ((recorded["delete"] ?? undefined) === undefined) return;
        const { delete: text = "", ...command } = recordedSchema.parse(revealAll(recorded));
        await this.#run(command, text, command);
    }

    read(recorded: Properties): Properties {
        return recorded;
    }

    cancel(): void {
        this.#dialing.abort();
    }

    async #run(command: Command, text: string, previous: Partial<RemoteOutput>): Promise<RemoteOutput> {
        return await runRemotely(
            command.connection,
            {
                command: text,
                stdin: command.stdin,
                environment: command.addPreviousOutputInEnv ? previousOutput(previous) : {},
            },
            this.#dialing.signal,
        );
    }
}

function previousOutput({ stdout = "", stderr = "" }: Partial<RemoteOutput>): Record<string, string> {
    return {
        ...(stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: stdout }),
        ...(stderr === "" ? {} : { PULUMI_COMMAND_STDERR: stderr }),
    };
}
