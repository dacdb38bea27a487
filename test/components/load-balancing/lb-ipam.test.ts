import { CiliumLoadBalancerIPPool } from "@kubernetes-models/cilium/cilium.io/v2/CiliumLoadBalancerIPPool";
import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";

import { LbIpam } from "../../../components/load-balancing/lb-ipam.ts";
import type { Pool } from "../../../model/resolved.ts";
import { minorOf } from "../../../model/support/version.ts";
import { complaints } from "../../fixtures/crds/schemas.ts";
import { get, made, modelComplaint, refused } from "../announcing/program.ts";

const POOLS: readonly Pool[] = [
    {
        name: "mesh",
        addresses: [
            "192.168.10.200 - 192.168.10.219",
            "192.168.10.250",
            "10.99.0.0/24",
            "fd00:10::0a",
            "fd00:99::/64",
        ],
        autoAssign: true,
    },
    {
        name: "web",
        addresses: ["10.98.0.0/24"],
        autoAssign: true,
        serviceSelector: { matchLabels: { "io.kubernetes.service.namespace": "web" } },
    },
];

const lbIpam = (ciliumVersion = "1.19.6") => new LbIpam("east", { ciliumVersion, pools: POOLS });

describe("LbIpam", () => {
    it("makes one pool for each, with its networks, ranges and single addresses", async () => {
        const resources = await made(() => lbIpam());
        expect([...resources.keys()].sort()).toEqual(["east", "east-mesh", "east-web"]);
        expect(get(resources, "east-mesh").inputs).toEqual({
            apiVersion: "cilium.io/v2",
            kind: "CiliumLoadBalancerIPPool",
            metadata: { name: "mesh" },
            spec: {
                blocks: [
                    { start: "192.168.10.200", stop: "192.168.10.219" },
                    { start: "192.168.10.250", stop: "192.168.10.250" },
                    { cidr: "10.99.0.0/24" },
                    { start: "fd00:10::a", stop: "fd00:10::a" },
                    { cidr: "fd00:99::/64" },
                ],
            },
        });
        expect(get(resources, "east-web").inputs["spec"]).toEqual({
            blocks: [{ cidr: "10.98.0.0/24" }],
            serviceSelector: { matchLabels: { "io.kubernetes.service.namespace": "web" } },
        });
    });

    it("belongs to the component and uses its provider", async () => {
        const resources = await made(() => {
            const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
            new LbIpam("east", { ciliumVersion: "1.19.6", pools: POOLS }, { provider });
        });
        expect(get(resources, "east").type).toBe("multicluster:load-balancing:LbIpam");
        for (const name of ["east-mesh", "east-web"]) {
            expect(get(resources, name)).toMatchObject({
                type: "kubernetes:cilium.io/v2:CiliumLoadBalancerIPPool",
                parent: get(resources, "east").urn,
                provider: get(resources, "cluster").urn,
                dependsOn: [],
                protect: false,
                secretPaths: [],
            });
        }
    });

    it.each([
        ["1.16.19", "cilium.io/v2alpha1"],
        ["1.17.16", "cilium.io/v2alpha1"],
        ["1.18.11", "cilium.io/v2"],
        ["1.19.6", "cilium.io/v2"],
        ["1.20.2", "cilium.io/v2"],
    ])("is accepted by the CRDs of Cilium %s as %s", async (version, apiVersion) => {
        const { inputs } = get(await made(() => lbIpam(version)), "east-mesh");
        expect(inputs["apiVersion"]).toBe(apiVersion);
        expect(complaints(`cilium-1.${minorOf(version)}`, inputs)).toEqual([]);
    });

    it("is accepted by the published model of the object", async () => {
        const { inputs } = get(await made(() => lbIpam()), "east-web");
        expect(modelComplaint(CiliumLoadBalancerIPPool, inputs)).toBeUndefined();
    });

    it("refuses what LB-IPAM does not have and what is no address, all at once", async () => {
        const pools = [
            { name: "mesh", addresses: ["10.0.0.1/24"], autoAssign: false },
            { name: "mesh", addresses: [], autoAssign: true },
        ];
        expect(await refused(() => new LbIpam("east", { ciliumVersion: "1.19.6", pools }))).toBe(
            [
                "LbIpam east: 4 problems",
                '✖ pools.mesh = "10.0.0.1/24"',
                "    is not a CIDR, a range or one address",
                '    fix: write it as "192.168.10.200-192.168.10.219", "192.168.10.192/27" or "192.168.10.200"',
                "✖ pools.mesh",
                "    is the name of two pools",
                "    fix: rename one",
                "✖ pools.mesh",
                "    has no addresses",
                "    fix: name at least one address",
                "✖ pools.mesh.autoAssign = false",
                "    is MetalLB's: LB-IPAM gives out the addresses of every pool",
                "    fix: leave it out, and limit the pool by a serviceSelector",
            ].join("\n"),
        );
    });

    it("refuses to be without pools, and an unknown Cilium", async () => {
        expect(await refused(() => new LbIpam("east", { ciliumVersion: "1.15.4", pools: [] }))).toBe(
            [
                "LbIpam east: 2 problems",
                '✖ ciliumVersion = "1.15.4"',
                "    is not a Cilium that this program knows",
                "    fix: use one of 1.16, 1.17, 1.18, 1.19, 1.20",
                "✖ pools",
                "    names no pool: no Service would get an address",
                "    fix: name at least one",
            ].join("\n"),
        );
    });
});
