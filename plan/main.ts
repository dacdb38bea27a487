import { reasonOf } from "../model/plain.ts";
import { loadDescription, loadStack } from "../stacks/load.ts";
import { paintFor } from "./paint.ts";
import { run } from "./run.ts";

/*
 * A description is someone else's code, and runs in this process: it can end it, or wait for ever, or fail later. Only a plan
 * that was finished ends with 0, and any other end says why.
 */
let finished = false;
process.exitCode = 1;
process.on("exit", () => {
    if (finished) return;
    process.exitCode = 1;
    process.stderr.write(
        "the plan was not finished: the description, or what it imports, ends the process or waits for what never comes\n",
    );
});
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
        finished = true;
        process.stderr.write(
            `the plan was given up: work that nobody waits for has failed: ${reasonOf(error)}\n`,
        );
        process.exit(1);
    });
}

// Without await: Node has a message and an exit code of its own for a main module that waits for ever.
void run(process.argv.slice(2), {
    loadStack,
    loadDescription,
    stdout: process.stdout,
    stderr: process.stderr,
    paint: paintFor(process.stdout),
}).then((code) => {
    finished = true;
    process.exitCode = code;
});
