import { expect, it } from "vitest";
import { z } from "zod";

import { bgpWithEverything, farPools, nearPools, severalBgp } from "./announcements.ts";
import { inEveryVersion } from "./every-version.ts";
import type { Manifest } from "./manifest.ts";

const role = z.looseObject({
    rules: z.array(
        z.looseObject({
            apiGroups: z.array(z.string()).default([]),
            resources: z.array(z.string()).default([]),
            verbs: z.array(z.string()),
        }),
    ),
});

const metadataOf = z.looseObject({ metadata: z.looseObject({ namespace: z.string() }) });

/** What a role may do with a resource. */
function verbs(manifest: Manifest, kind: "Role" | "ClusterRole", name: string, resource: string): string[] {
    return role
        .parse(manifest.one(kind, name))
        .rules.filter(({ resources }) => resources.includes(resource))
        .flatMap((rule) => rule.verbs);
}

inEveryVersion(
    "with LB-IPAM by L2",
    (mesh) => {
        mesh.clusters.east.loadBalancer = { provider: "lb-ipam", pools: nearPools };
    },
    (get) => {
        it("asks LB-IPAM for the mesh API's address", () => {
            const { metadata, spec } = get().manifest.service("clustermesh-apiserver");
            expect(metadata.annotations).toEqual({ "lbipam.cilium.io/ips": "192.168.10.200" });
            expect(spec.type).toBe("LoadBalancer");
            expect(spec).not.toHaveProperty("loadBalancerClass");
        });

        it("announces by L2 with enough requests to the API, and the right to hold leases", () => {
            const { config, manifest } = get();
            expect(config).toMatchObject({
                "enable-l2-announcements": "true",
                "k8s-client-qps": "50",
                "k8s-client-burst": "100",
            });
            expect(config["enable-bgp-control-plane"] ?? "false").toBe("false");
            expect(verbs(manifest, "ClusterRole", "cilium", "leases")).toEqual(
                expect.arrayContaining(["create", "get", "update", "list", "delete"]),
            );
        });

        it("serves Services without a class", () => {
            expect(get().config["default-lb-service-ipam"] ?? "lbipam").toBe("lbipam");
            expect(get().config["enable-lb-ipam"] ?? "true").toBe("true");
        });
    },
);

inEveryVersion(
    "with LB-IPAM by BGP",
    (mesh) => {
        mesh.clusters.east.loadBalancer = { provider: "lb-ipam", pools: farPools };
        mesh.clusters.east.announce = {
            ...bgpWithEverything,
            advertise: ["LoadBalancerIP", "ClusterIP", "PodCIDR"],
        };
    },
    (get) => {
        it("speaks BGP, and for ClusterIPs too", () => {
            const { config } = get();
            expect(config).toMatchObject({
                "enable-bgp-control-plane": "true",
                "bpf-lb-external-clusterip": "true",
            });
            expect(config["enable-l2-announcements"] ?? "false").toBe("false");
            expect(config["default-lb-service-ipam"] ?? "lbipam").toBe("lbipam");
        });

        it("may read the passwords of neighbours where the program puts them", () => {
            const { config, manifest, deployment } = get();
            const below = deployment.below(
                deployment.one("multicluster:announcing:BgpControlPlane", "east-bgp").urn,
            );
            const secrets = below.filter(({ type }) => type === "kubernetes:core/v1:Secret");
            const namespace = config["bgp-secrets-namespace"];
            expect(secrets.map(({ inputs }) => metadataOf.parse(inputs).metadata.namespace)).toEqual([
                namespace,
            ]);
            const name = "cilium-bgp-control-plane-secrets";
            expect(manifest.one("Role", name).metadata).toMatchObject({ namespace });
            expect(verbs(manifest, "Role", name, "secrets")).toEqual(
                expect.arrayContaining(["get", "list", "watch"]),
            );
        });
    },
);

inEveryVersion(
    "with LB-IPAM by L2, quick leases for many Services and a shared address",
    (mesh) => {
        mesh.clusters.east.loadBalancer = { provider: "lb-ipam", pools: nearPools };
        mesh.clusters.east.announce = {
            mode: "l2",
            lease: { durationSeconds: 3, renewDeadlineSeconds: 2, retryPeriodSeconds: 1 },
            services: 1000,
        };
        mesh.clusters.east.meshApi = { type: "LoadBalancer", sharing: { key: "mesh", namespaces: ["web"] } };
    },
    (get) => {
        it("renews leases in time, and asks the API as often as that needs", () => {
            expect(get().config).toMatchObject({
                "enable-l2-announcements": "true",
                "l2-announcements-lease-duration": "3s",
                "l2-announcements-renew-deadline": "2s",
                "l2-announcements-retry-period": "1s",
                "k8s-client-qps": "510",
                "k8s-client-burst": "1020",
            });
        });

        it("lets others answer at the mesh API's address", () => {
            expect(get().manifest.service("clustermesh-apiserver").metadata.annotations).toEqual({
                "lbipam.cilium.io/ips": "192.168.10.200",
                "lbipam.cilium.io/sharing-key": "mesh",
                "lbipam.cilium.io/sharing-cross-namespace": "web",
            });
        });
    },
);

inEveryVersion(
    "with LB-IPAM by BGP, several instances and advertisements",
    (mesh, minor) => {
        mesh.clusters.east.loadBalancer = { provider: "lb-ipam", pools: farPools };
        mesh.clusters.east.announce = severalBgp(minor);
    },
    (get, minor) => {
        it("speaks BGP, for ClusterIPs too, and takes identifiers from the range where it can", () => {
            const { config } = get();
            expect(config).toMatchObject({
                "enable-bgp-control-plane": "true",
                "bpf-lb-external-clusterip": "true",
            });
            expect([
                config["bgp-router-id-allocation-mode"],
                config["bgp-router-id-allocation-ip-pool"],
            ]).toEqual(minor >= 18 ? ["ip-pool", "10.255.0.0/28"] : [undefined, undefined]);
        });
    },
);

inEveryVersion(
    "with MetalLB by BGP",
    (mesh) => {
        mesh.clusters.east.loadBalancer = { provider: "metallb", pools: farPools };
        mesh.clusters.east.announce = bgpWithEverything;
    },
    (get, minor) => {
        it("leaves Services and the one session with the router to MetalLB", () => {
            const { config } = get();
            expect(config["enable-bgp-control-plane"] ?? "false").toBe("false");
            expect(config["enable-l2-announcements"] ?? "false").toBe("false");
            // Before, LB-IPAM does nothing without a pool of its own.
            expect(config["default-lb-service-ipam"]).toBe(minor >= 17 ? "none" : undefined);
        });
    },
);

inEveryVersion(
    "while moving from MetalLB to LB-IPAM",
    (mesh, minor) => {
        // 1.16 cannot leave Services without a class to MetalLB.
        if (minor === 16)
            Object.assign(mesh.clusters.east.loadBalancer, { loadBalancerClass: "a.example/b" });
        mesh.clusters.east.nextLoadBalancer = {
            loadBalancer: { provider: "lb-ipam", pools: { next: farPools.mesh } },
            announce: bgpWithEverything,
        };
    },
    (get, minor) => {
        it("speaks BGP beside MetalLB, which keeps its Services", () => {
            const { config, manifest } = get();
            expect(config["enable-bgp-control-plane"]).toBe("true");
            expect(config["bpf-lb-external-clusterip"]).toBe("false");
            expect(config["default-lb-service-ipam"]).toBe(minor >= 17 ? "none" : undefined);
            expect(manifest.service("clustermesh-apiserver").metadata.annotations).toEqual({
                "metallb.io/loadBalancerIPs": "192.168.10.200",
            });
        });
    },
);

inEveryVersion(
    "while moving from LB-IPAM to MetalLB",
    (mesh) => {
        mesh.clusters.east.loadBalancer = { provider: "lb-ipam", pools: nearPools };
        mesh.clusters.east.nextLoadBalancer = {
            loadBalancer: {
                provider: "metallb",
                loadBalancerClass: "metallb.io/metallb",
                pools: { next: ["192.168.10.220-192.168.10.229"] },
            },
            announce: { mode: "l2" },
        };
    },
    (get) => {
        it("keeps Services without a class, the mesh API's among them", () => {
            const { config, manifest } = get();
            expect(config["default-lb-service-ipam"] ?? "lbipam").toBe("lbipam");
            const { metadata, spec } = manifest.service("clustermesh-apiserver");
            expect(metadata.annotations).toEqual({ "lbipam.cilium.io/ips": "192.168.10.200" });
            expect(spec).not.toHaveProperty("loadBalancerClass");
        });
    },
);
