import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";

import type { NodeArgs } from "../../../components/rke2/node-args.ts";
import { Rke2Cluster, type Rke2ClusterArgs } from "../../../components/rke2/rke2-cluster.ts";
import { record } from "../../../plan/record.ts";
import { EAST, node, plan, STACK } from "./cluster-fixture.ts";

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
            { settings: { installUrl: "http://x" } },
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
            'agents.D_1 = "D_1"\n    is no name for a node: at most 63 lower-case letters, digits, hyphens and dots\n    fix: rename it, for example to "east-1"',
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
            "a name longer than a label's value",
            { agents: [node("d".repeat(64), "192.168.10.14")] },
            `agents.${"d".repeat(64)} = "${"d".repeat(64)}"\n    is no name for a node: at most 63 lower-case letters, digits, hyphens and dots\n    fix: rename it, for example to "east-1"`,
        ],
        [
            "a label's value that is none",
            { agents: [{ ...node("d", "192.168.10.14"), labels: { rack: "a b" } }] },
            `agents.d.labels = "a b"\n    must be a label value: at most 63 letters, digits, '-', '_' and '.'\n    fix: write it as "rack-1"`,
        ],
        [
            "a taint without a key",
            { agents: [{ ...node("d", "192.168.10.14"), taints: [{ key: "", effect: "NoExecute" }] }] },
            `agents.d.taints = ""\n    must be a label key: an optional DNS prefix and a slash, then at most 63 letters, digits, '-', '_' and '.'\n    fix: write it as "topology.kubernetes.io/zone"`,
        ],
        [
            "a profile that RKE2 stops at",
            { config: { profile: "cis-1.23" } },
            'config.profile = "cis-1.23"\n    must be "cis" or "etcd": RKE2 stops at any other one\n    fix: write "cis", or leave it out',
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
            "config.cni\n    this program sets it\n    fix: leave it out: cilium.chart decides who installs Cilium",
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
        expect(resources).toHaveLength(10);
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
