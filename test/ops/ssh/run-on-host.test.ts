import { existsSync, readdirSync } from "node:fs";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { runAsRoot } from "../../../ops/ssh/run-as-root.ts";
import { runOnHost } from "../../../ops/ssh/run-on-host.ts";
import { attempt } from "../../../ops/ssh/ssh-attempt.ts";
import { SshFiles } from "../../../ops/ssh/ssh-files.ts";
import { FakeSsh, NOW_MS } from "./fake-ssh.ts";

const TARGET = { host: "10.0.0.1", port: 22, user: "ops" };
const WORK = { target: TARGET, command: "cat", timeoutSeconds: 10 };

let ssh: FakeSsh;

beforeEach(() => {
    ssh = new FakeSsh();
    vi.stubEnv("PATH", ssh.path);
    vi.stubEnv("TMPDIR", ssh.temporary);
    vi.spyOn(Date, "now").mockReturnValue(NOW_MS);
});

afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    ssh.remove();
});

describe("a command on a host", () => {
    it("reads its input and gives what it prints, and when", async () => {
        ssh.host(TARGET.host, 'login; cat "$INPUT"; exit 3');
        expect(await runOnHost({ ...WORK, stdin: "SECRET" })).toEqual({
            kind: "ended",
            end: { how: "exit", status: 3 },
            stdout: "SECRET",
            stderr: "",
            output: "SECRET",
            pieces: [{ text: "SECRET", notBefore: NOW_MS, notAfter: NOW_MS }],
        });
        ssh.host(TARGET.host, "login; echo out; sleep 0.1; echo err >&2");
        expect(await runOnHost(WORK)).toMatchObject({
            stdout: "out\n",
            stderr: "err\n",
            output: "out\nerr\n",
        });
    });

    it("has its text, key and way in files that nobody else sees and that are gone", async () => {
        ssh.host(TARGET.host, "login");
        const jumpHost = { host: "jump", port: 2222, user: "j", privateKey: "JUMP KEY" };
        await runOnHost({ ...WORK, target: { ...TARGET, privateKey: "KEY", jumpHost } });
        expect(ssh.calls).toEqual([
            expect.stringMatching(/^-F \/proc\/\d+\/fd\/\d+ -E \/proc\/\d+\/fd\/\d+ target$/),
        ]);
        const config = ssh.config(TARGET.host);
        expect(config).toContain("RemoteCommand cat\n");
        expect(config).toMatch(/^ProxyCommand ssh -W 10\.0\.0\.1:22 -F \/proc\/\S+ -E \/proc\/\S+ target$/m);
        const [, key = ""] = /^IdentityFile (.*)$/m.exec(config) ?? [];
        expect(key).toMatch(/^\/proc\//);
        expect(existsSync(key)).toBe(false);
        expect(readdirSync(ssh.temporary)).toEqual([]);
    });

    it("is given up after its time", async () => {
        ssh.host(TARGET.host, "login; exec sleep 5 >/dev/null 2>&1");
        expect(await runOnHost({ ...WORK, timeoutSeconds: 0.1 })).toMatchObject({
            kind: "ended",
            end: { how: "time limit", seconds: 0.1 },
        });
    });

    it("is not begun where nobody is logged in, with ssh's own reason", async () => {
        ssh.host(TARGET.host, "refuse ops@10.0.0.1: Permission denied '(publickey)'.");
        expect(await runOnHost(WORK)).toEqual({
            kind: "not connected",
            reason: "ops@10.0.0.1: Permission denied (publickey).",
        });
        expect(ssh.calls).toHaveLength(1);
    });

    it("is not begun where a login takes too long", async () => {
        ssh.host(TARGET.host, "exec sleep 5 >/dev/null 2>&1");
        const files = await SshFiles.write(TARGET, { command: "cat" });
        expect(await attempt(files, { stdin: "", loginSeconds: 0.1 })).toEqual({
            kind: "not connected",
            reason: "nobody was logged in after 0.1 s",
        });
        files.close();
    });

    it("waits for its turn where a server has too many logins at once", async () => {
        ssh.host(
            TARGET.host,
            '[ "$(wc -l <"$WORLD/arguments")" -eq 3 ] || refuse "kex_exchange_identification: Connection closed by remote host"\nlogin; echo in',
        );
        expect(await runOnHost(WORK)).toMatchObject({ kind: "ended", stdout: "in\n" });
    });

    it.each([
        [{ user: "ops\nProxyCommand touch" }, /^the user "ops\\nProxyCommand touch" cannot be handed to ssh/],
        [{ agentSocket: "/nowhere" }, /^the SSH agent for ops@10\.0\.0\.1:22 at \/nowhere does not answer/],
    ])("is not begun with %j, and that is a reason too", async (change, reason) => {
        const run = await runOnHost({ ...WORK, target: { ...TARGET, ...change } });
        expect(run.kind === "not connected" && run.reason).toMatch(reason);
        expect(ssh.calls).toEqual([]);
    });
});

describe("a script as root", () => {
    const commandOf = () => /^RemoteCommand (.*)$/m.exec(ssh.config(TARGET.host))?.[1];
    const script = { script: "echo one\n", timeoutSeconds: 60 };

    it("goes over sudo for anyone else, and ends on the host by itself", async () => {
        ssh.host(TARGET.host, "login");
        await runAsRoot({ ...script, target: TARGET });
        expect(commandOf()).toBe("sudo -n timeout -k 10 60 bash -euo pipefail -s");
        expect(ssh.input(TARGET.host)).toBe("echo one\n");
        await runAsRoot({ ...script, target: { ...TARGET, user: "root" } });
        expect(commandOf()).toBe("timeout -k 10 60 bash -euo pipefail -s");
    });

    it.each([124, 137])("that its host ended with %i has run out of time", async (status) => {
        ssh.host(TARGET.host, `login; exit ${status}`);
        expect(await runAsRoot({ ...script, target: TARGET })).toMatchObject({
            end: { how: "time limit", seconds: 60 },
        });
    });
});
