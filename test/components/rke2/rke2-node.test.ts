import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";

import { bashScript } from "../../../components/host/bash.ts";
import { configYaml } from "../../../components/rke2/config.ts";
import { Rke2Node, type Rke2NodeArgs } from "../../../components/rke2/rke2-node.ts";
import { record } from "../../../plan/record.ts";

const STACK = { project: "multicluster", stack: "test" };
const SCRIPT = new URL("../../../components/rke2/scripts/node.sh", import.meta.url);
const REMOVE = new URL("../../../components/rke2/scripts/remove-node.sh", import.meta.url);
const FIRST: Rke2NodeArgs = {
    clusterName: "east",
    role: "server",
    first: true,
    node: { name: "east-1", addresses: ["192.168.10.11"], ssh: { host: "192.168.10.11" } },
    version: "v1.35.7+rke2r1",
    config: { "node-name": "east-1", cni: "none" },
    token: "s3cret",
    peers: ["192.168.10.12", "fd00::13"],
};
const AGENT: Rke2NodeArgs = {
    ...FIRST,
    role: "agent",
    first: false,
    config: { "node-name": "east-4", server: "https://192.168.10.11:9345" },
    node: {
        name: "east-4",
        addresses: ["192.168.10.14"],
        ssh: { host: "10.0.0.4", port: 2222, user: "ops", jumpHost: { host: "bastion" } },
    },
    settings: { installUrl: "https://mirror.example.net/rke2.sh" },
};

/** What the script is told where nothing is set. */
const SETTINGS = {
    METHOD: "tar",
    EVICT: "cordon",
    DRAIN_SECONDS: "600",
    TOKEN_GENERATION: "1",
    CERTIFICATE_GENERATION: "1",
};

const NODE_URN = "urn:pulumi:test::multicluster::multicluster:rke2:Rke2Node::node";

function plan(args: Rke2NodeArgs) {
    return record(() => {
        new Rke2Node("node", args);
        return {};
    }, STACK);
}

describe("Rke2Node", () => {
    test("is one component, which shows what is written to the host, and one command", async () => {
        const { resources } = await plan(FIRST);
        expect(resources).toEqual([
            {
                urn: NODE_URN,
                type: "multicluster:rke2:Rke2Node",
                name: "node",
                custom: false,
                dependsOn: [],
                protect: false,
                retainOnDelete: false,
                additionalSecretOutputs: [],
                ignoreChanges: [],
                inputs: {
                    clusterName: "east",
                    role: "server",
                    version: "v1.35.7+rke2r1",
                    addresses: ["192.168.10.11"],
                    config: { "node-name": "east-1", cni: "none" },
                },
                secretPaths: [],
            },
            {
                urn: "urn:pulumi:test::multicluster::multicluster:rke2:Rke2Node$command:remote:Command::node-install",
                type: "command:remote:Command",
                name: "node-install",
                custom: true,
                parent: NODE_URN,
                dependsOn: [],
                protect: false,
                retainOnDelete: false,
                additionalSecretOutputs: ["stdout", "stderr", "connection"],
                ignoreChanges: [],
                inputs: {
                    connection: {
                        host: "192.168.10.11",
                        port: 22,
                        user: "root",
                        dialErrorLimit: 10,
                        perDialTimeout: 15,
                    },
                    create: "timeout -k 10 1800 bash -euo pipefail -s",
                    update: "timeout -k 10 1800 bash -euo pipefail -s -- again",
                    delete: "timeout -k 10 1800 bash -euo pipefail -s -- remove",
                    stdin: bashScript(
                        SCRIPT,
                        {
                            ...SETTINGS,
                            ROLE: "server",
                            FIRST: "yes",
                            NODE_NAME: "east-1",
                            VERSION: "v1.35.7+rke2r1",
                            INSTALL_URL: "https://get.rke2.io",
                            CONFIG: 'cni: "none"\nnode-name: "east-1"\n',
                            LABELS: "",
                            TOKEN: "s3cret",
                            PEERS: "https://192.168.10.12:9345\nhttps://[fd00::13]:9345",
                            SECONDS_MAX: "1740",
                        },
                        REMOVE,
                    ),
                    logging: "none",
                    addPreviousOutputInEnv: false,
                },
                secretPaths: ["connection", "stdin"],
            },
        ]);
    });

    test("an agent asks no peers, and its host is reached as it says", async () => {
        const { resources } = await plan(AGENT);
        expect(resources[1]?.inputs).toEqual({
            connection: {
                host: "10.0.0.4",
                port: 2222,
                user: "ops",
                dialErrorLimit: 10,
                perDialTimeout: 15,
                proxy: { host: "bastion", port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 },
            },
            create: "sudo -n timeout -k 10 1800 bash -euo pipefail -s",
            update: "sudo -n timeout -k 10 1800 bash -euo pipefail -s -- again",
            delete: "sudo -n timeout -k 10 1800 bash -euo pipefail -s -- remove",
            stdin: bashScript(
                SCRIPT,
                {
                    ...SETTINGS,
                    ROLE: "agent",
                    FIRST: "",
                    NODE_NAME: "east-4",
                    VERSION: "v1.35.7+rke2r1",
                    INSTALL_URL: "https://mirror.example.net/rke2.sh",
                    CONFIG: configYaml(AGENT.config),
                    LABELS: "",
                    TOKEN: "s3cret",
                    PEERS: "",
                    SECONDS_MAX: "1740",
                },
                REMOVE,
            ),
            logging: "none",
            addPreviousOutputInEnv: false,
        });
    });

    test("its command waits for what the component waits for, in later runs too", async () => {
        const { resources } = await record(() => {
            const before = new Rke2Node("before", FIRST);
            new Rke2Node("after", AGENT, { dependsOn: before.install });
            return {};
        }, STACK);
        const install =
            "urn:pulumi:test::multicluster::multicluster:rke2:Rke2Node$command:remote:Command::before-install";
        expect(resources.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
            ["before", []],
            ["before-install", []],
            ["after", [install]],
            ["after-install", [install]],
        ]);
    });

    test("a token that is not known yet stays an input of the script alone", async () => {
        const { resources } = await plan({ ...FIRST, token: pulumi.secret("later") });
        expect(JSON.stringify(resources[0])).not.toContain("later");
        expect(resources[1]?.secretPaths).toEqual(["connection", "stdin"]);
    });
});

describe("Rke2Node with a lost host", () => {
    const LOST = { ...AGENT, lost: true };
    const left = { retainOnDelete: true, dependsOn: [] };

    test("leaves its step as it was, and forgets it without asking the host", async () => {
        const [whole, lost] = [await plan(AGENT), await plan(LOST)];
        expect(lost.resources).toEqual([
            whole.resources[0],
            {
                ...whole.resources[1],
                ...left,
                ignoreChanges: ["connection", "create", "update", "delete", "stdin"],
            },
        ]);
    });

    test("still waits for what it has waited for, and is waited for", async () => {
        const { resources } = await record(() => {
            const before = new Rke2Node("before", FIRST);
            const lost = new Rke2Node("lost", LOST, { dependsOn: before.install });
            new Rke2Node("after", AGENT, { dependsOn: lost.install });
            return {};
        }, STACK);
        const waits = (step: string) =>
            resources.find(({ name }) => name === step)?.dependsOn.map((urn) => urn.split("::").at(-1));
        expect(waits("lost-install")).toEqual(["before-install"]);
        expect(waits("after-install")).toEqual(["lost-install"]);
        expect(resources.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name)).toEqual([
            "lost-install",
        ]);
    });

    test("is brought no files either", async () => {
        const directory = release();
        const settings = { install: { method: "air-gap", artifacts: { directory } } } as const;
        const plans = [await plan({ ...AGENT, settings }), await plan({ ...LOST, settings })];
        rmSync(directory, { recursive: true });
        const [files, lost] = plans.map(({ resources }) =>
            resources.find(({ name }) => name === "node-files"),
        );
        expect(files).toMatchObject({ retainOnDelete: false, ignoreChanges: [] });
        expect(lost).toEqual({
            ...files,
            ...left,
            ignoreChanges: ["connection", "source", "remotePath"],
        });
    });
});

/** A folder with what a host without a way out needs. */
function release(): string {
    const directory = mkdtempSync(join(tmpdir(), "rke2-node-"));
    const put = (name: string, text: string) => {
        writeFileSync(join(directory, name), text);
    };
    put("install.sh", "script");
    put("rke2.linux-amd64.tar.gz", "tarball");
    const hash = createHash("sha256").update("tarball").digest("hex");
    put("sha256sum-amd64.txt", `${hash}  rke2.linux-amd64.tar.gz\n`);
    return directory;
}

describe("Rke2Node refuses, before anything is registered,", () => {
    const CASES: readonly (readonly [string, Rke2NodeArgs, string])[] = [
        [
            "a version that is no release of RKE2",
            { ...FIRST, version: "1.35.7" },
            'version = "1.35.7"\n    must be the tag of an RKE2 release\n    fix: write it as "v1.35.7+rke2r1"',
        ],
        [
            "an install script from a place that anyone on the path can pose as",
            { ...FIRST, settings: { installUrl: "http://get.rke2.io" } },
            'installUrl = "http://get.rke2.io"\n    must begin with https://, as what it answers runs as root\n    fix: write it as "https://get.rke2.io"',
        ],
        [
            "a name that no node can have",
            { ...FIRST, node: { ...FIRST.node, name: "East_1" } },
            'node.name = "East_1"\n    is no name for a node: lower-case letters, digits, hyphens and dots\n    fix: rename it, for example to "east-1"',
        ],
        [
            "a first server that registers somewhere",
            { ...FIRST, config: { server: "https://192.168.10.12:9345" } },
            "config.server\n    must not be there: this server begins the cluster\n    fix: make the configuration with nodeConfig",
        ],
        [
            "another server that registers nowhere",
            { ...FIRST, first: false },
            "config.server\n    is missing: the node would begin a cluster of its own\n    fix: make the configuration with nodeConfig",
        ],
        [
            "a secret in what previews show, without repeating it",
            { ...FIRST, config: { token: "hunter2" } },
            "config.token\n    is a secret, and config.yaml is shown in previews\n    fix: pass it as token",
        ],
        [
            "a server's key on an agent",
            { ...AGENT, config: { ...AGENT.config, "tls-san": ["x"] } },
            "config.tls-san\n    is a key of servers, and RKE2 would go on without it\n    fix: leave it out on agents",
        ],
        [
            "a key that RKE2 does not know",
            { ...FIRST, config: { "node-labels": ["a=b"] } },
            "config.node-labels\n    is no key of RKE2's config.yaml, and RKE2 would go on without it\n    fix: write node-label",
        ],
    ];
    test.each(CASES)("%s", async (_, args, problem) => {
        const { resources, outputs } = await record(() => ({ message: messageOf(args) }), STACK);
        expect(outputs.message).toBe(`Rke2Node node: 1 problem\n✖ ${problem}`);
        expect(resources).toEqual([]);
    });

    test("an agent that begins a cluster, together with all else that is wrong", async () => {
        const { resources, outputs } = await record(
            () => ({ message: messageOf({ ...AGENT, first: true, version: "x" }) }),
            STACK,
        );
        expect(outputs.message).toBe(
            [
                "Rke2Node node: 3 problems",
                '✖ version = "x"\n    must be the tag of an RKE2 release\n    fix: write it as "v1.35.7+rke2r1"',
                "✖ first = true\n    an agent cannot begin a cluster\n    fix: begin it with a server",
                "✖ config.server\n    must not be there: this server begins the cluster\n    fix: make the configuration with nodeConfig",
            ].join("\n"),
        );
        expect(resources).toEqual([]);
    });
});

function messageOf(args: Rke2NodeArgs): string {
    try {
        new Rke2Node("node", args);
        return "";
    } catch (error) {
        return error instanceof pulumi.RunError ? error.message : "another error";
    }
}
