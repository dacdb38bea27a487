import { describe, expect, it } from "vitest";

import { minorOf } from "../../model/support/version.ts";
import { deployed, type Deployment } from "../support/program.ts";
import { bgpWithEverything, farPools, nearPools, severalBgp } from "./announcements.ts";
import { CILIUM_VERSIONS } from "./charts.ts";
import { ciliumCrds } from "./crds.ts";
import { meshOf } from "./every-version.ts";
import { gateOf } from "./gate.ts";

/** The objects of Cilium's own kinds that the program writes into a cluster. */
function written(deployment: Deployment): unknown[] {
    return deployment
        .inCluster("east")
        .filter(({ type }) => type.startsWith("kubernetes:cilium.io/"))
        .map(({ inputs }) => inputs);
}

describe.each(CILIUM_VERSIONS)("the CRDs of Cilium %s", (version) => {
    const crds = ciliumCrds(version);

    it("take the objects of LB-IPAM and L2", async () => {
        const mesh = meshOf(version, ({ clusters: { east } }) => {
            east.loadBalancer = { provider: "lb-ipam", pools: nearPools };
            east.announce = {
                mode: "l2",
                interfaces: ["^eth[0-9]+$"],
                nodeSelector: { matchLabels: { "kubernetes.io/os": "linux" } },
                externalIPs: true,
            };
        });
        const objects = written(await deployed(mesh));
        expect(objects).toHaveLength(2);
        expect(objects.flatMap((object) => crds.complaints(object))).toEqual([]);
    });

    it("take the objects of LB-IPAM and BGP", async () => {
        const mesh = meshOf(version, ({ clusters: { east } }) => {
            east.loadBalancer = { provider: "lb-ipam", pools: farPools };
            east.announce = {
                ...bgpWithEverything,
                advertise: ["LoadBalancerIP", "ExternalIP", "ClusterIP", "PodCIDR"],
                nodes: { "east-1": { routerId: "10.255.0.1", localPort: 1179 } },
            };
        });
        const objects = written(await deployed(mesh));
        expect(objects).toHaveLength(7);
        expect(objects.flatMap((object) => crds.complaints(object))).toEqual([]);
    });

    it("take the objects of several instances and advertisements, and of a pool with something reserved", async () => {
        const minor = minorOf(version);
        const mesh = meshOf(version, ({ clusters: { east } }) => {
            east.loadBalancer = {
                provider: "lb-ipam",
                pools: { mesh: { addresses: farPools.mesh, reserved: ["172.16.10.0", "172.16.10.255"] } },
            };
            east.announce = severalBgp(minor);
        });
        const objects = written(await deployed(mesh));
        // A pool, two advertisements, the two sessions' parameters, one for the nodes and one that differs.
        expect(objects).toHaveLength(1 + 2 + 2 + 1 + 1);
        expect(objects.flatMap((object) => crds.complaints(object))).toEqual([]);
    });

    it("are those that the gate after the chart waits for", async () => {
        const l2 = meshOf(version, ({ cilium, clusters: { east } }) => {
            cilium.egressGateway = true;
            east.loadBalancer = { provider: "lb-ipam", pools: nearPools };
            east.announce = { mode: "l2" };
        });
        const bgp = meshOf(version, ({ clusters: { east } }) => {
            east.loadBalancer = { provider: "lb-ipam", pools: farPools };
            east.announce = bgpWithEverything;
        });
        const names: string[] = [];
        for (const one of [l2, bgp]) names.push(...gateOf(await deployed(one), "east-cilium-ready").crds);
        expect(names).toHaveLength(3 + 5);
        expect(crds.names).toEqual(expect.arrayContaining(names));
    });

    it("would refuse a field that they do not have", () => {
        const apiVersion = minorOf(version) >= 18 ? "cilium.io/v2" : "cilium.io/v2alpha1";
        const pool = {
            apiVersion,
            kind: "CiliumLoadBalancerIPPool",
            metadata: { name: "mesh" },
            spec: { blocks: [{ cidr: "10.0.0.0/24" }], autoAssign: true },
        };
        expect(crds.complaints(pool)).toEqual([
            'CiliumLoadBalancerIPPool mesh/spec must NOT have additional properties {"additionalProperty":"autoAssign"}',
        ]);
    });
});
