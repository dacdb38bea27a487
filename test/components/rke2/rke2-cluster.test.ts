import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";

import { bashScript } from "../../../components/host/bash.ts";
import type { NodeArgs } from "../../../components/rke2/node-args.ts";
import { Rke2Cluster, type Rke2ClusterArgs } from "../../../components/rke2/rke2-cluster.ts";
import { record } from "../../../plan/record.ts";

const STACK = { project: "multicluster", stack: "test" };
const URN = "urn:pulumi:test::multicluster::multicluster:rke2:Rke2Cluster";

function node(name: string, address: string): NodeArgs {
    return { name, addresses: [address], ssh: { host: address } };
}

const EAST: Rke2ClusterArgs = {
    clusterName: "east",
    version: "v1.35.7+rke2r1",
    servers: [node("a", "192.168.10.11"), node("b", "192.168.10.12"), node("c", "192.168.10.13")],
    agents: [node("d", "192.168.10.14"), node("e", "192.168.10.15")],
    podCidrs: ["10.10.0.0/16"],
    serviceCidrs: ["10.11.0.0/16"],
    apiAddress: "192.168.10.10",
    token: pulumi.secret("s3cret"),
};

function plan(args: Rke2ClusterArgs) {
    return record(() => {
        new Rke2Cluster("east", args);
        return {};
    }, STACK);
}

function installUrn(nodeName: string): string {
    return `${URN}$multicluster:rke2:Rke2Node$command:remote:Command::east-${nodeName}-install`;
}

describe("Rke2Cluster", () => {
    test("is thirteen resources for three servers and two agents", async () => {
        const { resources } = await plan(EAST);
        expect(resources.map(({ type, name }) => `${type} ${name}`).sort()).toEqual(
            [
                "multicluster:rke2:Rke2Cluster east",
                ...["a", "b", "c", "d", "e"].flatMap((name) => [
                    `multicluster:rke2:Rke2Node east-${name}`,
                    `command:remote:Command east-${name}-install`,
                ]),
                "command:remote:Command east-kubeconfig",
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
            "tls-san": ["192.168.10.10", "192.168.10.11", "192.168.10.12", "192.168.10.13"],
            "write-kubeconfig-mode": "0600",
        };
        const own = (name: string, address: string) => ({
            "node-name": name,
            "node-ip": address,
            "token-file": "/etc/rancher/rke2/token",
        });
        const server = "https://192.168.10.10:9345";
        expect(a?.inputs["config"]).toEqual({ ...shared, ...own("a", "192.168.10.11") });
        expect(b?.inputs["config"]).toEqual({ ...shared, ...own("b", "192.168.10.12"), server });
        expect(d?.inputs["config"]).toEqual({ ...own("d", "192.168.10.14"), server });
        const peers = resources
            .filter(({ name }) => name.endsWith("-install"))
            .map(({ name, inputs }) => [name, /\nPEERS='([^']*)'/.exec(String(inputs["stdin"]))?.[1]]);
        expect(Object.fromEntries(peers)).toEqual({
            "east-a-install": "https://192.168.10.12:9345\nhttps://192.168.10.13:9345",
            "east-b-install": "",
            "east-c-install": "",
            "east-d-install": "",
            "east-e-install": "",
        });
    });

    test("every node gets the token and the release, and where the install script is", async () => {
        const { resources } = await plan({ ...EAST, installUrl: "https://mirror.example.net/rke2.sh" });
        const scripts = resources
            .filter(({ name }) => name.endsWith("-install"))
            .map(({ inputs }) => String(inputs["stdin"]));
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
        expect(resources).toHaveLength(5);
        expect(outputs).toEqual({ gatekeeper: { ssh: only?.ssh }, nodes: 1 });
        const kubeconfig = resources.find(({ name }) => name === "east-kubeconfig");
        expect(kubeconfig?.inputs["stdin"]).toContain("API_URL='https://[fd00::1]:6443'\n");
    });

    test("agents are admitted fifty at a time", async () => {
        const agents = Array.from({ length: 101 }, (_, index) => node(`n${index}`, `10.1.0.${index}`));
        const { resources } = await plan({ ...EAST, agents });
        const after = (name: string) =>
            resources.find((resource) => resource.name === `east-${name}-install`)?.dependsOn;
        const batch = (from: number) => agents.slice(from, from + 50).map(({ name }) => installUrn(name));
        for (const { name } of agents.slice(0, 50)) expect(after(name)).toEqual([installUrn("c")]);
        for (const { name } of agents.slice(50, 100)) expect(after(name)).toEqual(batch(0).sort());
        expect(after("n100")).toEqual(batch(50).sort());
        expect(resources).toHaveLength(3 + 2 * 104);
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

describe("Rke2Cluster refuses, before anything is registered,", () => {
    const [a, b, c] = EAST.servers;
    const CASES: readonly (readonly [string, Partial<Rke2ClusterArgs>, string])[] = [
        [
            "a name that is no DNS label",
            { clusterName: "East" },
            'clusterName = "East"\n    must be a DNS label: at most 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit\n    fix: choose a name such as "east"',
        ],
        [
            "a version that is no release of RKE2",
            { version: "v1.35.7" },
            'version = "v1.35.7"\n    must be the tag of an RKE2 release\n    fix: write it as "v1.35.7+rke2r1"',
        ],
        [
            "an install script over HTTP",
            { installUrl: "http://x" },
            'installUrl = "http://x"\n    must begin with https://, as what it answers runs as root\n    fix: write it as "https://get.rke2.io"',
        ],
        [
            "a domain that is none",
            { clusterDomain: "Cluster.Local" },
            'clusterDomain = "Cluster.Local"\n    must be a DNS name in lower case\n    fix: write it as "cluster.local"',
        ],
        [
            "an API address with a scheme",
            { apiAddress: "https://api" },
            'apiAddress = "https://api"\n    must be an IP address or a DNS name\n    fix: write it as "192.168.10.11" or "api.east.example.net", without scheme or port',
        ],
        ["no server", { servers: [] }, "servers = []\n    needs at least one server\n    fix: add one"],
        [
            "an even number of servers",
            { servers: EAST.servers.slice(0, 2) },
            'servers = ["a","b"]\n    is an even number of servers (2): etcd needs a majority, and survives no more losses than with 1\n    fix: add a server, or make one of them an agent',
        ],
        [
            "a name that no node can have",
            { agents: [node("D_1", "192.168.10.14")] },
            'agents.D_1 = "D_1"\n    is no name for a node: lower-case letters, digits, hyphens and dots\n    fix: rename it, for example to "east-1"',
        ],
        [
            "two nodes of one name",
            { agents: [node("a", "192.168.10.14")] },
            'agents.a = "a"\n    is also the name of servers.a\n    fix: give each node its own name',
        ],
        [
            "two nodes of one address",
            { agents: [node("d", "192.168.10.12")] },
            'agents.d.addresses = "192.168.10.12"\n    is also the address of servers.b\n    fix: give each node its own address',
        ],
        [
            "a label that keeps a kubelet from starting",
            {
                agents: [
                    { ...node("d", "192.168.10.14"), labels: { "node-role.kubernetes.io/worker": "true" } },
                ],
            },
            'agents.d.labels = "node-role.kubernetes.io/worker"\n    is a label that a node may not give itself: its kubelet would not start\n    fix: use a domain of your own, or node.kubernetes.io/, or set it with kubectl',
        ],
        [
            "pod ranges that are no CIDRs",
            { podCidrs: ["10.10.0.1/16"] },
            'podCidrs = ["10.10.0.1/16"]\n    must be one CIDR, or one of each family, IPv4 first\n    fix: write ["10.10.0.0/16"] or ["10.10.0.0/16", "fd00:10::/56"]',
        ],
        [
            "Services of another family than pods",
            { serviceCidrs: ["fd00::/112"] },
            'serviceCidrs = ["fd00::/112"]\n    must be one CIDR of each family of podCidrs: IPv4\n    fix: give Services a range of each family that pods have',
        ],
        [
            "a node without an address of each family of its pods",
            { agents: [node("d", "fd00::14")] },
            'agents.d.addresses = ["fd00::14"]\n    must be one address of each family of podCidrs: IPv4\n    fix: give the node an address of each family that pods have',
        ],
        [
            "a key of config.yaml that this program sets",
            { config: { cni: "canal" } },
            "config.cni\n    this program sets it\n    fix: leave it out: Cilium is installed by its own chart",
        ],
        [
            "a key of config.yaml that RKE2 does not know",
            { config: { "tls-sans": [] } },
            "config.tls-sans\n    is no key of RKE2's config.yaml, and RKE2 would go on without it\n    fix: write tls-san",
        ],
    ];

    async function refusal(args: Partial<Rke2ClusterArgs>): Promise<string> {
        const { resources, outputs } = await record(
            () => ({ message: messageOf({ ...EAST, ...args }) }),
            STACK,
        );
        expect(resources).toEqual([]);
        return outputs.message;
    }

    test.each(CASES)("%s", async (_, args, problem) => {
        expect(await refusal(args)).toBe(`Rke2Cluster east: 1 problem\n✖ ${problem}`);
    });

    test("an address that is none, which then has no family either", async () => {
        expect(await refusal({ agents: [node("d", "192.168.10.300")] })).toBe(
            [
                "Rke2Cluster east: 2 problems",
                '✖ agents.d.addresses = "192.168.10.300"\n    must be one IPv4 or IPv6 address\n    fix: write it as "192.168.10.11" or "fd00:10::11"',
                '✖ agents.d.addresses = ["192.168.10.300"]\n    must be one address of each family of podCidrs: IPv4\n    fix: give the node an address of each family that pods have',
            ].join("\n"),
        );
    });

    test("two spellings of one IPv6 address", async () => {
        const message = await refusal({
            podCidrs: ["fd00:1::/56"],
            serviceCidrs: ["fd00:2::/112"],
            servers: [node("a", "fd00::11")],
            agents: [node("d", "fd00:0:0::11")],
        });
        expect(message).toContain(
            'agents.d.addresses = "fd00:0:0::11"\n    is also the address of servers.a',
        );
    });

    test("all that is wrong at once", async () => {
        const message = await refusal({ version: "x", servers: [], config: { nonsense: 1 } });
        expect(message.split("\n")[0]).toBe("Rke2Cluster east: 3 problems");
    });

    test("and accepts labels that a kubelet may set, and both families", async () => {
        const both = (spec: NodeArgs | undefined, address: string): NodeArgs[] =>
            spec === undefined
                ? []
                : [
                      {
                          ...spec,
                          addresses: [...spec.addresses, address],
                          labels: {
                              "topology.kubernetes.io/zone": "a",
                              "node.kubernetes.io/rack": "1",
                              "example.net/x": "y",
                              disk: "ssd",
                          },
                      },
                  ];
        const { resources } = await plan({
            ...EAST,
            podCidrs: ["10.10.0.0/16", "fd00:1::/56"],
            serviceCidrs: ["10.11.0.0/16", "fd00:2::/112"],
            servers: [...both(a, "fd00::1"), ...both(b, "fd00::2"), ...both(c, "fd00::3")],
            agents: [],
        });
        expect(resources).toHaveLength(9);
    });
});

function messageOf(args: Rke2ClusterArgs): string {
    try {
        new Rke2Cluster("east", args);
        return "";
    } catch (error) {
        return error instanceof pulumi.RunError ? error.message : "another error";
    }
}
