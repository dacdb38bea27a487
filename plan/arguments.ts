import { join } from "node:path";
import { parseArgs } from "node:util";

import * as pulumi from "@pulumi/pulumi";

/** What a plan is asked for on the command line. */
export interface Arguments {
    /** The stack's name; without a description it is also the name of the module in stacks/. */
    readonly stack: string;
    /** A module whose default export is the description. @default - that of the stack */
    readonly description?: string;
    /** The folder to write. */
    readonly out: string;
    /** Whether only the usage was asked for. */
    readonly help: boolean;
}

export const USAGE = `Usage: npm run plan -- [STACK] [--description FILE] [--out DIR]

Shows what the program would make, without a cluster, an account or the Pulumi CLI, and writes it as files.

  STACK               the environment: a module in stacks/ (default: dev)
  --description FILE  plan the description that this module exports by default, as the stack STACK
  --out DIR           the folder to write (default: plan-out/STACK); an earlier plan in it is replaced
  --help              show this`;

/** What Pulumi accepts as a stack's name, apart from names that would be a path. */
const STACK = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$/;

/** Reads the command line, or says in one message what is wrong with it. */
export function parseArguments(argv: readonly string[]): Arguments {
    const { values, positionals, tokens } = parse(argv);
    const [stack = "dev", ...more] = positionals;
    if (more.length > 0)
        refuse(`one stack at a time, but there are ${positionals.length}: ${positionals.join(", ")}`);
    if (!STACK.test(stack)) {
        refuse(
            `${JSON.stringify(stack)} is not the name of a stack: letters, digits, hyphens, dots and underscores`,
        );
    }
    for (const option of ["description", "out"] as const) {
        if (values[option] === "") refuse(`--${option} needs a value`);
        if (tokens.filter((token) => token.kind === "option" && token.name === option).length > 1) {
            refuse(`--${option} is given more than once`);
        }
    }
    return {
        stack,
        ...(values.description === undefined ? {} : { description: values.description }),
        out: values.out ?? join("plan-out", stack),
        help: values.help ?? false,
    };
}

function parse(argv: readonly string[]) {
    try {
        return parseArgs({
            args: [...argv],
            allowPositionals: true,
            tokens: true,
            options: {
                description: { type: "string" },
                out: { type: "string" },
                help: { type: "boolean", short: "h" },
            },
        });
    } catch (error) {
        // Node's message goes on with advice on positional arguments that does not fit here.
        const [first = ""] = error instanceof Error ? error.message.split(". ") : [String(error)];
        return refuse(first);
    }
}

function refuse(message: string): never {
    throw new pulumi.RunError(`${message}\n\n${USAGE}`);
}
