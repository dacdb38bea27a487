/*
 * One operation of the real engine on the program of a folder. It is started by engine.ts inside the lab, in a process of its
 * own: a program is loaded once for each operation, as Pulumi's own language host does it, and can be killed with its engine.
 *
 * The language host is not there: the Automation API runs the program in this process. Events go to file descriptor 3, one
 * JSON object on each line; what the engine prints goes to standard output.
 */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs, promisify } from "node:util";

import {
    CommandError,
    LocalWorkspace,
    type EngineEvent,
    type Stack,
} from "@pulumi/pulumi/automation/index.js";
import { parse } from "yaml";
import { z } from "zod";

import { operation, type Operation } from "./operation.ts";

const EVENTS = 3;

const { values } = parseArgs({
    options: {
        operation: { type: "string" },
        /** The folder that holds index.ts. */
        program: { type: "string" },
        /** The name of the stack, and of its description in the program's `stacks/`. */
        stack: { type: "string" },
        /** Where the stack's settings and its secrets' passphrase lie. */
        folder: { type: "string" },
        /** A file with a secret of the stack's configuration, as `key=file`. */
        secret: { type: "string", multiple: true, default: [] },
        /** Where the exported state goes; with `export`. */
        to: { type: "string" },
    },
});
const {
    program,
    stack: stackName,
    folder,
    secret,
    to,
} = z
    .object({
        program: z.string(),
        stack: z.string(),
        folder: z.string(),
        secret: z.array(z.string()),
        to: z.string().optional(),
    })
    .parse(values);

const stack = await openStack();
process.exitCode = await operate(operation.parse(values.operation));

async function openStack(): Promise<Stack> {
    const { name } = z
        .object({ name: z.string() })
        .parse(parse(await readFile(join(program, "Pulumi.yaml"), "utf8")));
    const opened = await LocalWorkspace.createOrSelectStack(
        {
            stackName,
            projectName: name,
            program: async () => ({ ...z.record(z.string(), z.unknown()).parse(await import(index())) }),
        },
        { workDir: folder },
    );
    for (const entry of secret) {
        const [key = "", file = ""] = entry.split("=");
        await setSecret(key, await readFile(file, "utf8"));
    }
    return opened;
}

/** The Automation API would give the value as an argument, which everyone on the machine can read. */
async function setSecret(key: string, value: string): Promise<void> {
    const args = ["config", "set", key, "--secret", "--stack", stackName, "--non-interactive"];
    const running = promisify(execFile)("pulumi", args, { cwd: folder });
    running.child.stdin?.end(value);
    await running;
}

function index(): string {
    return pathToFileURL(join(program, "index.ts")).href;
}

async function operate(wanted: Operation): Promise<number> {
    const options = { color: "never", onOutput: print, onError: print, onEvent: report } as const;
    try {
        switch (wanted) {
            case "up":
                // Never with continueOnError: the engine then deletes what depends on something that failed.
                await stack.up({ ...options, diff: true });
                break;
            case "preview":
                await stack.preview({ ...options, diff: true });
                break;
            case "refresh":
                await stack.refresh({ ...options });
                break;
            case "clear-pending":
                await stack.refresh({ ...options, clearPendingCreates: true });
                break;
            case "destroy":
                await stack.destroy({ ...options });
                break;
            case "unprotect":
                await promisify(execFile)(
                    "pulumi",
                    ["state", "unprotect", "--all", "--yes", "--stack", stackName],
                    {
                        cwd: folder,
                    },
                );
                break;
            case "cancel":
                await stack.cancel();
                break;
            case "configure":
                break;
            case "export":
                await writeFile(
                    z.string().parse(to),
                    JSON.stringify(await stack.exportStack(), undefined, 2),
                    { mode: 0o600 },
                );
                break;
            default:
                wanted satisfies never;
        }
        return 0;
    } catch (error) {
        // The engine has printed its own reasons.
        if (!(error instanceof CommandError) || wanted === "cancel") print(`${String(error)}\n`);
        return 1;
    }
}

function print(text: string): void {
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

function report(event: EngineEvent): void {
    writeSync(EVENTS, `${JSON.stringify(event)}\n`);
}
