import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withoutDeadAgent } from "../../ops/ssh-agent.ts";

const SCRIPT = fileURLToPath(new URL("../../ops/pulumi.ts", import.meta.url));

let home = "";

beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "ops-"));
    await mkdir(join(home, "bin"));
    await mkdir(join(home, "tmp"));
    await command("tsc", 'echo "tsc $*" >>"$LOG"');
    await command(
        "pulumi",
        'echo "pulumi $*" >>"$LOG"; echo "agent ${SSH_AUTH_SOCK-none}" >>"$LOG"; echo "tmp $(dirname "$TMPDIR")" >>"$LOG"; touch "$TMPDIR/kubeconfig1"; echo "shown by pulumi"',
    );
});

afterEach(async () => {
    await rm(home, { recursive: true });
});

async function command(name: string, body: string): Promise<void> {
    const file = join(home, "bin", name);
    await writeFile(file, `#!/bin/sh\n${body}\n`);
    await chmod(file, 0o755);
}

interface Result {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
    /** What the fake commands wrote down. */
    readonly log: readonly string[];
}

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Result> {
    const log = join(home, "log");
    await writeFile(log, "");
    const child = spawn(process.execPath, [SCRIPT, ...args], {
        env: {
            PATH: `${join(home, "bin")}:/usr/bin:/bin`,
            TMPDIR: join(home, "tmp"),
            LOG: log,
            ...env,
        },
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, ...output, log: (await readFile(log, "utf8")).split("\n").filter((line) => line !== "") };
}

describe("npm run preview and npm run up", () => {
    it("checks types, selects the stack and shows the preview with its differences", async () => {
        const { code, stdout, log } = await run(["preview", "dev"]);
        expect(code).toBe(0);
        expect(stdout).toBe("shown by pulumi\nshown by pulumi\n");
        expect(log.filter((line) => /^(tsc|pulumi)/.test(line))).toEqual([
            "tsc --noEmit",
            "pulumi stack select dev",
            "pulumi preview --stack dev --diff",
        ]);
    });

    it("asks before up changes anything", async () => {
        const { log } = await run(["up", "prod"]);
        expect(log).toContain("pulumi up --stack prod --diff");
        expect(log.join("\n")).not.toContain("--yes");
    });

    it("gives flags behind the stack to Pulumi as they are", async () => {
        const { log } = await run(["up", "prod", "--yes", "--target", "urn:a b"]);
        expect(log).toContain("pulumi up --stack prod --diff --yes --target urn:a b");
    });

    it.each([[[]], [["preview"]], [["up", "--yes"]], [["destroy", "dev"]]])(
        "shows how it is used and runs nothing for %j",
        async (args) => {
            const { code, stderr, log } = await run(args);
            expect(code).toBe(1);
            expect(stderr).toMatch(/^usage: npm run preview -- STACK/);
            expect(log).toEqual([]);
        },
    );

    it("names the install page where there is no pulumi, and runs nothing", async () => {
        await rm(join(home, "bin", "pulumi"));
        const { code, stderr, log } = await run(["preview", "dev"]);
        expect(code).toBe(1);
        expect(stderr).toBe(
            "the pulumi command is not on the PATH: install it, https://www.pulumi.com/docs/install/\n" +
                "npm run plan shows what would be made without it\n",
        );
        expect(log).toEqual([]);
    });

    it("does not take a file that cannot be run for the command", async () => {
        await chmod(join(home, "bin", "pulumi"), 0o644);
        expect((await run(["preview", "dev"])).stderr).toContain("not on the PATH");
    });

    it("asks nothing of Pulumi where the program has type errors", async () => {
        await command("tsc", 'echo "tsc" >>"$LOG"; exit 2');
        const { code, stderr, log } = await run(["up", "dev", "--yes"]);
        expect(code).toBe(2);
        expect(stderr).toBe("the program has type errors: nothing was asked of Pulumi\n");
        expect(log).toEqual(["tsc"]);
    });

    it("says how a stack is made where it cannot be selected, and goes no further", async () => {
        await command("pulumi", 'echo "pulumi $*" >>"$LOG"; exit 255');
        const { code, stderr, log } = await run(["up", "dev"]);
        expect(code).toBe(255);
        expect(stderr).toBe("a stack that does not exist yet is made by: pulumi stack init dev\n");
        expect(log).toEqual(["tsc --noEmit", "pulumi stack select dev"]);
    });

    it("passes Pulumi's exit code on", async () => {
        await command("pulumi", '[ "$1" = stack ] || exit 8');
        expect((await run(["up", "dev"])).code).toBe(8);
    });

    it("counts a Pulumi that was killed as a shell does", async () => {
        await command("pulumi", '[ "$1" = stack ] || kill -9 $$');
        expect((await run(["up", "dev"])).code).toBe(137);
    });

    it("gives Pulumi a temporary folder of its own and removes it, also after a failure", async () => {
        expect((await run(["preview", "dev"])).log).toContain(`tmp ${join(home, "tmp")}`);
        expect(await readdir(join(home, "tmp"))).toEqual([]);
        await command("pulumi", 'touch "$TMPDIR/kubeconfig2"; [ "$1" = stack ] || exit 1');
        await run(["preview", "dev"]);
        expect(await readdir(join(home, "tmp"))).toEqual([]);
    });

    it("hides an SSH agent that is gone from Pulumi", async () => {
        const { log } = await run(["preview", "dev"], { SSH_AUTH_SOCK: join(home, "gone.sock") });
        expect(log).toContain("agent none");
    });
});

describe("the SSH agent", () => {
    it("stays where it answers", async () => {
        const socket = join(home, "agent.sock");
        const agent = createServer().listen(socket);
        await new Promise((resolve) => agent.on("listening", resolve));
        expect(await withoutDeadAgent({ SSH_AUTH_SOCK: socket, A: "1" })).toEqual({
            SSH_AUTH_SOCK: socket,
            A: "1",
        });
        await new Promise((resolve) => agent.close(resolve));
    });

    it("goes where its path is empty, missing or no socket", async () => {
        const file = join(home, "file");
        await writeFile(file, "");
        for (const path of ["", join(home, "missing"), file]) {
            expect(await withoutDeadAgent({ SSH_AUTH_SOCK: path, A: "1" })).toEqual({ A: "1" });
        }
    });

    it("is not made up where there is none", async () => {
        expect(await withoutDeadAgent({ A: "1" })).toEqual({ A: "1" });
    });
});
