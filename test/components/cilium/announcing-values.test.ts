import { describe, expect, it } from "vitest";

import { ciliumValues } from "../../../components/cilium/values.ts";
import type { CiliumArgs } from "../../../components/cilium/cilium.ts";
import { plain, VERSIONS } from "./fixtures.ts";

type Announce = CiliumArgs["loadBalancers"][number]["announce"];

function values(announce: Announce, version = "1.19.6") {
    return ciliumValues(plain(version, { loadBalancers: [{ provider: "lb-ipam", announce }] }));
}

describe("L2 announcements", () => {
    it.each(VERSIONS)("leave the times to the chart of %s, and are enough for 200 Services", (version) => {
        expect(values({ mode: "l2" }, version)).toMatchObject({
            l2announcements: { enabled: true },
            k8sClientRateLimit: { qps: 50, burst: 100 },
        });
        expect(values({ mode: "l2" }, version)["l2announcements"]).toEqual({ enabled: true });
    });

    it("write all times out where one is described", () => {
        expect(values({ mode: "l2", lease: { durationSeconds: 9 } })["l2announcements"]).toEqual({
            enabled: true,
            leaseDuration: "9s",
            leaseRenewDeadline: "5s",
            leaseRetryPeriod: "2s",
        });
    });

    it.each([
        [{ services: 20 }, 14],
        [{ services: 1000 }, 210],
        [{ services: 1001 }, 211],
        [{ lease: { renewDeadlineSeconds: 2, retryPeriodSeconds: 1 } }, 110],
        [{ services: 1000, lease: { durationSeconds: 60, renewDeadlineSeconds: 20 } }, 60],
    ])("may ask the API as often as %j needs", (l2, qps) => {
        expect(values({ mode: "l2", ...l2 })["k8sClientRateLimit"]).toEqual({ qps, burst: 2 * qps });
    });
});

describe("BGP", () => {
    it("takes identifiers of nodes, or of a range", () => {
        expect(values({ mode: "bgp" })["bgpControlPlane"]).toEqual({ enabled: true });
        expect(values({ mode: "bgp", routerIds: "10.255.0.0/24" })["bgpControlPlane"]).toEqual({
            enabled: true,
            routerIDAllocation: { mode: "ip-pool", ipPool: "10.255.0.0/24" },
        });
    });

    it("prepares for ClusterIPs where any advertisement has them", () => {
        const bpf = (advertise: string[]) => values({ mode: "bgp", advertise })["bpf"];
        expect(bpf(["LoadBalancerIP", "ClusterIP"])).toMatchObject({ lbExternalClusterIP: true });
        expect(bpf(["LoadBalancerIP"])).not.toMatchObject({ lbExternalClusterIP: true });
    });
});

describe("the mesh API's address", () => {
    const annotations = (provider: "lb-ipam" | "metallb", namespaces?: string[]) =>
        ciliumValues(
            plain("1.19.6", {
                loadBalancers: [{ provider, announce: { mode: "none" } }],
                meshApi: {
                    type: "LoadBalancer",
                    replicas: 1,
                    address: "192.168.10.200",
                    pool: "mesh",
                    sourceRanges: [],
                    annotations: {},
                    sharing: { key: "mesh", ...(namespaces === undefined ? {} : { namespaces }) },
                    port: 2379,
                },
            }),
        );
    const shared = (of: Record<string, string>) => ({
        clustermesh: { apiserver: { service: { annotations: of } } },
    });

    it("is shared in the way of each load balancer", () => {
        expect(annotations("metallb")).toMatchObject(
            shared({
                "metallb.io/allow-shared-ip": "mesh",
                "metallb.io/loadBalancerIPs": "192.168.10.200",
            }),
        );
        expect(annotations("lb-ipam", ["web", "mail"])).toMatchObject(
            shared({
                "lbipam.cilium.io/sharing-key": "mesh",
                "lbipam.cilium.io/sharing-cross-namespace": "web,mail",
                "lbipam.cilium.io/ips": "192.168.10.200",
            }),
        );
        expect(JSON.stringify(annotations("lb-ipam"))).not.toContain("cross-namespace");
    });
});
