import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";

import { bashScript } from "../../../components/host/bash.ts";
import { Rke2Cluster } from "../../../components/rke2/rke2-cluster.ts";
import { record } from "../../../plan/record.ts";
import { EAST, node, plan, STACK, URN } from "./cluster-fixture.ts";

function installUrn(nodeName: string): string {
    return `${URN}$multicluster:rke2:Rke2Node$command:remote:Command::east-${nodeName}-install`;
}

describe("Rke2Cluster", () => {
    test("is fourteen resources for three servers and two agents", async () => {
        const { resources } = await plan(EAST);
        expect(resources.map(({ type, name }) => `${type} ${name}`).sort()).toEqual(
            [
                "multicluster:rke2:Rke2Cluster east",
                ...["a", "b", "c", "d", "e"].flatMap((name) => [
                    `multicluster:rke2:Rke2Node east-${name}`,
                    `command:remote:Command east-${name}-install`,
                ]),
                "command:remote:Command east-kubeconfig",
                "command:remote:Command east-members",
                "pulumi:providers:kubernetes east-provider",
            ].sort(),
        );
    });

    test("shows what it is, and no secret", async () => {
        const { resources } = await plan(EAST);
        expect(resources[0]).toEqual({
            urn: `${URN}::east`,
            type: "multicluster:rke2:Rke2Cluster",
            name: "east",
            custom: false,
            dependsOn: [],
            protect: false,
            retainOnDelete: false,
            additionalSecretOutputs: [],
            ignoreChanges: [],
            inputs: {
                clusterName: "east",
                version: "v1.35.7+rke2r1",
                apiAddress: "192.168.10.10",
                podCidrs: ["10.10.0.0/16"],
                serviceCidrs: ["10.11.0.0/16"],
                servers: ["a", "b", "c"],
            },
            secretPaths: [],
        });
    });

    test("servers follow one another, agents the last of them, and everything has its parent", async () => {
        const { resources } = await plan(EAST);
        const order = resources
            .filter(({ type }) => type === "command:remote:Command")
            .map(({ name, dependsOn }) => [name, dependsOn]);
        expect(Object.fromEntries(order)).toEqual({
            "east-a-install": [],
            "east-b-install": [installUrn("a")],
            "east-c-install": [installUrn("b")],
            "east-d-install": [installUrn("c")],
            "east-e-install": [installUrn("c")],
            "east-kubeconfig": [installUrn("a")],
            "east-members": ["a", "b", "c", "d", "e"].map(installUrn),
        });
        expect(
            resources
                .filter(({ name }) => name !== "east" && !name.endsWith("-install"))
                .every(({ parent }) => parent === `${URN}::east`),
        ).toBe(true);
        expect(resources.find(({ name }) => name === "east-d-install")?.parent).toBe(
            `${URN}$multicluster:rke2:Rke2Node::east-d`,
        );
    });

    test("the first server has no server to register at, and asks the others", async () => {
        const { resources } = await plan(EAST);
        const [a, b, d] = ["a", "b", "d"].map((name) =>
            resources.find((resource) => resource.name === `east-${name}`),
        );
        const shared = {
            cni: "none",
            "disable-kube-proxy": true,
            "ingress-controller": "none",
            "cluster-cidr": "10.10.0.0/16",
            "service-cidr": "10.11.0.0/16",
            "cluster-domain": "cluster.local",
            "write-kubeconfig-mode": "0600",
        };
        const own = (name: string, address: string) => ({
            "node-name": name,
            "node-ip": address,
            "token-file": "/etc/rancher/rke2/token",
        });
        const server = "https://192.168.10.10:9345";
        expect(a?.inputs["config"]).toEqual({
            ...shared,
            "tls-san": ["192.168.10.10", "192.168.10.11"],
            ...own("a", "192.168.10.11"),
        });
        expect(b?.inputs["config"]).toEqual({
            ...shared,
            "tls-san": ["192.168.10.10", "192.168.10.12"],
            ...own("b", "192.168.10.12"),
            server,
        });
        expect(d?.inputs["config"]).toEqual({ ...own("d", "192.168.10.14"), server });
        const peers = resources
            .filter(({ name }) => name.endsWith("-install"))
            .map(({ name, inputs }) => [name, /\nPEERS='([^']*)'/.exec(text(inputs["stdin"]))?.[1]]);
        expect(Object.fromEntries(peers)).toEqual({
            "east-a-install": "https://192.168.10.12:9345\nhttps://192.168.10.13:9345",
            "east-b-install": "",
            "east-c-install": "",
            "east-d-install": "",
            "east-e-install": "",
        });
    });

    test("every node gets the token and the release, and where the install script is", async () => {
        const { resources } = await plan({
            ...EAST,
            settings: { installUrl: "https://mirror.example.net/rke2.sh" },
        });
        const scripts = resources
            .filter(({ name }) => name.endsWith("-install"))
            .map(({ inputs }) => text(inputs["stdin"]));
        expect(scripts).toHaveLength(5);
        for (const script of scripts) {
            expect(script).toContain("\nTOKEN='s3cret'\n");
            expect(script).toContain("\nVERSION='v1.35.7+rke2r1'\n");
            expect(script).toContain("\nINSTALL_URL='https://mirror.example.net/rke2.sh'\n");
        }
    });

    test("the kubeconfig is read on the first server and stays secret", async () => {
        const { resources, outputs } = await record(async () => {
            const { kubeconfig } = new Rke2Cluster("east", EAST);
            const value = await new Promise((resolve) => kubeconfig.apply(resolve));
            return { value, secret: await pulumi.isSecret(kubeconfig) };
        }, STACK);
        const script = new URL("../../../components/rke2/scripts/kubeconfig.sh", import.meta.url);
        expect(resources.find(({ name }) => name === "east-kubeconfig")).toEqual({
            urn: `${URN}$command:remote:Command::east-kubeconfig`,
            type: "command:remote:Command",
            name: "east-kubeconfig",
            custom: true,
            parent: `${URN}::east`,
            dependsOn: [installUrn("a")],
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
                create: "timeout -k 10 660 bash -euo pipefail -s",
                stdin: bashScript(script, {
                    AFTER: "v1.35.7+rke2r1 1",
                    CLUSTER_NAME: "east",
                    API_URL: "https://192.168.10.10:6443",
                    SECONDS_MAX: "600",
                }),
                logging: "none",
                addPreviousOutputInEnv: false,
            },
            secretPaths: ["connection", "stdin"],
        });
        expect(outputs).toEqual({ value: "[east-kubeconfig.stdout]", secret: true });
    });

    test("the provider is the same one whatever the kubeconfig says, and changes Secrets in place", async () => {
        const { resources } = await plan(EAST);
        expect(resources.find(({ name }) => name === "east-provider")).toEqual({
            urn: `${URN}$pulumi:providers:kubernetes::east-provider`,
            type: "pulumi:providers:kubernetes",
            name: "east-provider",
            custom: true,
            parent: `${URN}::east`,
            dependsOn: [`${URN}$command:remote:Command::east-kubeconfig`],
            protect: false,
            retainOnDelete: false,
            additionalSecretOutputs: [],
            ignoreChanges: [],
            inputs: {
                kubeconfig: "[east-kubeconfig.stdout]",
                clusterIdentifier: "east",
                enableSecretMutable: "true",
                enableConfigMapMutable: "true",
                upsertExistingObjects: "true",
            },
            secretPaths: ["kubeconfig"],
        });
    });

    test("one server alone is a cluster, and is where its API is asked", async () => {
        const [only] = EAST.servers;
        const { resources, outputs } = await record(() => {
            const cluster = new Rke2Cluster("east", {
                ...EAST,
                servers: EAST.servers.slice(0, 1),
                agents: [],
                apiAddress: "fd00::1",
            });
            return { gatekeeper: cluster.gatekeeper, nodes: cluster.nodes.length };
        }, STACK);
        expect(resources).toHaveLength(6);
        expect(outputs).toEqual({ gatekeeper: { ssh: only?.ssh, timeoutSeconds: 930 }, nodes: 1 });
        const kubeconfig = resources.find(({ name }) => name === "east-kubeconfig");
        expect(kubeconfig?.inputs["stdin"]).toContain("API_URL='https://[fd00::1]:6443'\n");
    });

    test("agents are admitted ten at a time, or as many as the roll-out says", async () => {
        const agents = Array.from({ length: 101 }, (_, index) => node(`n${index}`, `10.1.0.${index}`));
        const rollout = { agentsAtOnce: 50, evict: "drain", drainSeconds: 60 } as const;
        const { resources } = await plan({ ...EAST, agents, settings: { rollout } });
        const byTens = await plan({ ...EAST, agents: agents.slice(0, 11) });
        expect(byTens.resources.find(({ name }) => name === "east-n10-install")?.dependsOn).toEqual(
            agents
                .slice(0, 10)
                .map(({ name }) => installUrn(name))
                .sort(),
        );
        const after = (name: string) =>
            resources.find((resource) => resource.name === `east-${name}-install`)?.dependsOn;
        const batch = (from: number) => agents.slice(from, from + 50).map(({ name }) => installUrn(name));
        for (const { name } of agents.slice(0, 50)) expect(after(name)).toEqual([installUrn("c")]);
        for (const { name } of agents.slice(50, 100)) expect(after(name)).toEqual(batch(0).sort());
        expect(after("n100")).toEqual(batch(50).sort());
        expect(resources).toHaveLength(4 + 2 * 104);
    });

    test("the same arguments register the same, byte for byte", async () => {
        const [one, two] = [await plan(EAST), await plan(EAST)];
        expect(JSON.stringify(one.resources)).toBe(JSON.stringify(two.resources));
    });

    test("a user's keys reach the nodes that know them", async () => {
        const { resources } = await plan({
            ...EAST,
            clusterDomain: "east.local",
            config: { profile: "cis", "etcd-s3": true },
        });
        const config = (name: string) =>
            resources.find((resource) => resource.name === name)?.inputs["config"];
        expect(config("east-a")).toMatchObject({
            profile: "cis",
            "etcd-s3": true,
            "cluster-domain": "east.local",
        });
        expect(config("east-d")).toMatchObject({ profile: "cis" });
        expect(config("east-d")).not.toHaveProperty("etcd-s3");
    });
});

function text(value: unknown): string {
    return typeof value === "string" ? value : "";
}
