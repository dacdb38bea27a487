/* One option after the other, each with what it is and what it is not. */
import { describe, expect, it } from "vitest";

import type { CiliumArgs } from "../../../components/cilium/cilium.ts";
import { ciliumValues } from "../../../components/cilium/values.ts";
import { full, plain, VERSIONS } from "./fixtures.ts";

/** The values of a plain cluster that differs in something. */
function valuesOf(over: Partial<CiliumArgs>, version = "1.19.6") {
    return ciliumValues(plain(version, over));
}

/** The service of the mesh API. */
function serviceOf(over: Partial<CiliumArgs>, version = "1.19.6"): unknown {
    return Reflect.get(apiserverOf(over, version), "service");
}

function apiserverOf(over: Partial<CiliumArgs>, version = "1.19.6"): object {
    return below(valuesOf(over, version), "clustermesh", "apiserver");
}

function clustersOf(peers: CiliumArgs["peers"]): unknown {
    return Reflect.get(below(valuesOf({ peers }), "clustermesh", "config"), "clusters");
}

function below(value: object, ...keys: string[]): object {
    return keys.reduce<object>((map, key) => {
        const next: unknown = Reflect.get(map, key);
        return typeof next === "object" && next !== null ? next : {};
    }, value);
}

const LOAD_BALANCER = {
    type: "LoadBalancer",
    replicas: 1,
    address: "192.168.10.200",
    pool: "mesh",
    sourceRanges: [],
    annotations: {},
    port: 2379,
} as const;

describe("routing", () => {
    it("encapsulates in VXLAN or Geneve", () => {
        expect(valuesOf({ routing: { mode: "tunnel", protocol: "geneve" } })).toMatchObject({
            routingMode: "tunnel",
            tunnelProtocol: "geneve",
        });
    });

    it("says nothing of tunnels, nor of networks that are not named, with native routing", () => {
        const values = valuesOf({
            masquerade: "none",
            routing: { mode: "native", autoDirectNodeRoutes: false, endpointRoutes: false },
        });
        expect(values).toMatchObject({
            routingMode: "native",
            autoDirectNodeRoutes: false,
            endpointRoutes: { enabled: false },
        });
        for (const key of ["tunnelProtocol", "ipv4NativeRoutingCIDR", "ipv6NativeRoutingCIDR"])
            expect(values).not.toHaveProperty(key);
        expect(valuesOf({})).not.toHaveProperty("autoDirectNodeRoutes");
        expect(valuesOf({})).not.toHaveProperty("endpointRoutes");
    });

    it.each([
        ["bpf", { masquerade: true }, true, true],
        ["iptables", { masquerade: false }, true, true],
        ["none", { masquerade: false }, false, false],
    ] as const)("masquerades in %s", (masquerade, bpf, enableIPv4Masquerade, enableIPv6Masquerade) => {
        const podCidrs = ["10.10.0.0/16", "fd00:10::/56"];
        expect(valuesOf({ masquerade, podCidrs })).toMatchObject({
            bpf,
            enableIPv4Masquerade,
            enableIPv6Masquerade,
        });
    });

    it("speaks only the families of the pod ranges", () => {
        expect(valuesOf({ podCidrs: ["fd00:10::/56"] })).toMatchObject({
            ipv4: { enabled: false },
            ipv6: { enabled: true },
            enableIPv4Masquerade: false,
            enableIPv6Masquerade: true,
        });
    });

    it.each([
        ["fd00:10::/48", 64],
        ["fd00:10::/64", 80],
        ["fd00:10::/104", 120],
        ["fd00:10::/112", 120],
    ])("cuts %s into node ranges of /%i, of which the operator can keep count", (cidr, mask) => {
        expect(valuesOf({ ipam: "cluster-pool", podCidrs: [cidr] })["ipam"]).toEqual({
            mode: "cluster-pool",
            operator: { clusterPoolIPv6PodCIDRList: [cidr], clusterPoolIPv6MaskSize: mask },
        });
    });

    it("has an egress gateway only where it is asked for", () => {
        expect(valuesOf({})).not.toHaveProperty("egressGateway");
        expect(valuesOf({ egressGateway: true })["egressGateway"]).toEqual({ enabled: true });
    });
});

describe("encryption", () => {
    it("is not mentioned where there is none", () => {
        expect(valuesOf({})).not.toHaveProperty("encryption");
    });

    it("is WireGuard between pods, and between nodes where that is asked for", () => {
        expect(valuesOf({ encryption: { type: "wireguard" } })["encryption"]).toEqual({
            enabled: true,
            type: "wireguard",
            nodeEncryption: false,
        });
    });

    it("looks up who is behind a node's address in strict mode with a tunnel", () => {
        const encryption = { type: "wireguard", strictEgressCidr: "10.0.0.0/8" } as const;
        const strict = { enabled: true, cidr: "10.0.0.0/8", allowRemoteNodeIdentities: true };
        expect(valuesOf({ encryption }, "1.18.12")["encryption"]).toMatchObject({ strictMode: strict });
        expect(valuesOf({ encryption }, "1.19.6")["encryption"]).toMatchObject({
            strictMode: { egress: strict },
        });
    });

    it("is IPsec with the key in a Secret, and never in the values", () => {
        const values = valuesOf({ encryption: { type: "ipsec" }, ipsecKey: "3+ rfc4106(gcm(aes)) abc 128" });
        expect(values["encryption"]).toEqual({
            enabled: true,
            type: "ipsec",
            ipsec: { secretName: "cilium-ipsec-keys", keyFile: "keys" },
        });
        expect(JSON.stringify(values)).not.toContain("abc");
    });
});

describe("the mesh API", () => {
    it("has its address from MetalLB by an annotation, and MetalLB's class where it has one", () => {
        const loadBalancers = [
            { provider: "metallb", loadBalancerClass: "metallb.io/metallb", announce: { mode: "l2" } },
        ] as const;
        expect(serviceOf({ loadBalancers })).toEqual({
            type: "LoadBalancer",
            annotations: { "metallb.io/loadBalancerIPs": "192.168.10.200" },
            loadBalancerClass: "metallb.io/metallb",
            externalTrafficPolicy: "Cluster",
        });
    });

    it("has its address from the load balancer in use, not from the next one", () => {
        const loadBalancers = [
            { provider: "lb-ipam", announce: { mode: "l2" } },
            { provider: "metallb", loadBalancerClass: "next", announce: { mode: "l2" } },
        ] as const;
        expect(serviceOf({ loadBalancers })).toEqual({
            type: "LoadBalancer",
            annotations: { "lbipam.cilium.io/ips": "192.168.10.200" },
            externalTrafficPolicy: "Cluster",
        });
    });

    it("keeps its address whatever annotations are added", () => {
        const annotations = { "metallb.io/loadBalancerIPs": "192.168.10.1", other: "kept" };
        expect(serviceOf({ meshApi: { ...LOAD_BALANCER, annotations } })).toMatchObject({
            annotations: { "metallb.io/loadBalancerIPs": "192.168.10.200", other: "kept" },
        });
    });

    it("is a port on every node where that is asked for", () => {
        expect(serviceOf({ meshApi: { type: "NodePort", replicas: 1, port: 32380 } })).toEqual({
            type: "NodePort",
            nodePort: 32380,
            externalTrafficPolicy: "Cluster",
        });
    });

    it("is spread over nodes and kept through drains only where there is more than one", () => {
        expect(apiserverOf({})).not.toHaveProperty("podDisruptionBudget");
        expect(apiserverOf({})).not.toHaveProperty("topologySpreadConstraints");
        expect(apiserverOf({ meshApi: { type: "NodePort", replicas: 2, port: 32380 } })).toMatchObject({
            replicas: 2,
            podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
        });
    });

    it.each(["legacy", "migration", "cluster"] as const)("knows its peers in %s mode", (authMode) => {
        expect(apiserverOf({ authMode })).toMatchObject({ tls: { authMode } });
    });
});

describe("peers", () => {
    it("are listed by name, whatever their order", () => {
        const north = { name: "north", addresses: ["192.168.30.200"], port: 2379 };
        const west = { name: "west", addresses: ["192.168.20.200"], port: 2379 };
        expect(clustersOf([west, north])).toEqual(clustersOf([north, west]));
        expect(clustersOf([west, north])).toEqual([
            { name: "north", address: "192.168.30.200", port: 2379 },
            { name: "west", address: "192.168.20.200", port: 2379 },
        ]);
    });

    it("have their IPv6 address in brackets, as a part of an URL", () => {
        expect(clustersOf([{ name: "west", addresses: ["fd00:20::200"], port: 2379 }])).toEqual([
            { name: "west", address: "[fd00:20::200]", port: 2379 },
        ]);
    });

    it("are reached by their name in the mesh where they have several addresses", () => {
        const addresses = ["192.168.20.11", "fd00:20::11"];
        expect(clustersOf([{ name: "west", addresses, port: 32379 }])).toEqual([
            { name: "west", ips: addresses, port: 32379 },
        ]);
    });

    it("are called in the mesh's domain where it has one, and in the chart's own otherwise", () => {
        const config = (over: Partial<CiliumArgs>) => below(valuesOf(over), "clustermesh", "config");
        expect(config({ meshDomain: "mesh.example.net" })).toEqual({
            ...config({}),
            domain: "mesh.example.net",
        });
        expect(config({})).not.toHaveProperty("domain");
    });

    it("may be none yet: the next member then restarts nothing", () => {
        expect(below(valuesOf({ peers: [] }), "clustermesh", "config")).toEqual({
            enabled: true,
            clusters: [],
        });
    });
});

describe("announcing", () => {
    const LB_IPAM = { provider: "lb-ipam", announce: { mode: "none" } } as const;
    const METALLB = { provider: "metallb", announce: { mode: "bgp" } } as const;

    it("is MetalLB's own where MetalLB gives the addresses", () => {
        for (const mode of ["bgp", "l2"] as const) {
            const values = valuesOf({ loadBalancers: [{ provider: "metallb", announce: { mode } }] });
            expect(values).not.toHaveProperty("bgpControlPlane");
            expect(values).not.toHaveProperty("l2announcements");
            expect(values).not.toHaveProperty("k8sClientRateLimit");
        }
    });

    it("is Cilium's by BGP, which takes cluster addresses only where they are announced", () => {
        const announce = { mode: "bgp", advertise: ["PodCIDR"] } as const;
        const values = valuesOf({ loadBalancers: [{ provider: "lb-ipam", announce }] });
        expect(values["bgpControlPlane"]).toEqual({ enabled: true });
        expect(values["bpf"]).toEqual({ masquerade: true });
        expect(values).not.toHaveProperty("l2announcements");
    });

    it("is Cilium's by ARP and NDP, with requests enough to keep the leases", () => {
        const values = valuesOf({ loadBalancers: [{ provider: "lb-ipam", announce: { mode: "l2" } }] });
        expect(values["l2announcements"]).toEqual({ enabled: true });
        expect(values["k8sClientRateLimit"]).toEqual({ qps: 50, burst: 100 });
        expect(values).not.toHaveProperty("bgpControlPlane");
    });

    it("is nobody's where it is left to someone else", () => {
        const values = valuesOf({ loadBalancers: [LB_IPAM] });
        expect(values).not.toHaveProperty("bgpControlPlane");
        expect(values).not.toHaveProperty("l2announcements");
    });

    it.each([
        ["MetalLB alone", [METALLB], "none"],
        ["MetalLB, then LB-IPAM", [METALLB, LB_IPAM], "none"],
        ["MetalLB for a class of its own", [{ ...METALLB, loadBalancerClass: "m" }], undefined],
        ["LB-IPAM alone", [LB_IPAM], undefined],
        ["LB-IPAM, then MetalLB", [LB_IPAM, METALLB], undefined],
    ] as const)("leaves Services without a class to %s", (_, loadBalancers, expected) => {
        expect(valuesOf({ loadBalancers })["defaultLBServiceIPAM"]).toBe(expected);
        expect(valuesOf({ loadBalancers }, "1.16.19")).not.toHaveProperty("defaultLBServiceIPAM");
    });
});

describe("Hubble", () => {
    const off = { enabled: true, relay: false, ui: false, metrics: [] };

    it("is told to be off, because the chart has it on", () => {
        expect(valuesOf({})["hubble"]).toEqual({ enabled: false });
    });

    it("has only its server, with a certificate of the mesh's CA", () => {
        expect(valuesOf({ hubble: off })["hubble"]).toEqual({
            enabled: true,
            tls: { auto: { enabled: false }, server: { existingSecret: "hubble-server-certs" } },
        });
    });

    it("has a relay without the page, and flow metrics without a relay", () => {
        expect(valuesOf({ hubble: { ...off, relay: true } })["hubble"]).not.toHaveProperty("ui");
        expect(valuesOf({ hubble: { ...off, metrics: ["dns"] } })["hubble"]).toMatchObject({
            metrics: { enabled: ["dns"] },
        });
    });
});

describe("what is passed through", () => {
    it("is merged last: maps key by key, lists and everything else as a whole", () => {
        const tolerations = [{ operator: "Exists" }];
        const values = valuesOf({
            values: {
                operator: { tolerations, resources: { limits: { memory: "1Gi" } } },
                k8sClientRateLimit: { qps: 99 },
                rollOutCiliumPods: false,
            },
            loadBalancers: [{ provider: "lb-ipam", announce: { mode: "l2" } }],
        });
        expect(values["operator"]).toEqual({
            replicas: 2,
            rollOutPods: true,
            tolerations,
            resources: { limits: { memory: "1Gi" } },
        });
        expect(values["k8sClientRateLimit"]).toEqual({ qps: 99, burst: 100 });
        expect(values["rollOutCiliumPods"]).toBe(false);
    });

    it("changes neither the arguments nor the next cluster's values", () => {
        const first = ciliumValues(plain("1.19.6"));
        ciliumValues(plain("1.19.6", { values: { operator: { resources: {} } } }));
        expect(ciliumValues(plain("1.19.6"))).toEqual(first);
    });

    it.each(VERSIONS)("never holds the mesh's CA, and makes no certificate, with Cilium %s", (version) => {
        const values = ciliumValues(full(version));
        expect(values).not.toHaveProperty("tls");
        expect(below(values, "clustermesh", "apiserver", "tls")).toMatchObject({ auto: { enabled: false } });
        expect(below(values, "hubble", "tls")).toMatchObject({ auto: { enabled: false } });
    });
});
