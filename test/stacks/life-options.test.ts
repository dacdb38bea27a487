/* That every option of RKE2's life reaches the hosts and clusters that it is for, and no others, in the right order. */
import { describe, expect, test } from "vitest";

import { deriveToken } from "../../components/rke2/cluster-tokens.ts";
import { kubeVipManifest } from "../../components/rke2/kube-vip.ts";
import { texts } from "../support/program.ts";
import { ARTIFACT_LINES, ARTIFACTS, deployment, variablesOf, waitsFor } from "./life-options.ts";

const COMMAND = "command:remote:Command";
const COPY = "command:remote:CopyToRemote";
const NODE = "multicluster:rke2:Rke2Node";
const SYSTEM_UPGRADE = "multicluster:rke2:SystemUpgrade";

/** The nodes of each cluster, servers first; north-1 and north-5 are lost. */
const NODES = {
    east: ["east-1", "east-2", "east-3", "east-4", "east-5"],
    west: ["west-1", "west-2"],
    north: ["north-1", "north-2", "north-3", "north-4", "north-5"],
    south: ["south-1", "south-2"],
};
const LOST = ["north-1", "north-5"];
const ALL = Object.entries(NODES).flatMap(([cluster, nodes]) => nodes.map((node) => ({ cluster, node })));
const PREFLIGHTS = ALL.filter(({ node }) => !LOST.includes(node))
    .map(({ cluster, node }) => `${cluster}-${node}-preflight`)
    .sort();

function named(type: string): string[] {
    return deployment.resources
        .filter((resource) => resource.type === type)
        .map(({ name }) => name)
        .sort();
}

/** What the script of a node is told by options: not who the node is, and its config.yaml. */
function options(command: string): Record<string, string> {
    const told = ["ROLE", "NODE_NAME", "VERSION", "CONFIG", "LABELS", "TOKEN"];
    return Object.fromEntries(Object.entries(variablesOf(command)).filter(([name]) => !told.includes(name)));
}

describe("there are", () => {
    test("steps for each node that is not lost, and its own step for each lost one", () => {
        const own = (cluster: string) =>
            ["kubeconfig", "members", "cilium-ready", "metallb-ready", "mesh-api-ready"].map(
                (step) => `${cluster}-${step}`,
            );
        expect(named(COMMAND)).toEqual(
            [
                ...PREFLIGHTS,
                ...ALL.map(({ cluster, node }) => `${cluster}-${node}-install`),
                ...Object.keys(NODES).flatMap(own),
                ...["controller-ready", "nodes", "servers-upgraded", "agents-upgraded"].map(
                    (step) => `south-upgrade-${step}`,
                ),
            ].sort(),
        );
    });

    test("files for the hosts of the cluster whose files come from this machine", () => {
        expect(named(COPY)).toEqual(NODES.east.map((node) => `east-${node}-files`));
    });

    test.each([
        ["kubernetes:networking.k8s.io/v1:NetworkPolicy", ["south-mesh-api-open"]],
        ["kubernetes:upgrade.cattle.io/v1:Plan", ["south-upgrade-agents", "south-upgrade-servers"]],
        ["kubernetes:apps/v1:Deployment", ["south-upgrade-controller"]],
        [SYSTEM_UPGRADE, ["south-upgrade"]],
    ])("%s of the cluster that asks for it alone", (type, names) => {
        expect(named(type)).toEqual(names);
    });

    test("one Secret beside those of certificates: the bucket's", () => {
        const secrets = named("kubernetes:core/v1:Secret").filter((name) => !name.includes("-certificates-"));
        expect(secrets).toEqual(["east-snapshots"]);
    });

    test("kinds of objects in the cluster that they are for, through its own provider", () => {
        for (const name of ["south-mesh-api-open", "south-upgrade-servers", "east-snapshots"]) {
            const [cluster = ""] = name.split("-");
            const found = deployment.inCluster(cluster).filter((resource) => resource.name === name);
            const { urn } = deployment.one("pulumi:providers:kubernetes", `${cluster}-provider`);
            expect(found.map(({ provider }) => provider)).toEqual([urn]);
        }
    });
});

describe("the hosts of a cluster", () => {
    /** What every node of a cluster is told whose description says nothing of it. */
    const USUAL = {
        FIRST: "",
        PEERS: "",
        PREPARE: "yes",
        MODULES: "overlay\nbr_netfilter\nvxlan",
        IPV6: "no",
        FIREWALLD: "off",
        CIS: "no",
        ETCD_USER: "no",
        SELINUX: "no",
        OFFLINE: "no",
        EVICT: "cordon",
        DRAIN_SECONDS: "600",
        TOKEN_GENERATION: "1",
        CERTIFICATE_GENERATION: "1",
        SECONDS_MAX: "1740",
    };

    test("get files from this machine, drain, and hold their address on servers", () => {
        const agent = {
            ...USUAL,
            METHOD: "air-gap",
            OFFLINE: "yes",
            ARTIFACTS: ARTIFACT_LINES,
            ARTIFACTS_DIR: "/var/tmp/multicluster-artifacts",
            EVICT: "drain",
            DRAIN_SECONDS: "300",
            SECONDS_MAX: "2040",
        };
        const server = {
            ...agent,
            KUBE_VIP: kubeVipManifest({
                address: "192.168.10.10",
                interface: "eth1",
                image: "registry.example.net/kube-vip:v1.2.3",
            }),
        };
        const peers = "https://192.168.10.12:9345\nhttps://192.168.10.13:9345";
        expect(options("east-east-1-install")).toEqual({ ...server, FIRST: "yes", PEERS: peers });
        for (const node of ["east-2", "east-3"]) expect(options(`east-${node}-install`)).toEqual(server);
        for (const node of ["east-4", "east-5"]) expect(options(`east-${node}-install`)).toEqual(agent);
        const run = "timeout -k 10 2100 bash -euo pipefail -s";
        expect(deployment.one(COMMAND, "east-east-4-install").inputs).toMatchObject({
            create: run,
            update: `${run} -- again`,
            delete: `${run} -- remove`,
        });
    });

    test("get files at an address, and know registries and the way out", () => {
        const noProxy =
            "localhost,127.0.0.0/8,::1,10.20.0.0/16,10.21.0.0/16,192.168.10.0/24,192.168.20.0/24,192.168.20.11,192.168.30.0/24,192.168.40.0/24,.svc,.cluster.local,.example.net";
        const agent = {
            ...USUAL,
            METHOD: "air-gap",
            OFFLINE: "yes",
            ARTIFACTS: ARTIFACT_LINES,
            ARTIFACTS_URL: "https://files.example.net/rke2",
            REGISTRIES: [
                '"configs":',
                '  "other.example.net":',
                '    "auth":',
                '      "identity_token": "<secret registryToken>"',
                '  "registry.example.net":',
                '    "auth":',
                '      "password": "<secret registryPassword>"',
                '      "username": "puller"',
                '"mirrors":',
                '  "docker.io":',
                '    "endpoint":',
                '      - "https://registry.example.net"',
                "",
            ].join("\n"),
            PROXY: [
                "HTTPS_PROXY=http://proxy.example.net:3128",
                `NO_PROXY=${noProxy}`,
                "CONTAINERD_HTTPS_PROXY=http://proxy.example.net:3128",
                `CONTAINERD_NO_PROXY=${noProxy}`,
            ].join("\n"),
        };
        expect(options("west-west-1-install")).toEqual({ ...agent, FIRST: "yes" });
        expect(options("west-west-2-install")).toEqual(agent);
    });

    test("get packages, and an open firewalld with the ports of their roles", () => {
        const ports = "10250/tcp\n4240/tcp\n8472/udp\n7946/tcp\n7946/udp";
        const agent = {
            ...USUAL,
            METHOD: "rpm",
            CHANNEL: "stable",
            INSTALL_URL: "https://mirror.example.net/rke2.sh",
            FIREWALLD: "open",
            PORTS: ports,
            TRUSTED: "10.0.0.0/8",
            INSIDE: [1, 2, 3, 4].flatMap((id) => [`10.${id}0.0.0/16`, `10.${id}1.0.0/16`]).join("\n"),
        };
        const server = { ...agent, PORTS: `6443/tcp\n9345/tcp\n2379-2380/tcp\n${ports}` };
        // The first server that is not lost: it begins nothing, as it asks the other one first.
        expect(options("north-north-2-install")).toEqual({
            ...server,
            FIRST: "yes",
            PEERS: "https://192.168.30.13:9345",
        });
        expect(options("north-north-3-install")).toEqual(server);
        expect(options("north-north-4-install")).toEqual(agent);
    });

    test("have the CIS profile, other generations, and are upgraded from elsewhere", () => {
        const agent = {
            ...USUAL,
            METHOD: "tar",
            INSTALL_URL: "https://get.rke2.io",
            PREPARE: "no",
            FIREWALLD: "leave",
            CIS: "yes",
            ETCD_USER: "yes",
            UPGRADES: "elsewhere",
            EVICT: "none",
            TOKEN_GENERATION: "2",
            CERTIFICATE_GENERATION: "3",
        };
        expect(options("south-south-1-install")).toEqual({ ...agent, FIRST: "yes" });
        expect(options("south-south-2-install")).toEqual(agent);
    });

    test.each([
        [
            "east-east-4",
            {
                METHOD: "air-gap",
                INSTALL_URL: "",
                PROXY: "",
                FIREWALLD: "off",
                PREPARE: "yes",
                IGNORE: "",
                // kube-vip's address answers only when the servers run.
                REGISTRATION: "",
            },
        ],
        [
            "west-west-2",
            { METHOD: "air-gap", INSTALL_URL: "", FIREWALLD: "off", PREPARE: "yes", REGISTRATION: "" },
        ],
        [
            "north-north-4",
            {
                METHOD: "rpm",
                INSTALL_URL: "https://mirror.example.net/rke2.sh",
                FIREWALLD: "open",
                PREPARE: "yes",
                IGNORE: "memory",
                REGISTRATION: "api.north.example.net",
            },
        ],
        [
            "south-south-2",
            {
                METHOD: "tar",
                INSTALL_URL: "https://get.rke2.io",
                FIREWALLD: "leave",
                PREPARE: "no",
                REGISTRATION: "",
            },
        ],
    ])("are looked at before with the same in mind: %s", (node, wants) => {
        expect(variablesOf(`${node}-preflight`)).toMatchObject(wants);
    });

    test("are looked at with the same way out that RKE2 gets", () => {
        expect(variablesOf("west-west-2-preflight")["PROXY"]).toBe(options("west-west-2-install")["PROXY"]);
    });

    test("show in previews what restarts them, and what config.yaml has of it", () => {
        const shown = (name: string) => {
            const { config, install, proxy, kubeVip, tokenGeneration, certificateGeneration } =
                deployment.one(NODE, name).inputs;
            const etcd = Object.fromEntries(
                Object.entries(config ?? {}).filter(([key]) => /^(etcd-|profile)/.test(key)),
            );
            return { etcd, install, proxy, kubeVip, tokenGeneration, certificateGeneration };
        };
        const snapshots = {
            "etcd-snapshot-schedule-cron": "0 */6 * * *",
            "etcd-snapshot-retention": 8,
            "etcd-snapshot-compress": true,
            "etcd-s3": true,
            "etcd-s3-config-secret": "rke2-etcd-s3",
        };
        const kubeVip = {
            address: "192.168.10.10",
            interface: "eth1",
            image: "registry.example.net/kube-vip:v1.2.3",
        };
        const install = { method: "air-gap", artifacts: { directory: ARTIFACTS } };
        expect(shown("east-east-3")).toEqual({ etcd: snapshots, install, kubeVip });
        expect(shown("east-east-5")).toEqual({ etcd: {}, install, kubeVip });
        expect(shown("west-west-1")).toEqual({
            etcd: {},
            install: {
                method: "air-gap",
                artifacts: { url: "https://files.example.net/rke2/", checksums: ARTIFACTS },
            },
            proxy: options("west-west-1-install")["PROXY"],
        });
        expect(shown("north-north-2")).toEqual({ etcd: {}, install: { method: "rpm", channel: "stable" } });
        expect(shown("south-south-2")).toEqual({
            etcd: { profile: "cis" },
            tokenGeneration: 2,
            certificateGeneration: 3,
        });
    });
});

describe("a lost host", () => {
    test("is asked nothing, not even when its step goes", () => {
        for (const node of LOST) {
            expect(deployment.one(COMMAND, `north-${node}-install`)).toMatchObject({
                retainOnDelete: true,
                ignoreChanges: ["connection", "create", "update", "delete", "stdin"],
            });
        }
        const others = ALL.filter(({ node }) => !LOST.includes(node));
        for (const { cluster, node } of others) {
            expect(deployment.one(COMMAND, `${cluster}-${node}-install`)).toMatchObject({
                retainOnDelete: false,
                ignoreChanges: [],
            });
        }
    });

    test("is taken out of its cluster by the first server that is left, which everything else asks too", () => {
        expect(variablesOf("north-members")).toMatchObject({
            ROLE: "server",
            NODE_NAME: "north-2",
            NODES: "north-2\nnorth-3\nnorth-4",
            LOST: "north-1\nnorth-5",
            EVICT: "cordon",
            DRAIN_SECONDS: "600",
        });
        const steps = ["members", "kubeconfig", "cilium-ready", "metallb-ready", "mesh-api-ready"];
        for (const step of steps) {
            expect(deployment.one(COMMAND, `north-${step}`).inputs["connection"]).toMatchObject({
                host: "192.168.30.12",
            });
        }
    });

    test("is not waited for by other clusters, which have lost none", () => {
        expect(variablesOf("east-members")).toMatchObject({
            NODES: NODES.east.join("\n"),
            LOST: "",
            EVICT: "drain",
            DRAIN_SECONDS: "300",
        });
    });
});

test("a kubeconfig is read again with a raised generation, and names the address that the servers hold", () => {
    expect(variablesOf("south-kubeconfig")["AFTER"]).toBe("v1.35.7+rke2r1 3");
    expect(variablesOf("east-kubeconfig")).toMatchObject({
        AFTER: "v1.35.7+rke2r1 1",
        API_URL: "https://192.168.10.10:6443",
    });
});

test("the bucket's Secret has its credentials, and the cluster's own folder", () => {
    expect(deployment.one("kubernetes:core/v1:Secret", "east-snapshots").inputs["stringData"]).toEqual({
        "etcd-s3-endpoint": "s3.example.net:9000",
        "etcd-s3-bucket": "etcd",
        "etcd-s3-region": "eu-north-1",
        "etcd-s3-folder": "east",
        "etcd-s3-access-key": "<secret s3AccessKey>",
        "etcd-s3-secret-key": "<secret s3SecretKey>",
    });
});

test("files are copied to where the script looks for them, over the node's own connection", () => {
    const { inputs, secretPaths } = deployment.one(COPY, "east-east-4-files");
    expect(inputs).toEqual({
        connection: deployment.one(COMMAND, "east-east-4-install").inputs["connection"],
        source: { __pulumiArchive: true, path: ARTIFACTS },
        remotePath: "/var/tmp/multicluster-artifacts",
    });
    expect(secretPaths).toEqual(["connection"]);
});

test("the Plans are the roll-out's, for the nodes that are there", () => {
    expect(deployment.one(SYSTEM_UPGRADE, "south-upgrade").inputs).toEqual({
        version: "v1.35.7+rke2r1",
        servers: ["south-1"],
        agents: ["south-2"],
        evict: "none",
    });
    expect(variablesOf("south-upgrade-nodes")).toMatchObject({
        VERSION: "v1.35.7+rke2r1",
        NODES: "south-1\nsouth-2",
    });
    expect(deployment.one("kubernetes:upgrade.cattle.io/v1:Plan", "south-upgrade-agents")).toMatchObject({
        inputs: { spec: { version: "v1.35.7+rke2r1", concurrency: 10 } },
    });
});

describe("a secret", () => {
    /** Where a text stands that is not kept secret. */
    function openly(secret: string): string[] {
        return deployment.resources.flatMap(({ name, inputs, secretPaths }) =>
            texts(inputs)
                .filter(({ text }) => text.includes(secret))
                .filter(({ path }) => !secretPaths.some((at) => path === at || path.startsWith(`${at}.`)))
                .map(({ path }) => `${name} ${path}`),
        );
    }

    /** The resources that have it at all. */
    function holders(secret: string): string[] {
        return deployment.resources
            .filter(({ inputs }) => texts(inputs).some(({ text }) => text.includes(secret)))
            .map(({ name }) => name)
            .sort();
    }

    const west = NODES.west.map((node) => `west-${node}-install`);
    const CASES: (readonly [string, readonly string[]])[] = [
        ["<secret registryPassword>", west],
        ["<secret registryToken>", west],
        ["<secret s3AccessKey>", ["east-snapshots"]],
        ["<secret s3SecretKey>", ["east-snapshots"]],
        ...Object.entries(NODES).map(
            ([cluster, nodes]) =>
                [
                    // south's is of the second generation.
                    deriveToken("[tokens-seed.privateKeyPem]", cluster, cluster === "south" ? 2 : 1),
                    nodes.map((node) => `${cluster}-${node}-install`),
                ] as const,
        ),
    ];
    test.each(CASES)("%s is only where it is needed, and never in the open", (secret, where) => {
        expect(holders(secret)).toEqual(where);
        expect(openly(secret)).toEqual([]);
    });
});

describe("in order come", () => {
    const installs = (cluster: string, nodes: readonly string[]) =>
        nodes.map((node) => `${cluster}-${node}-install`).sort();

    test("the preflights of all hosts, before the first server of each cluster", () => {
        for (const preflight of PREFLIGHTS) expect(waitsFor(COMMAND, preflight)).toEqual([]);
        for (const [cluster, node] of [
            ["west", "west-1"],
            ["north", "north-2"],
            ["south", "south-1"],
        ] as const) {
            expect(waitsFor(COMMAND, `${cluster}-${node}-install`)).toEqual(
                [...PREFLIGHTS, "tokens-seed"].sort(),
            );
        }
        expect(waitsFor(COPY, "east-east-1-files")).toEqual(PREFLIGHTS);
    });

    test("the files of a host, after the node before it and before its own step", () => {
        const before = [undefined, "east-1", "east-2", "east-3", "east-4"];
        for (const [index, node] of NODES.east.entries()) {
            const earlier = before[index];
            if (earlier !== undefined) {
                expect(waitsFor(COPY, `east-${node}-files`)).toEqual([`east-${earlier}-install`]);
            }
            expect(waitsFor(COMMAND, `east-${node}-install`)).toEqual([`east-${node}-files`, "tokens-seed"]);
        }
    });

    test("servers one by one, then agents, by tens where nothing else is said", () => {
        expect(waitsFor(COMMAND, "north-north-3-install")).toEqual(["north-north-2-install", "tokens-seed"]);
        for (const agent of ["north-4", "north-5"]) {
            expect(waitsFor(COMMAND, `north-${agent}-install`)).toEqual([
                "north-north-3-install",
                "tokens-seed",
            ]);
        }
    });

    test("who is a member, after all nodes; the kubeconfig, after the first server that is left", () => {
        const first = { east: "east-1", west: "west-1", north: "north-2", south: "south-1" };
        for (const [cluster, nodes] of Object.entries(NODES)) {
            expect(waitsFor(COMMAND, `${cluster}-members`)).toEqual(installs(cluster, nodes));
        }
        for (const [cluster, node] of Object.entries(first)) {
            expect(waitsFor(COMMAND, `${cluster}-kubeconfig`)).toEqual([`${cluster}-${node}-install`]);
            expect(waitsFor("pulumi:providers:kubernetes", `${cluster}-provider`)).toEqual([
                `${cluster}-kubeconfig`,
            ]);
        }
    });

    test("what the API keeps, after the members: it is deleted before any server goes", () => {
        const secret = "kubernetes:core/v1:Secret";
        for (const cluster of Object.keys(NODES)) {
            expect(waitsFor("kubernetes:helm.sh/v3:Release", `${cluster}-cilium-chart`)).toContain(
                `${cluster}-members`,
            );
        }
        for (const cluster of Object.keys(NODES)) {
            for (const leaf of ["server", "admin", "remote", "local"]) {
                expect(waitsFor(secret, `${cluster}-certificates-${leaf}`)).toContain(`${cluster}-members`);
            }
        }
        expect(waitsFor(secret, "east-snapshots")).toEqual(["east-members"]);
        const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
        expect(waitsFor(policy, "south-mesh-api-open")).toEqual(["south-members"]);
    });

    test("upgrades from inside, after the network: the controller, its nodes, servers, agents", () => {
        expect(waitsFor(SYSTEM_UPGRADE, "south-upgrade")).toEqual(["south-cilium-ready"]);
        expect(waitsFor(COMMAND, "south-upgrade-controller-ready")).toEqual(["south-upgrade-controller"]);
        expect(waitsFor(COMMAND, "south-upgrade-nodes")).toEqual(["south-upgrade-controller-ready"]);
        const plan = "kubernetes:upgrade.cattle.io/v1:Plan";
        expect(waitsFor(plan, "south-upgrade-servers")).toEqual(["south-upgrade-nodes"]);
        expect(waitsFor(COMMAND, "south-upgrade-servers-upgraded")).toEqual(["south-upgrade-servers"]);
        expect(waitsFor(plan, "south-upgrade-agents")).toEqual(["south-upgrade-servers-upgraded"]);
        expect(waitsFor(COMMAND, "south-upgrade-agents-upgraded")).toEqual(["south-upgrade-agents"]);
    });
});
