import * as pulumi from "@pulumi/pulumi";

import { reasonOf } from "../model/plain.ts";
import { parseArguments, USAGE } from "./arguments.ts";
import type { Paint } from "./paint.ts";
import { plan } from "./plan.ts";
import type { Program } from "./program.ts";
import { Progress, type ProgressStream } from "./progress.ts";
import { checkPlace, writePlan } from "./write.ts";

export interface Environment {
    /** What to run. @default - the program itself */
    readonly program?: Program;
    /** The description of a stack, by its name. */
    readonly loadStack: (name: string) => Promise<unknown>;
    /** The description that a module exports by default. */
    readonly loadDescription: (file: string) => Promise<unknown>;
    readonly stdout: ProgressStream;
    readonly stderr: ProgressStream;
    /** The clock of the progress line. @default - that of this process */
    readonly now?: () => number;
    /** How what goes to `stdout` is coloured. */
    readonly paint: Paint;
}

/** `npm run plan` from its command line to its exit code. */
export async function run(argv: readonly string[], environment: Environment): Promise<0 | 1> {
    const { stdout, stderr, program, now } = environment;
    try {
        const { stack, description: file, out, help } = parseArguments(argv);
        if (help) {
            stdout.write(`${USAGE}\n`);
            return 0;
        }
        await checkPlace(out);
        const description = await (file === undefined
            ? environment.loadStack(stack)
            : environment.loadDescription(file));
        const progress = new Progress(stack, { stream: stderr, ...(now === undefined ? {} : { now }) });
        const { tree, files } = await plan({
            description,
            stack,
            ...(file === undefined ? {} : { source: file }),
            ...(program === undefined ? {} : { program }),
            paint: environment.paint,
            onProgress: (count) => {
                progress.update(count);
            },
        }).finally(() => {
            progress.end();
        });
        await writePlan(out, files);
        stdout.write(
            `${tree}\n${files.size} files in ${out}: plan.json has every resource, topology.svg the picture\n`,
        );
        return 0;
    } catch (error) {
        stderr.write(`${messageOf(error)}\n`);
        return 1;
    }
}

function isForeseen(error: unknown): boolean {
    return pulumi.RunError.isInstance(error) || pulumi.ResourceError.isInstance(error);
}

/** A mistake of the user is a message; one of the program comes with the place it was made at. */
function messageOf(error: unknown): string {
    if (!(error instanceof Error)) return reasonOf(error);
    if (!isForeseen(error)) return error.stack ?? error.message;
    // The runtime puts the names of the inputs in front through which a failure has come.
    return error.message.replace(/^(error serializing property "[^"]*": )+/, "");
}
