import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { RemoteCommand } from "./command/remote-command.ts";
import { reveal, secret, type Properties } from "./property.ts";
import { Sshd } from "./sshd.ts";

let sshd: Sshd;
let scratch: string;

beforeAll(async () => {
    sshd = await Sshd.start();
    scratch = mkdtempSync(join(tmpdir(), "command-"));
});

afterAll(() => {
    sshd.stop();
    rmSync(scratch, { recursive: true });
});

describe("a command that is run", () => {
    test("reads its input, and gives what it prints without the last line break", async () => {
        const output = await run({
            create: "cat; echo x >&2; printf 'y\\n\\n' >&2",
            stdin: secret("é 100%\n\n"),
        });
        expect(output).toEqual({ stdout: "é 100%\n", stderr: "x\ny\n" });
    });

    test("has no terminal, and its text is what the program wrote", async () => {
        const create = `tty -s && echo terminal; printf '%s|' "it's" 'a"b' $((1+1)) # done`;
        expect((await run({ create })).stdout).toBe("it's|a\"b|2|");
    });

    test("takes a megabyte, and one that ends early does not mind the rest", async () => {
        const stdin = secret("0123456789abcdef".repeat(65_536));
        expect((await run({ create: "wc -c", stdin })).stdout.trim()).toBe("1048576");
        expect((await run({ create: "exit 0", stdin })).stdout).toBe("");
    });

    test("that fails is an error with its text and what it printed, in order, and not its input", async () => {
        const stdin = secret("INPUT");
        const failing = run({ create: "echo out; sleep 0.2; echo err >&2; exit 255", stdin });
        await expect(failing).rejects.toThrow(
            'Process exited with status 255: running "echo out; sleep 0.2; echo err >&2; exit 255":\nout\nerr\n',
        );
        await expect(failing).rejects.not.toThrow(/INPUT/);
    });

    test("whose connection is lost is an error", async () => {
        // The shell's parent is the part of sshd that holds the connection.
        await expect(run({ create: "kill -9 $PPID; sleep 5" })).rejects.toThrow(
            /^wait: remote command exited without exit status or exit signal/,
        );
    });

    test("that a signal ends is an error", async () => {
        await expect(run({ create: "kill -9 $$" })).rejects.toThrow("Process exited from a signal");
    });

    test("whose text ssh would not take is an error at once", async () => {
        await expect(run({ create: "echo 'a\\'" })).rejects.toThrow(/^ssh does not take the configuration/);
    });

    test("gets the previous output, where that is not turned off", async () => {
        const type = new RemoteCommand();
        const inputs = checked({
            create: 'echo "one:$PULUMI_COMMAND_STDOUT"',
            addPreviousOutputInEnv: true,
        });
        const { outputs } = await type.create(inputs);
        expect(await type.update(outputs, inputs)).toMatchObject({ stdout: "one:one:" });
    });

    test("runs when the program says so, and at the end with what is recorded", async () => {
        const type = new RemoteCommand();
        const file = join(scratch, "runs");
        const append = (word: string) => `echo ${word} >> ${file}`;
        const inputs = checked({ create: append("create"), delete: append("delete") });
        const { outputs } = await type.create(inputs);
        await type.update(outputs, inputs);
        const updated = await type.update(outputs, { ...inputs, update: append("update") });
        await type.delete(updated);
        expect(readFileSync(file, "utf8")).toBe("create\ncreate\nupdate\ndelete\n");
    });

    test("leaves its secrets in no argument and no file, on this side", async () => {
        const { stdout } = await run({
            create: `tr '\\0' ' ' < /proc/$(pgrep -P ${process.pid} -x ssh)/cmdline`,
            stdin: secret("INPUT"),
        });
        expect(stdout).toMatch(/^ssh -F \/proc\/\d+\/fd\/\d+ -E \/proc\/\d+\/fd\/\d+ target $/);
        expect(readdirSync(tmpdir()).filter((name) => name.startsWith("nameless-"))).toEqual([]);
    });
});

describe("dialing", () => {
    test("is repeated as often as the connection says, and names where to", async () => {
        const port = await closedPort();
        await expect(run({ create: ":" }, { port, dialErrorLimit: 2 })).rejects.toThrow(
            new RegExp(
                `^after 3 failed attempts to connect to ${sshd.user}@127\\.0\\.0\\.1:${port}: .*Connection refused`,
            ),
        );
    });

    test("waits for a host that comes up", async () => {
        const port = await closedPort();
        const running = run({ create: "echo up" }, { port, dialErrorLimit: 10 });
        await new Promise((resolve) => setTimeout(resolve, 300));
        const forwarder = createServer((socket) => {
            socket.pipe(connect(sshd.port, "127.0.0.1")).pipe(socket);
        });
        forwarder.listen(port, "127.0.0.1");
        onTestFinished(() => {
            forwarder.close();
        });
        expect(await running).toMatchObject({ stdout: "up" });
    });

    test("ends when it is cancelled, and so does a host that stays mute", async () => {
        const mute = createServer();
        const port = await closedPort();
        mute.listen(port, "127.0.0.1");
        onTestFinished(() => {
            mute.close();
        });
        const type = new RemoteCommand();
        const running = type.create(checked({ create: ":" }, { port }));
        setTimeout(() => {
            type.cancel();
        }, 300);
        await expect(running).rejects.toThrow(/^cancelled while connecting to /);
        await expect(run({ create: ":" }, { port, perDialTimeout: 1, dialErrorLimit: 0 })).rejects.toThrow(
            /^after 1 failed attempts .*timed out/,
        );
    });

    test("does not end a command that has begun", async () => {
        const type = new RemoteCommand();
        const running = type.create(checked({ create: "sleep 4; echo done" }));
        // By then somebody is logged in, on a busy machine too.
        setTimeout(() => {
            type.cancel();
        }, 3000);
        expect((await running).outputs).toMatchObject({ stdout: "done" });
    });

    test("repeats a refused key too, and says so without it", async () => {
        const { privateKey } = await otherSshd();
        const refused = run({ create: ":" }, { privateKey, dialErrorLimit: 1 });
        await expect(refused).rejects.toThrow(/^after 2 failed attempts .*Permission denied \(publickey\)/);
        await expect(refused).rejects.not.toThrow(/PRIVATE KEY/);
    });
});

describe("host keys", () => {
    test("the right one is accepted, in either form", async () => {
        const { hostKey } = sshd;
        expect(await run({ create: "echo a" }, { hostKey })).toMatchObject({ stdout: "a" });
        const line = hostKey.replace(/^\S+ /, "");
        expect(await run({ create: "echo a" }, { hostKey: line })).toMatchObject({ stdout: "a" });
    });

    test("another one is refused, and nothing is run", async () => {
        const { hostKey } = await otherSshd();
        const file = join(scratch, "not-there");
        await expect(run({ create: `touch ${file}` }, { hostKey, dialErrorLimit: 0 })).rejects.toThrow(
            /Host key verification failed/,
        );
        expect(readdirSync(scratch)).not.toContain("not-there");
    });
});

describe("private keys", () => {
    test("with a passphrase", async () => {
        const privateKey = protectedKey(sshd.privateKey, "it's a secret");
        const connection = { privateKey, privateKeyPassword: "it's a secret" };
        expect(await run({ create: "echo a" }, connection)).toMatchObject({ stdout: "a" });
        for (const privateKeyPassword of ["wrong", undefined]) {
            await expect(run({ create: ":" }, { privateKey, privateKeyPassword })).rejects.toThrow(
                /cannot be read: it is protected by a passphrase/,
            );
        }
    });

    test("that are none, at once and without their text", async () => {
        const failing = run({ create: ":" }, { privateKey: "MY SECRET" });
        await expect(failing).rejects.toThrow(
            /^connection: the private key for .* cannot be read: it is in no form/,
        );
        await expect(failing).rejects.not.toThrow(/MY SECRET/);
    });

    test("of an agent", async () => {
        const { agentSocketPath, stop } = agentWith(sshd.privateKey);
        onTestFinished(stop);
        expect(await run({ create: "echo a" }, { agentSocketPath, privateKey: undefined })).toMatchObject({
            stdout: "a",
        });
        await expect(run({ create: ":" }, { agentSocketPath: "/nowhere" })).rejects.toThrow(
            /SSH agent for .* at \/nowhere does not answer/,
        );
    });
});

describe("a jump host", () => {
    test("has a key and a host key of its own", async () => {
        const jump = await otherSshd();
        const proxy = { host: "127.0.0.1", port: jump.port, user: jump.user, privateKey: jump.privateKey };
        const { hostKey } = sshd;
        expect(
            await run({ create: "echo a" }, { hostKey, proxy: { ...proxy, hostKey: jump.hostKey } }),
        ).toMatchObject({ stdout: "a" });
        expect(jump.log()).toContain("Accepted publickey");
        await expect(
            run({ create: "echo a" }, { dialErrorLimit: 0, hostKey, proxy: { ...proxy, hostKey } }),
        ).rejects.toThrow(
            new RegExp(`to .*:${sshd.port} through .*:${jump.port}: .*Host key verification failed`),
        );
    });
});

async function run(inputs: Properties, connection: Properties = {}) {
    const { outputs } = await new RemoteCommand().create(checked(inputs, connection));
    return { stdout: String(reveal(outputs["stdout"])), stderr: String(reveal(outputs["stderr"])) };
}

function checked(inputs: Properties, connection: Properties = {}): Properties {
    const { port, user, privateKey } = sshd;
    const all = {
        logging: "none",
        addPreviousOutputInEnv: false,
        ...inputs,
        connection: secret({ host: "127.0.0.1", port, user, privateKey, ...connection }),
    };
    const { inputs: filled, failures } = new RemoteCommand().check(all);
    expect(failures).toEqual([]);
    return filled;
}

async function otherSshd(): Promise<Sshd> {
    const other = await Sshd.start();
    onTestFinished(() => {
        other.stop();
    });
    return other;
}

async function closedPort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    if (address === null || typeof address === "string") throw new Error("the loopback has no ports");
    return address.port;
}

function protectedKey(privateKey: string, passphrase: string): string {
    const file = join(scratch, "protected");
    writeFileSync(file, privateKey, { mode: 0o600 });
    execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", passphrase, "-f", file]);
    return readFileSync(file, "utf8");
}

function agentWith(privateKey: string): { agentSocketPath: string; stop: () => void } {
    const agentSocketPath = join(scratch, "agent");
    const started = execFileSync("ssh-agent", ["-s", "-a", agentSocketPath], { encoding: "utf8" });
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]);
    execFileSync("ssh-add", ["-q", "-"], {
        input: privateKey,
        env: { ...process.env, SSH_AUTH_SOCK: agentSocketPath },
    });
    return {
        agentSocketPath,
        stop: () => {
            process.kill(pid);
        },
    };
}
