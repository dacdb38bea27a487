/* What this program's own commands for people go over: the system's ssh, against a real sshd. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { parseHostKey } from "../../../../model/support/host-key.ts";
import { runAsRoot } from "../../../../ops/ssh/run-as-root.ts";
import { runOnHost } from "../../../../ops/ssh/run-on-host.ts";
import type { SshEndpoint } from "../../../../ops/ssh/target.ts";
import { Sshd } from "../sshd.ts";

let sshd: Sshd;

beforeAll(async () => {
    sshd = await Sshd.start();
});

afterAll(() => {
    sshd.stop();
});

const work = { command: "cat; exit 3", stdin: "INPUT", timeoutSeconds: 30 };

test("a command is run through a jump host, with host keys that are checked", async () => {
    const jump = await otherSshd();
    const target = { ...endpoint(sshd), jumpHost: endpoint(jump) };
    const before = Date.now();
    const run = await runOnHost({ ...work, target });
    expect(run).toMatchObject({
        kind: "ended",
        end: { how: "exit", status: 3 },
        stdout: "INPUT",
        stderr: "",
    });
    const [piece] = run.kind === "ended" ? run.pieces : [];
    expect(piece?.notBefore).toBeGreaterThanOrEqual(before);
    expect(piece?.notAfter).toBeLessThanOrEqual(Date.now());
    expect(jump.log()).toContain("Accepted publickey");
});

test("a host or a jump host with another key gets nothing", async () => {
    const jump = await otherSshd();
    const stranger = endpoint(sshd).hostKey;
    const refused = { kind: "not connected", reason: "Host key verification failed." };
    const reason = async (target: Parameters<typeof runOnHost>[0]["target"]) => {
        const run = await runOnHost({ ...work, target });
        return run.kind === "ended" ? run : { ...run, reason: run.reason.split("; ").at(-1) };
    };
    expect(await reason(keyed(endpoint(jump), stranger))).toEqual(refused);
    expect(await reason({ ...endpoint(sshd), jumpHost: keyed(endpoint(jump), stranger) })).toEqual(refused);
});

test("a login that is refused is told in ssh's words", async () => {
    const { privateKey } = await otherSshd();
    expect(await runOnHost({ ...work, target: { ...endpoint(sshd), privateKey } })).toEqual({
        kind: "not connected",
        reason: `${sshd.user}@127.0.0.1: Permission denied (publickey).`,
    });
});

test("a script that hangs is ended by its host, and given up here where the host does not", async () => {
    const target = endpoint(sshd);
    expect(await runAsRoot({ target, script: "echo one\nsleep 30\n", timeoutSeconds: 1 })).toMatchObject({
        end: { how: "time limit", seconds: 1 },
        stdout: "one\n",
    });
    expect(await runOnHost({ target, command: "sleep 3", timeoutSeconds: 0.5 })).toMatchObject({
        end: { how: "time limit", seconds: 0.5 },
    });
});

test("a connection that is lost is no end of the command", async () => {
    // The shell's parent is the part of sshd that holds the connection.
    expect(
        await runOnHost({ ...work, target: endpoint(sshd), command: "kill -9 $PPID; sleep 5" }),
    ).toMatchObject({
        end: { how: "lost" },
    });
});

function endpoint({ port, user, privateKey, hostKey: line }: Sshd): SshEndpoint {
    const hostKey = parseHostKey(line.trim());
    if (hostKey === undefined) throw new Error("sshd has no key");
    return { host: "127.0.0.1", port, user, privateKey, hostKey };
}

function keyed(target: SshEndpoint, hostKey: SshEndpoint["hostKey"]): SshEndpoint {
    return hostKey === undefined ? target : { ...target, hostKey };
}

async function otherSshd(): Promise<Sshd> {
    const other = await Sshd.start();
    onTestFinished(() => {
        other.stop();
    });
    return other;
}
