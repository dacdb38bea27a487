/* That every option of a description reaches the resources that carry it out. */
import { beforeAll, describe, expect, it } from "vitest";
import { oneCluster, twoClusters } from "../support/mesh.ts";
import { deployed, type Deployment } from "../support/program.ts";
import {
    BGP,
    BGP_PEER,
    CLUSTER,
    COMMAND,
    L2,
    LB_IPAM,
    METALLB,
    RELEASE,
    SECRET,
    deployment,
    inputsOf,
    valuesOf,
    waitsFor,
} from "./every-option.ts";

describe("MetalLB", () => {
    it("waits until Cilium works", () => {
        expect(waitsFor(deployment.one(METALLB, "east-metallb"))).toEqual(["east-cilium-ready"]);
    });

    it("is waited for on the first server before it is given anything", () => {
        expect(waitsFor(deployment.one(COMMAND, "east-metallb-ready"))).toEqual(["east-metallb-chart"]);
        const pool = deployment.one("kubernetes:metallb.io/v1beta1:IPAddressPool", "east-metallb-pool-mesh");
        expect(waitsFor(pool)).toEqual(["east-metallb-ready"]);
    });

    it("serves its class, in the version and from the chart that the cluster names", () => {
        const tolerations = [
            { key: "CriticalAddonsOnly", operator: "Exists" },
            { key: "node-role.kubernetes.io/etcd", operator: "Exists" },
        ];
        expect(inputsOf(RELEASE, "east-metallb-chart")).toEqual({
            name: "metallb",
            namespace: "metallb-system",
            chart: "oci://registry.example.net/charts/metallb",
            version: "0.15.2",
            values: {
                loadBalancerClass: "metallb.io/metallb",
                speaker: { enabled: true, frr: { enabled: true }, tolerations },
                frrk8s: { enabled: false },
            },
            skipAwait: true,
            maxHistory: 10,
            compat: "true",
        });
        const pool = inputsOf("kubernetes:metallb.io/v1beta1:IPAddressPool", "east-metallb-pool-mesh");
        expect(pool["spec"]).toEqual({
            addresses: ["10.250.1.0/24", "fd00:250:1::/120"],
            autoAssign: true,
        });
    });

    it("speaks both families to its neighbours, with a password to those that have one", () => {
        const spec = {
            myASN: 65010,
            peerASN: 65000,
            peerPort: 179,
            holdTime: "90s",
            keepaliveTime: "30s",
            connectTime: "120s",
            ebgpMultiHop: false,
            enableGracefulRestart: false,
            dualStackAddressFamily: true,
        };
        const tor = deployment.one(BGP_PEER, "east-metallb-peer-tor");
        expect(tor.inputs["spec"]).toEqual({
            ...spec,
            peerAddress: "192.168.10.1",
            passwordSecret: { name: "bgp-password-tor", namespace: "metallb-system" },
        });
        expect(waitsFor(tor)).toEqual(["east-metallb-password-tor", "east-metallb-ready"]);
        expect(inputsOf(BGP_PEER, "east-metallb-peer-spine")["spec"]).toEqual({
            ...spec,
            peerAddress: "192.168.10.2",
        });
        const password = deployment.one(SECRET, "east-metallb-password-tor");
        expect(password.inputs["stringData"]).toEqual({ password: "<secret torPassword>" });
        expect(password.secretPaths).toEqual(["stringData"]);
    });
});

describe("LB-IPAM with Cilium's BGP", () => {
    it("waits until Cilium works", () => {
        for (const [type, name] of [
            [LB_IPAM, "west-lb-ipam"],
            [BGP, "west-bgp"],
        ] as const)
            expect(waitsFor(deployment.one(type, name))).toEqual(["west-cilium-ready"]);
    });

    it("gets the cluster's pools, neighbours and families, in the form of the cluster's Cilium", () => {
        expect(inputsOf(LB_IPAM, "west-lb-ipam")).toEqual({
            ciliumVersion: "1.18.11",
            pools: [{ name: "public", addresses: ["10.250.2.0/24", "fd00:250:2::/120"], autoAssign: true }],
        });
        expect(inputsOf(BGP, "west-bgp")).toEqual({
            ciliumVersion: "1.18.11",
            bgp: {
                mode: "bgp",
                localASN: 65020,
                peers: {
                    leaf: {
                        address: "192.168.20.1",
                        asn: 65000,
                        password: { fromConfig: "leafPassword" },
                    },
                },
                advertise: ["LoadBalancerIP"],
            },
            families: ["ipv4", "ipv6"],
            secretsNamespace: "kube-system",
        });
    });

    it("has the neighbour's password in a Secret", () => {
        const [password, ...more] = deployment
            .below(deployment.one(BGP, "west-bgp").urn)
            .filter(({ type }) => type === SECRET);
        expect(more).toEqual([]);
        expect(password?.inputs["stringData"]).toEqual({ password: "<secret leafPassword>" });
        expect(password?.secretPaths).toEqual(["stringData"]);
    });
});

describe("the other choices", () => {
    let other: Deployment;
    beforeAll(async () => {
        const mesh = twoClusters();
        mesh.clusters.east.loadBalancer = { provider: "lb-ipam", pools: { mesh: ["192.168.10.200"] } };
        mesh.clusters.east.announce = { mode: "l2", interfaces: ["^eth[0-9]+$"] };
        mesh.clusters.east.nextLoadBalancer = {
            loadBalancer: {
                provider: "metallb",
                pools: { next: ["10.250.1.0/24"] },
                loadBalancerClass: "metallb.io/metallb",
            },
            announce: {
                mode: "bgp",
                localASN: 65010,
                peers: { tor: { address: "192.168.10.1", asn: 65000 } },
            },
        };
        mesh.clusters["north"] = {
            ...oneCluster(3, "north"),
            loadBalancer: { provider: "lb-ipam", pools: { mesh: ["192.168.30.200"] } },
            announce: { mode: "none" },
        };
        mesh.cilium.encryption = { type: "wireguard", nodeEncryption: true };
        other = await deployed(mesh);
    });

    it("announces by L2 what LB-IPAM gives, once Cilium works", () => {
        const l2 = other.one(L2, "east-l2");
        expect(l2.inputs).toEqual({
            ciliumVersion: "1.19.6",
            l2: { mode: "l2", interfaces: ["^eth[0-9]+$"] },
            policyName: "l2",
        });
        expect(waitsFor(l2)).toEqual(["east-cilium-ready"]);
    });

    it("makes the load balancer to move to beside the one in use, for a class of its own", () => {
        const metalLb = other.one(METALLB, "east-metallb");
        expect(metalLb.inputs).toEqual({
            version: "0.16.1",
            pools: [{ name: "next", addresses: ["10.250.1.0/24"], autoAssign: true }],
            announce: {
                mode: "bgp",
                localASN: 65010,
                peers: { tor: { address: "192.168.10.1", asn: 65000 } },
                advertise: ["LoadBalancerIP"],
            },
            loadBalancerClass: "metallb.io/metallb",
            namespace: "metallb-system",
        });
        expect(waitsFor(metalLb)).toEqual(["east-cilium-ready"]);
    });

    it("speaks one family where the cluster has one, and without a password where none is described", () => {
        const { spec } = inputsOf(BGP_PEER, "east-metallb-peer-tor", other);
        expect(spec).toMatchObject({ dualStackAddressFamily: false });
        expect(spec).not.toHaveProperty("passwordSecret");
    });

    it("lets MetalLB serve Services without a class where none is named", () => {
        expect(inputsOf(METALLB, "west-metallb", other)).not.toHaveProperty("loadBalancerClass");
        expect(valuesOf("west-metallb-chart", other)).not.toHaveProperty("loadBalancerClass");
    });

    it("announces nothing where nobody is to", () => {
        const west = other.one(CLUSTER, "north");
        const parts = other.resources.filter(({ parent }) => parent === west.urn);
        expect(parts.map(({ name }) => name)).toEqual([
            "north",
            "north-certificates",
            "north-cilium",
            "north-lb-ipam",
            "north-mesh-api-ready",
        ]);
    });

    it("encrypts by WireGuard without a key of ours", () => {
        expect(valuesOf("east-cilium-chart", other)["encryption"]).toEqual({
            enabled: true,
            type: "wireguard",
            nodeEncryption: true,
        });
        expect(other.resources.filter(({ name }) => name.endsWith("-ipsec-keys"))).toEqual([]);
    });

    it("makes no certificate for a Hubble that is off", () => {
        expect(other.resources.filter(({ name }) => name.includes("hubble"))).toEqual([]);
        expect(valuesOf("west-cilium-chart", other)["hubble"]).toEqual({ enabled: false });
    });
});
