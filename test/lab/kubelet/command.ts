import { spawn } from "node:child_process";

/** Runs a command of the host to its end. It throws with what the command said, if it fails. */
export async function command(
    file: string,
    args: readonly string[],
    { input = "", timeoutMs = 20_000 }: { input?: string; timeoutMs?: number } = {},
): Promise<string> {
    const child = spawn(file, args, { stdio: "pipe", timeout: timeoutMs });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    // A command that ends early does not read on; its exit code tells.
    child.stdin.on("error", () => undefined).end(input);
    const code = await new Promise<number | null>((resolve, reject) => {
        child.on("error", reject).on("close", resolve);
    });
    if (code !== 0)
        throw new Error(`${file} ${args.join(" ")}: ${stderr.trim() || `exit code ${code ?? "none"}`}`);
    return stdout;
}
