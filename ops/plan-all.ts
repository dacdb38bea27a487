/*
 * `node ops/plan-all.ts DIR`: plans every stack of this tree. For each it leaves in DIR/<stack>:
 *     plan/         what `npm run plan` writes
 *     tree.txt      what it prints
 *     refused.txt   why there is no plan, where there is none
 */
import { spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { stackNames } from "../stacks/load.ts";

const PLAN = fileURLToPath(new URL("../plan/main.ts", import.meta.url));

/** Plans one stack into a folder and tells whether that could be done. */
export async function planStack(stack: string, folder: string, script = PLAN): Promise<boolean> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const { code, stdout, stderr } = await run([script, stack, "--out", join(folder, "plan")]);
    process.stderr.write(stderr);
    await writeFile(join(folder, "tree.txt"), stdout);
    if (code === 0) return true;
    await writeFile(join(folder, "refused.txt"), stderr);
    return false;
}

async function run(
    args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output.stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (output.stderr += chunk));
    return new Promise((done, reject) => {
        child.on("error", reject);
        child.on("close", (code) => {
            done({ code, ...output });
        });
    });
}

if (import.meta.main) {
    const [folder] = process.argv.slice(2);
    if (folder === undefined) throw new Error("usage: node ops/plan-all.ts DIR");
    for (const stack of await stackNames()) {
        const planned = await planStack(stack, join(folder, stack));
        console.log(`${stack}: ${planned ? "planned" : "refused"}`);
        if (!planned) process.exitCode = 1;
    }
}
