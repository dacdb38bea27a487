import { describe, expect, it } from "vitest";

import { Cilium, type CiliumArgs } from "../../../components/cilium/cilium.ts";
import { refusalOf } from "../tls/refusal.ts";
import { full, plain } from "./fixtures.ts";

const NATIVE = { mode: "native", autoDirectNodeRoutes: true, endpointRoutes: false } as const;
const LOAD_BALANCER = {
    type: "LoadBalancer",
    replicas: 1,
    address: "192.168.10.200",
    pool: "mesh",
    sourceRanges: [],
    annotations: {},
    port: 2379,
} as const;
const HUBBLE = { enabled: false, relay: false, ui: false, metrics: [] };

const CLUSTER_NAME = [
    "    must be at most 32 lower-case letters, digits and hyphens, beginning and ending with a letter or digit, and not default",
    '    fix: choose a name such as "east"',
];
const VERSION = [
    "    must be a full version of Cilium 1.16 to 1.20, without v: the chart's values depend on it",
    '    fix: write it as "1.19.6"',
];
const CLUSTER_ID = ["    fix: choose one that no other cluster has"];

function ignoredBefore(minor: number, version: string): string[] {
    return [
        `    needs Cilium 1.${minor}; the chart of ${version} would ignore it without a word`,
        `    fix: leave it out, or use Cilium 1.${minor} or later`,
    ];
}

const CASES: readonly [string, CiliumArgs, readonly string[]][] = [
    ["a version that is none", plain("1.19"), ['✖ version = "1.19"', ...VERSION]],
    ["a version with a v", plain("v1.19.6"), ['✖ version = "v1.19.6"', ...VERSION]],
    ["an unknown minor version", plain("1.21.0"), ['✖ version = "1.21.0"', ...VERSION]],
    [
        "a chart that is not there",
        plain("1.19.6", { chart: { path: "./no-such-chart.tgz" } }),
        [
            '✖ chart.path = "./no-such-chart.tgz"',
            `    does not exist; a relative path begins at ${process.cwd()}`,
            "    fix: put the chart there, or name a repository",
        ],
    ],
    [
        "certgen in the Cilium that RKE2 brings",
        plain("1.19.6", { certgen: { validityHours: 8_760 }, chart: { bundled: true } }),
        [
            "✖ certgen",
            "    would find no CA: RKE2 installs its own chart before one can be in the cluster",
            "    fix: leave it out, and pass the Secrets of certificates that are made before the chart",
        ],
    ],
    [
        "certgen for the certificate of the metrics",
        plain("1.19.6", {
            certgen: { validityHours: 8_760 },
            hubble: { ...HUBBLE, enabled: true, metrics: ["dns"], metricsTls: true },
        }),
        [
            "✖ certgen",
            "    is asked for hubble.metricsTls by a wrong name, in the charts of every version",
            "    fix: leave it out, and pass the Secrets of certificates that are made before the chart",
        ],
    ],
    [
        "the name that stands for no name",
        plain("1.19.6", { clusterName: "default" }),
        ['✖ clusterName = "default"', ...CLUSTER_NAME],
    ],
    [
        "a name that is too long",
        plain("1.19.6", { clusterName: "a".repeat(33) }),
        [`✖ clusterName = "${"a".repeat(33)}"`, ...CLUSTER_NAME],
    ],
    [
        "number zero",
        plain("1.19.6", { clusterId: 0 }),
        ["✖ clusterId = 0", "    must be a whole number from 1 to 255: the agents would exit", ...CLUSTER_ID],
    ],
    [
        "a number beyond those a mesh of 511 has",
        plain("1.19.6", { clusterId: 512, maxConnectedClusters: 511 }),
        [
            "✖ clusterId = 512",
            "    must be a whole number from 1 to 511: the agents would exit",
            ...CLUSTER_ID,
        ],
    ],
    [
        "itself as a peer",
        plain("1.19.6", { peers: [{ name: "east", addresses: ["192.168.10.200"], port: 2379 }] }),
        ["✖ peers.east", "    is the cluster itself", "    fix: leave it out"],
    ],
    [
        "a peer that is there twice",
        plain("1.19.6", {
            peers: ["192.168.20.200", "192.168.30.200"].map((address) => ({
                name: "west",
                addresses: [address],
                port: 2379,
            })),
        }),
        ["✖ peers.west", "    is there twice", "    fix: leave it out"],
    ],
    [
        "a peer without an address",
        plain("1.19.6", { peers: [{ name: "west", addresses: [], port: 2379 }] }),
        [
            "✖ peers.west.addresses",
            "    must hold an address: the chart would write one without a host",
            "    fix: name where its mesh API answers",
        ],
    ],
    [
        "a peer without a port",
        plain("1.19.6", { peers: [{ name: "west", addresses: ["192.168.20.200"], port: 0 }] }),
        ["✖ peers.west.port = 0", "    must be a port, 1 to 65535", "    fix: write 2379, or the node port"],
    ],
    [
        "no pod range",
        plain("1.19.6", { podCidrs: [] }),
        ["✖ podCidrs", "    must hold a CIDR", '    fix: write one, as "10.10.0.0/16"'],
    ],
    [
        "a pod range that is none",
        plain("1.19.6", { podCidrs: ["10.10.0.1/16"] }),
        ['✖ podCidrs = "10.10.0.1/16"', "    must hold a CIDR", '    fix: write one, as "10.10.0.0/16"'],
    ],
    [
        "a pool that is smaller than a node's share",
        plain("1.19.6", { ipam: "cluster-pool", podCidrs: ["10.10.0.0/25"] }),
        [
            '✖ podCidrs = "10.10.0.0/25"',
            '    is smaller than the /24 that a single node gets with ipam "cluster-pool"',
            '    fix: use a larger range, or ipam "kubernetes"',
        ],
    ],
    [
        "the same for IPv6",
        plain("1.19.6", { ipam: "cluster-pool", podCidrs: ["fd00:10::/121"] }),
        [
            '✖ podCidrs = "fd00:10::/121"',
            '    is smaller than the /120 that a single node gets with ipam "cluster-pool"',
            '    fix: use a larger range, or ipam "kubernetes"',
        ],
    ],
    ...(["4", "6"] as const).map((family): [string, CiliumArgs, string[]] => [
        `native routing that does not say where IPv${family} addresses are routed`,
        plain("1.19.6", { routing: NATIVE, podCidrs: [family === "4" ? "10.10.0.0/16" : "fd00:10::/56"] }),
        [
            `✖ routing.ipv${family}NativeRoutingCIDR`,
            "    is missing: with native routing and masquerading it says which addresses are not hidden",
            '    fix: name a network that holds the pod ranges of every cluster, or set masquerade to "none"',
        ],
    ]),
    [
        "IPsec without a key",
        plain("1.19.6", { encryption: { type: "ipsec" } }),
        [
            "✖ ipsecKey",
            "    is missing: IPsec encrypts with a key that all clusters share",
            "    fix: pass the key, the same in every cluster",
        ],
    ],
    [
        "a key that nothing uses, without showing it",
        plain("1.19.6", { ipsecKey: "3+ secret" }),
        [
            "✖ ipsecKey",
            '    is there, but encryption is "none": nothing would use it',
            '    fix: leave it out, or set encryption to { type: "ipsec" }',
        ],
    ],
    [
        "a relay of nothing",
        plain("1.19.6", { hubble: { ...HUBBLE, relay: true } }),
        [
            "✖ hubble.relay",
            "    needs hubble.enabled",
            "    fix: set hubble.enabled to true, or leave relay out",
        ],
    ],
    [
        "a page without a relay",
        plain("1.19.6", { hubble: { ...HUBBLE, enabled: true, ui: true } }),
        ["✖ hubble.ui", "    needs hubble.relay", "    fix: set hubble.relay to true, or leave ui out"],
    ],
    [
        "metrics of nothing",
        plain("1.19.6", { hubble: { ...HUBBLE, metrics: ["dns"] } }),
        [
            "✖ hubble.metrics",
            "    needs hubble.enabled",
            "    fix: set hubble.enabled to true, or leave metrics out",
        ],
    ],
    ...[{ masquerade: "iptables" as const }, { podCidrs: ["fd00:10::/56"] }].map(
        (over): [string, CiliumArgs, string[]] => [
            `an egress gateway with ${JSON.stringify(over)}`,
            plain("1.19.6", { ...over, egressGateway: true }),
            [
                "✖ egressGateway",
                "    needs eBPF masquerading of IPv4: the agents would exit",
                '    fix: set masquerade to "bpf" and give the cluster IPv4 pods, or leave the gateway off',
            ],
        ],
    ),
    [
        "a default of policies before 1.18",
        plain("1.17.18", { policyDefaultLocalCluster: false }),
        ["✖ policyDefaultLocalCluster = false", ...ignoredBefore(18, "1.17.18")],
    ],
    [
        "a life of cached data before 1.19",
        plain("1.18.12", { cacheTTL: "10m" }),
        ['✖ cacheTTL = "10m"', ...ignoredBefore(19, "1.18.12")],
    ],
    [
        "a limit of who reaches the mesh API before 1.17",
        plain("1.16.19", { meshApi: { ...LOAD_BALANCER, sourceRanges: ["10.0.0.0/8"] } }),
        ['✖ meshApi.sourceRanges = ["10.0.0.0/8"]', ...ignoredBefore(17, "1.16.19")],
    ],
    [
        "a mesh API without an address",
        plain("1.19.6", { meshApi: { ...LOAD_BALANCER, address: "" } }),
        [
            "✖ meshApi.address",
            "    must not be empty: peers know the address before the Service has one",
            "    fix: choose an address of the pool",
        ],
    ],
    [
        "a mesh API that nobody gives an address",
        plain("1.19.6", { loadBalancers: [] }),
        [
            "✖ loadBalancers",
            "    must hold one: the mesh API is a Service of type LoadBalancer",
            "    fix: name the provider, or expose the mesh API by NodePort",
        ],
    ],
    [
        "no operator",
        plain("1.19.6", { operatorReplicas: 0 }),
        ["✖ operatorReplicas = 0", "    must be a whole number, at least 1", "    fix: write 1 or more"],
    ],
    [
        "half a mesh API",
        plain("1.19.6", { meshApi: { ...LOAD_BALANCER, replicas: 1.5 } }),
        ["✖ meshApi.replicas = 1.5", "    must be a whole number, at least 1", "    fix: write 1 or more"],
    ],
    [
        "a value that the mesh owns",
        plain("1.19.6", { values: { routingMode: "native" } }),
        [
            "✖ values.routingMode",
            "    is a chart value that the mesh owns",
            "    fix: describe it under cilium.routing",
        ],
    ],
];

describe("Cilium", () => {
    it.each(CASES)("refuses %s, before anything is registered", async (_, args, problem) => {
        expect(await refusalOf(() => new Cilium("east", args))).toBe(
            ["Cilium east: 1 problem", ...problem].join("\n"),
        );
    });

    it("names everything that is wrong at once", async () => {
        const args = full("1.16.19", { clusterId: 300, operatorReplicas: 0, values: { tunnel: "vxlan" } });
        expect(await refusalOf(() => new Cilium("east", args))).toBe(
            [
                "Cilium east: 3 problems",
                "✖ clusterId = 300",
                "    must be a whole number from 1 to 255: the agents would exit",
                ...CLUSTER_ID,
                "✖ operatorReplicas = 0",
                "    must be a whole number, at least 1",
                "    fix: write 1 or more",
                "✖ values.tunnel",
                "    is gone: the chart of 1.16.19 fails where it is set",
                "    fix: describe it under cilium.routing",
            ].join("\n"),
        );
    });
});
