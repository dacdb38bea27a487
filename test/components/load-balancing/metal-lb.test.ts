import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";

import { MetalLb } from "../../../components/load-balancing/metal-lb.ts";
import { smallBgp } from "../announcing/bgp-fixtures.ts";
import { get, made, refused, waitsFor } from "../announcing/program.ts";
import { fullBgpForMetalLb, GATEKEEPER, metalLb } from "./metal-lb-fixtures.ts";

describe("MetalLb by L2", () => {
    it("makes a namespace, the chart, a gate, the pools and one advertisement, one after the other", async () => {
        const resources = await made(() => metalLb({ gatekeeper: GATEKEEPER }));
        expect([...resources.values()].map(({ type, name }) => [type, name]).sort()).toEqual([
            ["command:remote:Command", "east-ready"],
            ["kubernetes:core/v1:Namespace", "east-namespace"],
            ["kubernetes:helm.sh/v3:Release", "east-chart"],
            ["kubernetes:metallb.io/v1beta1:IPAddressPool", "east-pool-mesh"],
            ["kubernetes:metallb.io/v1beta1:L2Advertisement", "east-l2"],
            ["multicluster:load-balancing:MetalLb", "east"],
        ]);
        expect(waitsFor(get(resources, "east-namespace"))).toEqual([]);
        expect(waitsFor(get(resources, "east-chart"))).toEqual(["east-namespace"]);
        expect(waitsFor(get(resources, "east-ready"))).toEqual(["east-chart"]);
        expect(waitsFor(get(resources, "east-pool-mesh"))).toEqual(["east-ready"]);
        expect(waitsFor(get(resources, "east-l2"))).toEqual(["east-ready"]);
    });

    it("writes the namespace and the chart out in full", async () => {
        const resources = await made(() => metalLb());
        expect(get(resources, "east-namespace").inputs).toEqual({
            apiVersion: "v1",
            kind: "Namespace",
            metadata: {
                name: "metallb-system",
                labels: {
                    "pod-security.kubernetes.io/enforce": "privileged",
                    "pod-security.kubernetes.io/audit": "privileged",
                    "pod-security.kubernetes.io/warn": "privileged",
                },
            },
        });
        const tolerations = [
            { key: "CriticalAddonsOnly", operator: "Exists" },
            { key: "node-role.kubernetes.io/etcd", operator: "Exists" },
        ];
        expect(get(resources, "east-chart").inputs).toEqual({
            name: "metallb",
            namespace: "metallb-system",
            chart: "metallb",
            version: "0.16.1",
            repositoryOpts: { repo: "https://metallb.github.io/metallb" },
            compat: "true",
            values: {
                speaker: { enabled: true, frr: { enabled: false }, tolerations },
                frrk8s: { enabled: false },
            },
            skipAwait: true,
            maxHistory: 10,
        });
    });

    it("writes the pool and the advertisement out in full, naming the pools", async () => {
        const pools = [
            { name: "mesh", addresses: ["192.168.10.200 - 192.168.10.219", "10.9.0.0/24"], autoAssign: true },
            {
                name: "web",
                addresses: ["192.168.10.250", "fd00:10::a"],
                autoAssign: false,
                serviceSelector: { matchLabels: { public: "true" } },
            },
        ];
        const resources = await made(() =>
            metalLb({
                pools,
                announce: {
                    mode: "l2",
                    interfaces: ["eth0", "eth1.100"],
                    nodeSelector: { matchLabels: { edge: "true" } },
                    serviceSelector: { matchLabels: { tier: "front" } },
                    loadBalancerIPs: true,
                    externalIPs: false,
                },
            }),
        );
        expect(get(resources, "east-pool-mesh").inputs).toEqual({
            apiVersion: "metallb.io/v1beta1",
            kind: "IPAddressPool",
            metadata: { name: "mesh", namespace: "metallb-system" },
            spec: { addresses: ["192.168.10.200-192.168.10.219", "10.9.0.0/24"], autoAssign: true },
        });
        expect(get(resources, "east-pool-web").inputs["spec"]).toEqual({
            addresses: ["192.168.10.250/32", "fd00:10::a/128"],
            autoAssign: false,
            serviceAllocation: { serviceSelectors: [{ matchLabels: { public: "true" } }] },
        });
        expect(get(resources, "east-l2").inputs).toEqual({
            apiVersion: "metallb.io/v1beta1",
            kind: "L2Advertisement",
            metadata: { name: "l2", namespace: "metallb-system" },
            spec: {
                ipAddressPools: ["mesh", "web"],
                interfaces: ["eth0", "eth1.100"],
                nodeSelectors: [{ matchLabels: { edge: "true" } }],
                serviceSelectors: [{ matchLabels: { tier: "front" } }],
            },
        });
    });

    it("lets objects follow the chart at once where nobody tells when it is ready", async () => {
        const resources = await made(() => metalLb());
        expect(resources.has("east-ready")).toBe(false);
        expect(waitsFor(get(resources, "east-l2"))).toEqual(["east-chart"]);
    });

    it("waits for the CRDs, the controller and the endpoint of its webhook", async () => {
        const resources = await made(() => metalLb({ gatekeeper: GATEKEEPER, namespace: "lb" }));
        expect(get(resources, "east-ready").inputs["stdin"]).toContain(
            [
                "CONDITIONS='crd ipaddresspools.metallb.io",
                "crd l2advertisements.metallb.io",
                "crd bgpadvertisements.metallb.io",
                "crd bgppeers.metallb.io",
                "crd bfdprofiles.metallb.io",
                "crd communities.metallb.io",
                "rollout deployment lb metallb-controller",
                "endpoint lb metallb-webhook-service'",
            ].join("\n"),
        );
        expect(get(resources, "east-pool-mesh").inputs["metadata"]).toEqual({
            name: "mesh",
            namespace: "lb",
        });
    });

    it.each([
        [{ oci: "oci://quay.io/metallb/charts/metallb" }, "oci://quay.io/metallb/charts/metallb", "0.16.1"],
        [{ path: "./test/fixtures/chart" }, "./test/fixtures/chart", "0.16.1"],
    ])("takes the chart from %j", async (chart, expected, version) => {
        const { inputs } = get(await made(() => metalLb({ chart })), "east-chart");
        expect(inputs["chart"]).toBe(expected);
        expect(inputs["version"]).toBe(version);
        expect(inputs["repositoryOpts"]).toBeUndefined();
    });

    it("gives everything to the component, and to its provider what Kubernetes has", async () => {
        const resources = await made(() => {
            const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
            new MetalLb(
                "east",
                {
                    version: "0.15.3",
                    pools: [{ name: "mesh", addresses: ["10.9.0.0/24"], autoAssign: true }],
                    announce: fullBgpForMetalLb(),
                    passwords: { left: "a", core: "b" },
                    gatekeeper: GATEKEEPER,
                },
                { provider },
            );
        });
        const children = [...resources.values()].filter(({ name }) => name.startsWith("east-"));
        expect(children).toHaveLength(12);
        for (const child of children) {
            expect(child.parent).toBe(get(resources, "east").urn);
            expect(child.protect).toBe(false);
            if (child.type.startsWith("kubernetes:")) {
                expect(child.provider).toBe(get(resources, "cluster").urn);
            }
        }
    });

    it("makes only pools where someone else announces", async () => {
        const resources = await made(() => metalLb({ announce: { mode: "none" } }));
        expect([...resources.keys()].sort()).toEqual([
            "east",
            "east-chart",
            "east-namespace",
            "east-pool-mesh",
        ]);
        expect(get(resources, "east-chart").inputs["values"]).toEqual({
            speaker: { enabled: false, frr: { enabled: false } },
            frrk8s: { enabled: false },
        });
    });

    it("exposes what it makes", async () => {
        const counts: number[] = [];
        await made(() => {
            counts.push(metalLb({ gatekeeper: GATEKEEPER }).resources.length);
        });
        expect(counts).toEqual([5]);
    });
});

describe("MetalLb refuses", () => {
    it("an old version, pools it would get wrong and announcements it lacks, all at once", async () => {
        const pools = [
            {
                name: "mesh",
                addresses: ["10.9.0.0/24"],
                autoAssign: true,
                serviceSelector: {
                    matchExpressions: [{ key: "io.kubernetes.service.name", operator: "Exists" as const }],
                },
            },
        ];
        const announce = { ...smallBgp(), aggregationLengthIPv4: 23 };
        expect(
            await refused(() =>
                metalLb({ version: "0.14.8", pools, announce, passwords: { tor: "not to be seen" } }),
            ),
        ).toBe(
            [
                "MetalLb east: 4 problems",
                '✖ version = "0.14.8"',
                "    is too old: addresses are pinned by annotations that MetalLB has since 0.14.9",
                "    fix: use 0.14.9 or later",
                '✖ pools.mesh.serviceSelector = "io.kubernetes.service.name"',
                "    is a label that only Cilium adds to Services: MetalLB would find it on none",
                "    fix: select by a label that the Services have",
                "✖ announce.aggregationLengthIPv4 = 23",
                "    is wider than the pool mesh: the largest network in 10.9.0.0/24 is a /24",
                "    fix: write 24 or more, or make the pool a whole network",
                "✖ passwords.tor",
                "    is of no neighbour that is described with a password",
                "    fix: describe it under peers.tor.password, or leave it out",
            ].join("\n"),
        );
    });

    it("to be without pools, and interfaces that are patterns", async () => {
        expect(
            await refused(() =>
                metalLb({ pools: [], announce: { mode: "l2", interfaces: ["^eth[0-9]+$"] } }),
            ),
        ).toBe(
            [
                "MetalLb east: 2 problems",
                "✖ pools",
                "    names no pool: no Service would get an address",
                "    fix: name at least one",
                '✖ announce.interfaces[0] = "^eth[0-9]+$"',
                "    is a pattern, and MetalLB compares interface names as they are",
                '    fix: name each interface: ["eth0", "eth1"]; patterns work with LB-IPAM',
            ].join("\n"),
        );
    });
});
