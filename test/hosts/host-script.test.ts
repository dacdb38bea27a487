import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";

import { waitFor, type Condition, type Gatekeeper } from "../../components/gate/wait-for.ts";
import { bashScript } from "../../components/host/bash.ts";
import { hostScript } from "../../components/host/host-script.ts";
import type { SshArgs } from "../../components/host/ssh-args.ts";
import { record } from "../../plan/record.ts";

const STACK = { project: "multicluster", stack: "test" };
const FILE = new URL("../../components/gate/wait-for.sh", import.meta.url);

class Group extends pulumi.ComponentResource {
    constructor() {
        super("multicluster:test:Group", "group");
    }
}

async function script(ssh: SshArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { resources } = await record(() => {
        hostScript(
            "step",
            { ssh, file: FILE, variables: { TOKEN: pulumi.secret("s3cret"), A: "it's" }, timeoutSeconds: 60 },
            { ...opts, parent: new Group() },
        );
        return {};
    }, STACK);
    return resources.find(({ name }) => name === "step");
}

/** What the provider's own code adds to every connection. */
const DIAL = { dialErrorLimit: 10, perDialTimeout: 15 };

describe("hostScript", () => {
    test("is one command whose script, output and connection are secret", async () => {
        expect(await script({ host: "192.168.10.11" })).toEqual({
            urn: "urn:pulumi:test::multicluster::multicluster:test:Group$command:remote:Command::step",
            type: "command:remote:Command",
            name: "step",
            custom: true,
            parent: "urn:pulumi:test::multicluster::multicluster:test:Group::group",
            dependsOn: [],
            protect: false,
            retainOnDelete: false,
            additionalSecretOutputs: ["stdout", "stderr", "connection"],
            ignoreChanges: [],
            inputs: {
                connection: { host: "192.168.10.11", port: 22, user: "root", ...DIAL },
                create: "timeout -k 10 60 bash -euo pipefail -s",
                stdin: bashScript(FILE, { A: "it's", TOKEN: "s3cret" }),
                logging: "none",
                addPreviousOutputInEnv: false,
            },
            secretPaths: ["connection", "stdin"],
        });
    });

    test("runs as root by sudo where someone else logs in", async () => {
        const { inputs } = (await script({ host: "h", user: "ops" })) ?? {};
        expect(inputs?.["create"]).toBe("sudo -n timeout -k 10 60 bash -euo pipefail -s");
    });

    test("keeps what its caller asks for", async () => {
        const resource = await script({ host: "h" }, { protect: true, additionalSecretOutputs: ["id"] });
        expect(resource).toMatchObject({
            protect: true,
            additionalSecretOutputs: ["id", "stdout", "stderr", "connection"],
        });
    });
});

describe("a connection", () => {
    const CASES: readonly (readonly [string, SshArgs, unknown])[] = [
        [
            "by the agent",
            { host: "h", auth: { agent: true } },
            { host: "h", port: 22, user: "root", ...DIAL },
        ],
        [
            "by a key",
            { host: "h", auth: { privateKey: "KEY" } },
            { host: "h", port: 22, user: "root", privateKey: "KEY", ...DIAL },
        ],
        [
            "by a key with a passphrase, to a host that must prove itself",
            {
                host: "h",
                port: 2222,
                user: "ops",
                auth: { privateKey: "KEY", passphrase: "P" },
                hostKey: "ssh-ed25519 AAAA",
            },
            {
                host: "h",
                port: 2222,
                user: "ops",
                privateKey: "KEY",
                privateKeyPassword: "P",
                hostKey: "ssh-ed25519 AAAA",
                ...DIAL,
            },
        ],
        [
            "through another host, which is asked for its own key",
            {
                host: "h",
                jumpHost: { host: "bastion", auth: { privateKey: "JUMP" }, hostKey: "ssh-ed25519 BBBB" },
            },
            {
                host: "h",
                port: 22,
                user: "root",
                ...DIAL,
                proxy: {
                    host: "bastion",
                    port: 22,
                    user: "root",
                    privateKey: "JUMP",
                    hostKey: "ssh-ed25519 BBBB",
                    ...DIAL,
                },
            },
        ],
    ];
    test.each(CASES)("%s", async (_, ssh, connection) => {
        expect((await script(ssh))?.inputs["connection"]).toEqual(connection);
    });
});

describe("waitFor", () => {
    async function gate(gatekeeper: Gatekeeper, conditions: readonly Condition[]) {
        const { resources } = await record(() => {
            waitFor(
                "gate",
                gatekeeper,
                { conditions, after: { version: "1.19.6" } },
                { parent: new Group() },
            );
            return {};
        }, STACK);
        return resources.find(({ name }) => name === "gate");
    }

    test("asks for each condition in the script's own words", async () => {
        const resource = await gate({ ssh: { host: "192.168.10.11" } }, [
            { kind: "crd", name: "ciliumnodes.cilium.io" },
            { kind: "rollout", workload: "daemonset", namespace: "kube-system", name: "cilium" },
            { kind: "nodes" },
            { kind: "endpoint", namespace: "metallb-system", service: "webhook" },
        ]);
        expect(resource?.inputs).toEqual({
            connection: { host: "192.168.10.11", port: 22, user: "root", ...DIAL },
            create: "timeout -k 10 960 bash -euo pipefail -s",
            stdin: bashScript(FILE, {
                AFTER: "47817d13d6540d3cee0898027009843dec7018f9d3ec4a362a30fe8b54589e4b",
                CONDITIONS:
                    "crd ciliumnodes.cilium.io\nrollout daemonset kube-system cilium\nnodes\nendpoint metallb-system webhook",
                SECONDS_MAX: "900",
            }),
            logging: "none",
            addPreviousOutputInEnv: false,
        });
    });

    test("gives up when its gatekeeper says, and before the host would end it", async () => {
        const { inputs } =
            (await gate({ ssh: { host: "h" }, timeoutSeconds: 120 }, [{ kind: "nodes" }])) ?? {};
        expect(inputs?.["create"]).toBe("timeout -k 10 180 bash -euo pipefail -s");
        expect(inputs?.["stdin"]).toContain("SECONDS_MAX='120'\n");
    });
});

describe("a script with one that undoes it", () => {
    test.each([
        { args: [], says: "makes it's" },
        { args: ["--", "remove"], says: "removes it's" },
    ])("runs the one that its argument asks for: $args", async ({ args, says }) => {
        const folder = await mkdtemp(join(tmpdir(), "host-script-"));
        const [make, remove] = [join(folder, "make.sh"), join(folder, "remove.sh")];
        await writeFile(make, 'main() {\n    echo "makes $A"\n}\n\nmain </dev/null\n');
        await writeFile(remove, 'main() {\n    echo "removes $A"\n}\n\nmain </dev/null\n');
        const text = bashScript(pathToFileURL(make), { A: "it's" }, pathToFileURL(remove));
        await rm(folder, { recursive: true });
        const run = spawnSync("bash", ["-euo", "pipefail", "-s", ...args], { input: text, encoding: "utf8" });
        expect(run).toMatchObject({ status: 0, stdout: `${says}\n`, stderr: "" });
    });
});
