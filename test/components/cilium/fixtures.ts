import type { CiliumArgs } from "../../../components/cilium/cilium.ts";
import { minorOf } from "../../../model/support/version.ts";

/** The newest patch of each minor version. */
export const VERSIONS = ["1.16.19", "1.17.18", "1.18.12", "1.19.6", "1.20.2"] as const;

/** A cluster with nothing special: a tunnel, MetalLB on the node network, one peer. */
export function plain(version: string, over: Partial<CiliumArgs> = {}): CiliumArgs {
    return {
        version,
        chart: { repository: "https://helm.cilium.io/" },
        clusterName: "east",
        clusterId: 1,
        maxConnectedClusters: 255,
        podCidrs: ["10.10.0.0/16"],
        routing: { mode: "tunnel", protocol: "vxlan" },
        encryption: { type: "none" },
        ipam: "kubernetes",
        masquerade: "bpf",
        egressGateway: false,
        hubble: { enabled: false, relay: false, ui: false, metrics: [] },
        operatorReplicas: 2,
        endpointSliceSynchronization: false,
        mcsApi: false,
        authMode: minorOf(version) >= 19 ? "migration" : "legacy",
        meshApi: {
            type: "LoadBalancer",
            replicas: 1,
            address: "192.168.10.200",
            pool: "mesh",
            sourceRanges: [],
            annotations: {},
            port: 2379,
        },
        loadBalancers: [{ provider: "metallb", announce: { mode: "l2" } }],
        peers: [{ name: "west", addresses: ["192.168.20.200"], port: 2379 }],
        ...over,
    };
}

/** A cluster with everything on that its version has. */
export function full(version: string, over: Partial<CiliumArgs> = {}): CiliumArgs {
    const minor = minorOf(version);
    return plain(version, {
        podCidrs: ["10.10.0.0/16", "fd00:10::/56"],
        clusterDomain: "east.local",
        routing: {
            mode: "native",
            ipv4NativeRoutingCIDR: "10.0.0.0/8",
            ipv6NativeRoutingCIDR: "fd00::/16",
            autoDirectNodeRoutes: true,
            endpointRoutes: true,
        },
        encryption: { type: "wireguard", nodeEncryption: true, strictEgressCidr: "10.0.0.0/8" },
        ipam: "cluster-pool",
        egressGateway: true,
        hubble: {
            enabled: true,
            relay: true,
            ui: true,
            metrics: ["dns", "drop"],
            relayTls: true,
            ...(minor >= 17 ? { metricsTls: true } : {}),
        },
        trust: { trusted: [1, 2], signer: 1 },
        endpointSliceSynchronization: true,
        mcsApi: true,
        ...(minor >= 18 ? { policyDefaultLocalCluster: true } : {}),
        ...(minor >= 19 ? { cacheTTL: "10m" } : {}),
        upgradeCompatibility: "1.16",
        mutualAuthentication: true,
        meshApi: {
            type: "LoadBalancer",
            replicas: 2,
            address: "192.168.10.200",
            pool: "mesh",
            sourceRanges: minor >= 17 ? ["192.168.0.0/16"] : [],
            annotations: { "example.net/owner": "network" },
            port: 2379,
        },
        loadBalancers: [
            { provider: "lb-ipam", announce: { mode: "bgp", advertise: ["LoadBalancerIP", "ClusterIP"] } },
            { provider: "lb-ipam", announce: { mode: "l2" } },
        ],
        peers: [
            { name: "west", addresses: ["192.168.20.200"], port: 2379 },
            { name: "north", addresses: ["192.168.30.11", "192.168.30.12"], port: 32380 },
        ],
        ...over,
    });
}
