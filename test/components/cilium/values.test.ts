/* What this does not show: what the charts make of the values. */
import { describe, expect, it } from "vitest";

import { ciliumValues } from "../../../components/cilium/values.ts";
import { full, plain } from "./fixtures.ts";

const OPERATOR = {
    replicas: 2,
    rollOutPods: true,
    tolerations: [
        { key: "node-role.kubernetes.io/control-plane", operator: "Exists" },
        { key: "node-role.kubernetes.io/master", operator: "Exists" },
        { key: "node.kubernetes.io/not-ready", operator: "Exists" },
        { key: "node.cloudprovider.kubernetes.io/uninitialized", operator: "Exists" },
        { key: "node.cilium.io/agent-not-ready", operator: "Exists" },
        { key: "node-role.kubernetes.io/etcd", operator: "Exists" },
        { key: "CriticalAddonsOnly", operator: "Exists" },
    ],
};

const NO_AUTO = { auto: { enabled: false } };
const LEGACY = { ...NO_AUTO, enableSecrets: false, authMode: "legacy" };
const NONE = { defaultLBServiceIPAM: "none" };

describe("ciliumValues", () => {
    it.each([
        ["1.16.19", { enableMCSAPISupport: false }, LEGACY, {}],
        ["1.17.18", { enableMCSAPISupport: false }, LEGACY, NONE],
        ["1.18.12", { enableMCSAPISupport: false }, LEGACY, NONE],
        ["1.19.6", { mcsapi: { enabled: false } }, { ...LEGACY, authMode: "migration" }, NONE],
        ["1.20.2", { mcsapi: { enabled: false } }, { ...NO_AUTO, authMode: "migration" }, NONE],
    ])("are these for a plain cluster with Cilium %s", (version, mcs, tls, loadBalancing) => {
        expect(ciliumValues(plain(version))).toEqual({
            kubeProxyReplacement: "true",
            k8sServiceHost: "localhost",
            k8sServicePort: 6443,
            rollOutCiliumPods: true,
            envoy: { rollOutPods: true },
            operator: OPERATOR,
            ipv4: { enabled: true },
            ipv6: { enabled: false },
            routingMode: "tunnel",
            tunnelProtocol: "vxlan",
            bpf: { masquerade: true },
            enableIPv4Masquerade: true,
            enableIPv6Masquerade: false,
            ipam: { mode: "kubernetes" },
            cluster: { name: "east", id: 1 },
            clustermesh: {
                useAPIServer: true,
                maxConnectedClusters: 255,
                enableEndpointSliceSynchronization: false,
                ...mcs,
                config: {
                    enabled: true,
                    clusters: [{ name: "west", address: "192.168.20.200", port: 2379 }],
                },
                apiserver: {
                    replicas: 1,
                    service: {
                        type: "LoadBalancer",
                        annotations: { "metallb.io/loadBalancerIPs": "192.168.10.200" },
                        externalTrafficPolicy: "Cluster",
                    },
                    tls,
                },
            },
            hubble: { enabled: false },
            ...loadBalancing,
        });
    });

    const TRUSTING = { "multicluster/trusted-cas": "1 2" };
    const STRICT = { enabled: true, cidr: "10.0.0.0/8", allowRemoteNodeIdentities: false };
    const RANGES = { loadBalancerSourceRanges: ["192.168.0.0/16"] };

    it.each([
        ["1.16.19", { enableMCSAPISupport: true }, {}, LEGACY, STRICT],
        ["1.17.18", { enableMCSAPISupport: true }, RANGES, LEGACY, STRICT],
        ["1.18.12", { enableMCSAPISupport: true, policyDefaultLocalCluster: true }, RANGES, LEGACY, STRICT],
        [
            "1.19.6",
            { mcsapi: { enabled: true }, policyDefaultLocalCluster: true, cacheTTL: "10m" },
            RANGES,
            { ...LEGACY, authMode: "migration" },
            { egress: STRICT },
        ],
        [
            "1.20.2",
            {
                mcsapi: { enabled: true },
                policyDefaultLocalCluster: true,
                cacheTTL: "10m",
                disableKubernetesHostAliases: true,
            },
            RANGES,
            { ...NO_AUTO, authMode: "migration" },
            { egress: STRICT },
        ],
    ])(
        "are these for a cluster with everything on and Cilium %s",
        (version, mesh, ranges, tls, strictMode) => {
            expect(ciliumValues(full(version))).toEqual({
                kubeProxyReplacement: "true",
                k8sServiceHost: "localhost",
                k8sServicePort: 6443,
                rollOutCiliumPods: true,
                podAnnotations: TRUSTING,
                upgradeCompatibility: "1.16",
                envoy: { rollOutPods: true },
                operator: { ...OPERATOR, podAnnotations: TRUSTING },
                ipv4: { enabled: true },
                ipv6: { enabled: true },
                routingMode: "native",
                ipv4NativeRoutingCIDR: "10.0.0.0/8",
                ipv6NativeRoutingCIDR: "fd00::/16",
                autoDirectNodeRoutes: true,
                endpointRoutes: { enabled: true },
                bpf: { masquerade: true, lbExternalClusterIP: true },
                enableIPv4Masquerade: true,
                enableIPv6Masquerade: true,
                egressGateway: { enabled: true },
                ipam: {
                    mode: "cluster-pool",
                    operator: {
                        clusterPoolIPv4PodCIDRList: ["10.10.0.0/16"],
                        clusterPoolIPv4MaskSize: 24,
                        clusterPoolIPv6PodCIDRList: ["fd00:10::/56"],
                        clusterPoolIPv6MaskSize: 72,
                    },
                },
                encryption: { enabled: true, type: "wireguard", nodeEncryption: true, strictMode },
                cluster: { name: "east", id: 1 },
                clustermesh: {
                    useAPIServer: true,
                    maxConnectedClusters: 255,
                    enableEndpointSliceSynchronization: true,
                    ...mesh,
                    config: {
                        enabled: true,
                        clusters: [
                            { name: "north", ips: ["192.168.30.11", "192.168.30.12"], port: 32380 },
                            { name: "west", address: "192.168.20.200", port: 2379 },
                        ],
                    },
                    apiserver: {
                        replicas: 2,
                        podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
                        topologySpreadConstraints: [
                            {
                                maxSkew: 1,
                                topologyKey: "kubernetes.io/hostname",
                                whenUnsatisfiable: "ScheduleAnyway",
                            },
                        ],
                        service: {
                            type: "LoadBalancer",
                            annotations: {
                                "example.net/owner": "network",
                                "lbipam.cilium.io/ips": "192.168.10.200",
                            },
                            ...ranges,
                            externalTrafficPolicy: "Cluster",
                        },
                        tls,
                        podAnnotations: { ...TRUSTING, "multicluster/signing-ca": "1" },
                    },
                },
                bgpControlPlane: { enabled: true },
                l2announcements: { enabled: true },
                k8sClientRateLimit: { qps: 50, burst: 100 },
                hubble: {
                    enabled: true,
                    tls: { auto: { enabled: false }, server: { existingSecret: "hubble-server-certs" } },
                    peerService: { clusterDomain: "east.local" },
                    relay: {
                        enabled: true,
                        rollOutPods: true,
                        podAnnotations: TRUSTING,
                        tls: {
                            client: { existingSecret: "hubble-relay-client-certs" },
                            server: { enabled: true, existingSecret: "hubble-relay-server-certs" },
                        },
                    },
                    ui: {
                        enabled: true,
                        rollOutPods: true,
                        podAnnotations: TRUSTING,
                        tls: { client: { existingSecret: "hubble-ui-client-certs" } },
                    },
                    metrics: {
                        enabled: ["dns", "drop"],
                        ...(version === "1.16.19"
                            ? {}
                            : {
                                  tls: {
                                      enabled: true,
                                      server: { existingSecret: "hubble-metrics-server-certs" },
                                  },
                              }),
                    },
                },
                authentication: {
                    enabled: true,
                    mutual: { spire: { enabled: true, install: { enabled: true } } },
                },
            });
        },
    );

    it("are the same text for the same arguments", () => {
        expect(JSON.stringify(ciliumValues(full("1.19.6")))).toBe(
            JSON.stringify(ciliumValues(full("1.19.6"))),
        );
    });
});
