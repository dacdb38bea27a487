import { describe, expect, test } from "vitest";

import { parseHostKey } from "./command/host-key.ts";
import { LocalCommand } from "./command/local-command.ts";
import { RemoteCommand } from "./command/remote-command.ts";
import { reveal, secret, type Properties } from "./property.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const INPUTS = {
    connection: secret({ host: "10.88.1.11", privateKey: "KEY" }),
    create: "bash -s",
    stdin: secret("echo one"),
    logging: "none",
    addPreviousOutputInEnv: false,
};

const type = new RemoteCommand();

function recordedFrom(inputs: Properties): Properties {
    return { ...type.check(inputs).inputs, stdout: secret("one"), stderr: secret("") };
}

describe("check", () => {
    test("writes out the defaults of a connection, which stays secret", () => {
        const proxy = { host: "jump", privateKey: "KEY" };
        const { inputs, failures } = type.check({
            ...INPUTS,
            connection: secret({ host: "10.88.1.11", privateKey: "KEY", proxy }),
        });
        const defaults = { port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 };
        expect(failures).toEqual([]);
        expect(inputs["connection"]).toEqual(
            secret({
                host: "10.88.1.11",
                privateKey: "KEY",
                ...defaults,
                proxy: { ...proxy, ...defaults },
            }),
        );
    });

    test.each([
        ["connection.password", { connection: { host: "a", password: "x" } }],
        ["connection.host", { connection: { host: "a b" } }],
        ["environment", { environment: { A: "b" } }],
        ["logging", { logging: "stdout" }],
        ["create", { create: "one\ntwo" }],
    ])("refuses what the stand-in does not do: %s", (property, change) => {
        expect(type.check({ ...INPUTS, ...change }).failures).toMatchObject([{ property }]);
    });

    test("waits for what only the run will tell", () => {
        const unknown = {
            ...INPUTS,
            connection: secret({ host: UNKNOWN, privateKey: UNKNOWN }),
            stdin: UNKNOWN,
        };
        expect(type.check(unknown).failures).toEqual([]);
        expect(type.check({ ...INPUTS, connection: UNKNOWN }).failures).toEqual([]);
    });
});

describe("diff", () => {
    const recorded = recordedFrom({ ...INPUTS, triggers: ["a"] });
    const inputs = { ...INPUTS, triggers: ["a"] };
    const changed = (change: Properties) => type.diff(recorded, type.check({ ...inputs, ...change }).inputs);

    test.each([
        ["nothing", {}, false, []],
        [
            "a default written out",
            { connection: secret({ host: "10.88.1.11", privateKey: "KEY", port: 22 }) },
            false,
            [],
        ],
        ["the key", { connection: secret({ host: "10.88.1.11", privateKey: "OTHER" }) }, true, []],
        ["the text", { create: "bash -es" }, true, []],
        ["the input", { stdin: secret("echo two") }, true, []],
        ["the input, not known yet", { stdin: secret(UNKNOWN) }, true, []],
        ["a text for the end", { delete: "true" }, true, []],
        ["a trigger", { triggers: ["b"] }, true, ["triggers"]],
        ["a trigger more", { triggers: ["a", "b"] }, true, ["triggers"]],
        ["no trigger", { triggers: undefined }, true, ["triggers"]],
        ["a trigger with a text for updates", { triggers: ["b"], update: ":" }, true, ["triggers"]],
    ])("%s", (_name, change, changes, replaces) => {
        expect(changed(change)).toEqual({ changes, replaces });
    });

    test("a text that becomes a secret is a change", () => {
        const plain = { ...INPUTS, stdin: "echo one" };
        expect(type.diff(recordedFrom(plain), type.check(INPUTS).inputs).changes).toBe(true);
    });
});

test("without a text to run nothing is run", async () => {
    const inputs = { ...INPUTS, create: undefined };
    const { outputs } = await type.create(inputs);
    expect(outputs).toMatchObject({ stdout: "", stderr: "" });
    expect(await type.update({ ...outputs, stdout: "before" }, inputs)).toMatchObject({ stdout: "before" });
    await type.delete(outputs);
});

describe("a local command", () => {
    const here = new LocalCommand();
    const COMMON = { logging: "none", addPreviousOutputInEnv: false };

    async function run(inputs: Properties): Promise<Properties> {
        const { inputs: filled, failures } = here.check({ ...COMMON, ...inputs });
        expect(failures).toEqual([]);
        const { outputs } = await here.create(filled);
        return { stdout: reveal(outputs["stdout"]), stderr: reveal(outputs["stderr"]) };
    }

    test("is run by sh with this process's environment, and reads its input", async () => {
        const create = 'cat\necho "$0" >&2; [ -n "$PATH" ]';
        expect(await run({ create, stdin: secret("one\n\n") })).toEqual({
            stdout: "one\n",
            stderr: "/bin/sh",
        });
        expect(await run({ create: "exit 0", stdin: "0123456789abcdef".repeat(65_536) })).toMatchObject({
            stdout: "",
        });
    });

    test("that fails is an error with its text and what it printed, in order, and not its input", async () => {
        const create = "echo out; sleep 0.1; echo err >&2; exit 3";
        const failing = run({ create, stdin: secret("INPUT") });
        await expect(failing).rejects.toThrow(
            `exit status 3: running ${JSON.stringify(create)}:\nout\nerr\n`,
        );
        await expect(failing).rejects.not.toThrow(/INPUT/);
        await expect(run({ create: "kill -9 $$" })).rejects.toThrow(/^signal: SIGKILL: running /);
    });

    test("gets the previous output, where that is not turned off", async () => {
        const create = 'echo "one:$PULUMI_COMMAND_STDOUT"';
        const { inputs } = here.check({ ...COMMON, addPreviousOutputInEnv: true, create });
        const { outputs } = await here.create(inputs);
        expect(await here.update(outputs, inputs)).toMatchObject({ stdout: "one:one:" });
        expect(here.diff(outputs, inputs)).toEqual({ changes: false, replaces: [] });
        await here.delete({ ...outputs, delete: '[ "$PULUMI_COMMAND_STDOUT" = one: ]' });
    });

    test("is killed when the operation is cancelled", async () => {
        const cancelled = new LocalCommand();
        const running = cancelled.create(cancelled.check({ ...COMMON, create: "exec sleep 30" }).inputs);
        cancelled.cancel();
        await expect(running).rejects.toThrow(/^signal: SIGKILL/);
    });

    test("has nothing that the stand-in does not do", () => {
        expect(here.check({ ...COMMON, create: "true", dir: "/" }).failures).toMatchObject([
            { property: "dir" },
        ]);
    });
});

test("a host key may stand in a line of any kind", () => {
    const key = { type: "ssh-ed25519", blob: "AAAAC3Nz" };
    expect(parseHostKey("ssh-ed25519 AAAAC3Nz comment")).toEqual(key);
    expect(parseHostKey("[10.88.1.11]:22 ssh-ed25519 AAAAC3Nz\n")).toEqual(key);
    expect(() => parseHostKey("AAAAC3Nz")).toThrow("connection.hostKey");
});
