import { mkdtempSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";

import { fromConfig } from "../../model/describe.ts";
import { openStack } from "../../ops/stack-secrets.ts";
import { hostKeyOf, twoClusters } from "../support/mesh.ts";

const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nTHE KEY ITSELF\n-----END OPENSSH PRIVATE KEY-----\n";

let home: string;

beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "stack-secrets-"));
});

afterEach(() => {
    rmSync(home, { recursive: true });
});

function pulumi(body: string): void {
    writeFileSync(join(home, "pulumi"), `#!/bin/sh\n${body}\n`);
    chmodSync(join(home, "pulumi"), 0o755);
}

function configure(config: Readonly<Record<string, { value?: string; secret: boolean }>>): void {
    writeFileSync(join(home, "config.json"), JSON.stringify(config));
    pulumi(`cat '${home}/config.json'`);
}

const keyed = () => ({
    ...twoClusters(),
    ssh: {
        user: "ops",
        auth: { privateKey: fromConfig("sshKey"), passphrase: fromConfig("sshPassphrase") },
        jumpHost: { host: "jump.example.net", hostKey: hostKeyOf("jump") },
    },
});

const open = (description: unknown, env: NodeJS.ProcessEnv = {}) =>
    openStack("dev", {
        loadStack: () => Promise.resolve(description),
        env: { PATH: `${home}:/usr/bin:/bin`, ...env },
    });

/** The one problem with the configuration of a stack. */
const refusal = (rule: string, fix: string) =>
    `dev: 1 problem\n✖ the stack's configuration = sshKey, sshPassphrase\n    cannot be read: ${rule}\n    fix: ${fix}`;
const COMMAND = "pulumi config --json --show-secrets --stack dev";

describe("an open stack", () => {
    it("has a way to each host, with its secrets in place of their names", async () => {
        configure({
            "multicluster:sshKey": { value: KEY, secret: true },
            "multicluster:sshPassphrase": { value: "open sesame", secret: true },
            "aws:region": { value: "eu", secret: false },
            "multicluster:tags": { secret: false },
        });
        const { mesh, target, secret } = await open(keyed());
        const ssh = mesh.clusters[0]?.servers[0]?.ssh;
        if (ssh === undefined) throw new Error("no server");
        const blob = (node: string) => hostKeyOf(node).split(" ")[1] ?? "";
        expect(target(ssh)).toEqual({
            host: "192.168.10.11",
            port: 22,
            user: "ops",
            privateKey: KEY,
            passphrase: "open sesame",
            hostKey: { hosts: [], type: "ssh-ed25519", blob: blob("east-1") },
            jumpHost: {
                host: "jump.example.net",
                port: 22,
                user: "root",
                privateKey: KEY,
                passphrase: "open sesame",
                hostKey: { hosts: [], type: "ssh-ed25519", blob: blob("jump") },
            },
        });
        expect(secret(fromConfig("sshPassphrase"))).toBe("open sesame");
        expect(() => secret(fromConfig("other"))).toThrow("other was not read");
    });

    it("needs no Pulumi where it names no secret of the configuration", async () => {
        const file = join(home, "key");
        writeFileSync(file, KEY);
        const { mesh, target } = await open({ ...twoClusters(), ssh: { auth: { privateKeyFile: file } } });
        expect(mesh.clusters.flatMap(({ agents }) => agents.map(({ ssh }) => target(ssh)))).toMatchObject([
            { host: "192.168.10.12", user: "root", privateKey: KEY },
            { host: "192.168.20.12", user: "root", privateKey: KEY },
        ]);
    });

    it("asks the agent that answers", async () => {
        const socket = join(home, "agent");
        const agent = createServer().listen(socket);
        onTestFinished(() => void agent.close());
        await new Promise((resolve) => agent.on("listening", resolve));
        const { mesh, target } = await open(twoClusters(), { SSH_AUTH_SOCK: socket });
        const ssh = mesh.clusters[0]?.servers[0]?.ssh;
        expect(ssh && target(ssh)).toMatchObject({ agentSocket: socket });
    });
});

describe("a stack is not opened", () => {
    it.each([
        [undefined, "needs an SSH agent, and SSH_AUTH_SOCK names none"],
        ["/nowhere", "needs an SSH agent, and none answers at SSH_AUTH_SOCK, /nowhere"],
    ])("where the agent at %s does not answer", async (socket, rule) => {
        await expect(
            open(twoClusters(), socket === undefined ? {} : { SSH_AUTH_SOCK: socket }),
        ).rejects.toThrow(
            `dev: 1 problem\n✖ ssh.auth = agent\n    ${rule}\n    fix: start one and give it the key (eval $(ssh-agent) && ssh-add), or describe the key: auth: { privateKeyFile: ... }`,
        );
    });

    it("where a secret is missing, or not kept as one, or no key", async () => {
        configure({
            "multicluster:sshKey": { value: "NOT A KEY", secret: true },
            "multicluster:token": { value: "IN PLAIN SIGHT", secret: false },
        });
        const description = keyed();
        description.clusters.west.token = fromConfig("token");
        description.clusters.east.ssh = { auth: { privateKeyFile: join(home, "none") } };
        const error: unknown = await open(description).catch((reason: unknown) => reason);
        const message = error instanceof Error ? error.message : "";
        expect(message).toBe(
            [
                "dev: 4 problems",
                "✖ clusters.west.ssh.auth.privateKey = sshKey",
                "    is not a private key in PEM or OpenSSH form",
                "    fix: run: pulumi config set --secret sshKey < KEY_FILE",
                "✖ clusters.west.ssh.auth.passphrase = sshPassphrase",
                "    is a secret that the stack's configuration does not have",
                "    fix: run: pulumi config set --secret sshPassphrase",
                "✖ clusters.west.token = token",
                "    stands in the stack's configuration in plain text",
                "    fix: change it, and run: pulumi config set --secret token",
                `✖ clusters.east.ssh.auth.privateKeyFile = ${join(home, "none")}`,
                "    cannot be read (ENOENT)",
                "    fix: correct the path, or take the key from the configuration: auth: { privateKey: fromConfig(...) }",
            ].join("\n"),
        );
    });

    it("where there is no pulumi", async () => {
        await expect(open(keyed())).rejects.toThrow(
            refusal(
                "the pulumi command is not on the PATH",
                "install it, https://www.pulumi.com/docs/install/",
            ),
        );
    });

    // As Pulumi 3.259.0 says it.
    it.each([
        [
            "PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
            "run: pulumi login",
        ],
        ["no stack named 'dev' found", "run: pulumi stack init dev"],
        [
            "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
            "set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE, to the passphrase of the stack",
        ],
        [
            "incorrect passphrase",
            "set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE, to the passphrase of the stack",
        ],
        ["the disk is full", "make this command work"],
    ])("where pulumi says: %s", async (said, fix) => {
        pulumi(`echo "THE KEY ITSELF"; echo "error: ${said}" >&2; exit 255`);
        await expect(open(keyed())).rejects.toThrow(refusal(`${COMMAND}: ${said}`, fix));
    });

    it("where pulumi prints something else, which is not repeated", async () => {
        pulumi("echo 'THE KEY ITSELF'");
        await expect(open(keyed())).rejects.toThrow(
            refusal(
                "pulumi printed no configuration in the form that this program knows",
                "use the version of Pulumi that package.json names for its SDK",
            ),
        );
    });

    it("where its shape is wrong", async () => {
        await expect(open({})).rejects.toThrow(/^dev: \d+ problems\n/);
    });
});
