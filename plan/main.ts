import { loadDescription, loadStack } from "../stacks/load.ts";
import { paintFor } from "./paint.ts";
import { run } from "./run.ts";

process.exitCode = await run(process.argv.slice(2), {
    loadStack,
    loadDescription,
    stdout: process.stdout,
    stderr: process.stderr,
    paint: paintFor(process.stdout),
});
