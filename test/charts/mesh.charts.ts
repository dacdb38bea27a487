import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { highlyAvailable, oneCluster } from "../support/mesh.ts";
import { inEveryVersion, type RenderedCluster } from "./every-version.ts";

const connection = z.object({ endpoints: z.array(z.url()).length(1) });

/** Where each other cluster's mesh API is asked. */
function endpoints({ manifest }: RenderedCluster): Record<string, string> {
    return Object.fromEntries(
        Object.entries(manifest.secret("cilium-kvstoremesh")).map(([name, text]) => [
            name,
            connection.parse(parse(text)).endpoints.join(),
        ]),
    );
}

/** Names and addresses in the certificate that a cluster's mesh API shows. */
function certified({ deployment }: RenderedCluster, cluster: string): string[] {
    const { inputs } = deployment.one(
        "tls:index/certRequest:CertRequest",
        `${cluster}-certificates-server-request`,
    );
    const { ipAddresses, dnsNames } = z
        .object({ ipAddresses: z.array(z.string()), dnsNames: z.array(z.string()) })
        .parse(inputs);
    return [...ipAddresses, ...dnsNames];
}

inEveryVersion(
    "by MetalLB's load balancer",
    () => undefined,
    (get, minor) => {
        it("answers other clusters at the chosen address", () => {
            const { metadata, spec } = get().manifest.service("clustermesh-apiserver");
            expect(metadata.annotations).toEqual({ "metallb.io/loadBalancerIPs": "192.168.10.200" });
            expect(spec).toMatchObject({
                type: "LoadBalancer",
                externalTrafficPolicy: "Cluster",
                ports: [{ port: 2379 }],
            });
            expect(spec).not.toHaveProperty("loadBalancerClass");
            expect(spec).not.toHaveProperty("loadBalancerSourceRanges");
        });

        it("has the labels that the program's rules and pools go by", () => {
            expect(get().manifest.service("clustermesh-apiserver").metadata).toMatchObject({
                labels: {
                    "k8s-app": "clustermesh-apiserver",
                    "app.kubernetes.io/part-of": "cilium",
                    "app.kubernetes.io/name": "clustermesh-apiserver",
                },
            });
        });

        it("asks the other cluster at the address that its certificate names, through its own cache", () => {
            const rendered = get();
            expect(endpoints(rendered)).toEqual({ west: "https://192.168.20.200:2379" });
            expect(certified(rendered, "west")).toContain("192.168.20.200");
            expect(rendered.manifest.secret("cilium-clustermesh")["west"]).toContain(
                "https://clustermesh-apiserver.kube-system.svc:2379",
            );
            expect(certified(rendered, "east")).toContain("clustermesh-apiserver.kube-system.svc");
        });

        it("runs one mesh API, which needs no budget", () => {
            const { manifest } = get();
            expect(manifest.workload("Deployment", "clustermesh-apiserver").spec.replicas).toBe(1);
            expect(manifest.names("PodDisruptionBudget")).not.toContain("clustermesh-apiserver");
        });

        it("leaves what the version does not have, or has off", () => {
            const { config } = get();
            expect(config).toMatchObject({
                "clustermesh-enable-endpoint-sync": "false",
                "clustermesh-enable-mcs-api": "false",
            });
            expect(config["policy-default-local-cluster"]).toBe(
                { 18: "false", 19: "true", 20: "true" }[minor],
            );
            expect(config["clustermesh-cache-ttl"]).toBe(minor >= 19 ? "0s" : undefined);
        });

        it("knows the other cluster by its name too from 1.19 on", () => {
            const { manifest } = get();
            if (minor >= 19) expect(users(get())).toEqual(["remote-west"]);
            else expect(manifest.names("ConfigMap")).not.toContain("clustermesh-remote-users");
        });
    },
);

function users({ manifest }: RenderedCluster): string[] {
    const text = manifest.configMap("clustermesh-remote-users")["users.yaml"] ?? "";
    const file = z.object({
        users: z.array(z.object({ name: z.string(), role: z.literal("remote") })).nullable(),
    });
    return (file.parse(parse(text)).users ?? []).map(({ name }) => name);
}

inEveryVersion(
    "with everything that the version has",
    (mesh, minor) => {
        Object.assign(mesh, { clusters: highlyAvailable().clusters });
        mesh.clusters["north"] = oneCluster(3, "north");
        for (const { loadBalancer } of Object.values(mesh.clusters)) {
            Object.assign(loadBalancer, { loadBalancerClass: "example.net/fabric" });
        }
        mesh.clusters.east.meshApi = {
            type: "LoadBalancer",
            replicas: 3,
            address: "192.168.10.207",
            annotations: { "example.net/owner": "network" },
            ...(minor >= 17 ? { sourceRanges: ["192.168.0.0/16", "10.0.0.0/8"] } : {}),
        };
        Object.assign(mesh.cilium, {
            authMode: "cluster",
            endpointSliceSynchronization: true,
            mcsApi: true,
            ...(minor >= 18 ? { policyDefaultLocalCluster: minor === 18 } : {}),
            ...(minor >= 19 ? { cacheTTL: "10m" } : {}),
        });
    },
    (get, minor) => {
        it("answers at the named address, to whom may ask, by the load balancer of its class", () => {
            const { metadata, spec } = get().manifest.service("clustermesh-apiserver");
            expect(metadata.annotations).toEqual({
                "example.net/owner": "network",
                "metallb.io/loadBalancerIPs": "192.168.10.207",
            });
            expect(spec.loadBalancerClass).toBe("example.net/fabric");
            expect(spec.loadBalancerSourceRanges).toEqual(
                minor >= 17 ? ["192.168.0.0/16", "10.0.0.0/8"] : undefined,
            );
        });

        it("asks every other cluster at an address that its certificate names", () => {
            const rendered = get();
            expect(endpoints(rendered)).toEqual({
                north: "https://192.168.30.200:2379",
                west: "https://192.168.20.200:2379",
            });
            expect(certified(rendered, "north")).toContain("192.168.30.200");
            expect(certified(rendered, "east")).toContain("192.168.10.207");
        });

        it("runs three mesh APIs on different nodes, two of them at any time", () => {
            const { manifest } = get();
            const { spec } = manifest.workload("Deployment", "clustermesh-apiserver");
            expect(spec.replicas).toBe(3);
            // The chart's own, which keeps it on a node that runs out of memory.
            expect(spec.template.spec["priorityClassName"]).toBe("system-cluster-critical");
            expect(spec.template.spec.topologySpreadConstraints).toMatchObject([
                {
                    maxSkew: 1,
                    topologyKey: "kubernetes.io/hostname",
                    whenUnsatisfiable: "ScheduleAnyway",
                    labelSelector: { matchLabels: { "k8s-app": "clustermesh-apiserver" } },
                },
            ]);
            expect(manifest.one("PodDisruptionBudget", "clustermesh-apiserver")).toMatchObject({
                spec: {
                    maxUnavailable: 1,
                    selector: { matchLabels: { "k8s-app": "clustermesh-apiserver" } },
                },
            });
        });

        it("knows every other cluster by its name", () => {
            // In 1.16 its own nodes ask its mesh API as other clusters do.
            const own = minor === 16 ? ["remote-east"] : [];
            expect(users(get()).sort()).toEqual([...own, "remote-north", "remote-west"]);
        });

        it("turns on what else crosses clusters", () => {
            const { config } = get();
            expect(config).toMatchObject({
                "clustermesh-enable-endpoint-sync": "true",
                "clustermesh-enable-mcs-api": "true",
            });
            expect(config["policy-default-local-cluster"]).toBe(
                { 18: "true", 19: "false", 20: "false" }[minor],
            );
            expect(config["clustermesh-cache-ttl"]).toBe(minor >= 19 ? "10m" : undefined);
        });
    },
);

inEveryVersion(
    "by node ports",
    (mesh) => {
        Object.assign(mesh, { clusters: highlyAvailable().clusters });
        mesh.clusters.east.meshApi = { type: "NodePort" };
        mesh.clusters.west.meshApi = { type: "NodePort", nodePort: 32380 };
    },
    (get, minor) => {
        it("answers at the same port of every node", () => {
            const { metadata, spec } = get().manifest.service("clustermesh-apiserver");
            expect(spec).toMatchObject({ type: "NodePort", ports: [{ port: 2379, nodePort: 32379 }] });
            expect(metadata.annotations).toEqual({});
        });

        it("asks the other cluster's servers, by a name that their certificate holds", () => {
            const rendered = get();
            expect(endpoints(rendered)).toEqual({ west: "https://west.mesh.cilium.io:32380" });
            expect(certified(rendered, "west")).toContain("*.mesh.cilium.io");
            const { spec } = rendered.manifest.workload("Deployment", "clustermesh-apiserver");
            const addresses = spec.template.spec.hostAliases.map(({ ip, hostnames }) => [ip, ...hostnames]);
            const aliases = [
                ["192.168.20.11", "west.mesh.cilium.io"],
                ["192.168.20.12", "west.mesh.cilium.io"],
                ["192.168.20.13", "west.mesh.cilium.io"],
            ];
            expect(addresses).toEqual(minor >= 20 ? [] : aliases);
            expect(aliasesIn(rendered)).toEqual(minor >= 20 ? aliases : []);
        });
    },
);

/** What the mesh API's own reader of addresses finds, as the pods' hosts file would have it. */
function aliasesIn({ manifest }: RenderedCluster): string[][] {
    const alias = z.object({ hostname: z.string(), ips: z.array(z.string()) });
    const read = z.object({ "cilium-host-aliases": z.array(alias).default([]) });
    return Object.values(manifest.secret("cilium-kvstoremesh")).flatMap((text) =>
        read
            .parse(parse(text))
            ["cilium-host-aliases"].flatMap(({ hostname, ips }) => ips.map((ip) => [ip, hostname])),
    );
}

inEveryVersion(
    "in a domain of the mesh's own",
    (mesh) => {
        Object.assign(mesh, { clusters: highlyAvailable().clusters });
        mesh.mesh = { topology: "full", domains: ["mesh.example.net", "old.example.net"] };
        mesh.clusters["north"] = oneCluster(3, "north");
        mesh.clusters.west.meshApi = { type: "NodePort", nodePort: 32380 };
    },
    (get, minor) => {
        it("asks who has several addresses by a name in it, that its certificate holds", () => {
            const rendered = get();
            expect(endpoints(rendered)).toEqual({
                north: "https://192.168.30.200:2379",
                west: "https://west.mesh.example.net:32380",
            });
            const { spec } = rendered.manifest.workload("Deployment", "clustermesh-apiserver");
            const inPods = spec.template.spec.hostAliases.map(({ ip, hostnames }) => [ip, ...hostnames]);
            const aliases = [11, 12, 13].map((n) => [`192.168.20.${n}`, "west.mesh.example.net"]);
            expect(inPods).toEqual(minor >= 20 ? [] : aliases);
            expect(aliasesIn(rendered)).toEqual(minor >= 20 ? aliases : []);
        });

        it("is certified in it, in the one before, and in the chart's own, in every cluster", () => {
            for (const name of ["east", "west", "north"]) {
                expect(certified(get(), name)).toEqual(
                    expect.arrayContaining(["*.mesh.cilium.io", "*.mesh.example.net", "*.old.example.net"]),
                );
            }
        });

        it("has no name in the chart's own domain where others are asked", () => {
            const { manifest } = get();
            const asking = [
                manifest.secret("cilium-kvstoremesh"),
                manifest.secret("cilium-clustermesh"),
                manifest.workload("Deployment", "clustermesh-apiserver"),
                manifest.workload("Deployment", "cilium-operator"),
                manifest.workload("DaemonSet", "cilium"),
            ];
            expect(JSON.stringify(asking)).not.toContain("mesh.cilium.io");
        });
    },
);

inEveryVersion(
    "by a name of the user's DNS",
    (mesh) => {
        Object.assign(mesh, { clusters: highlyAvailable().clusters });
        mesh.clusters["north"] = oneCluster(3, "north");
        mesh.clusters.west.meshApi = {
            type: "NodePort",
            nodePort: 32380,
            names: ["mesh.west.example.net", "old.west.example.net"],
        };
        mesh.clusters["north"].meshApi = { type: "LoadBalancer", names: ["mesh.north.example.net"] };
    },
    (get) => {
        it("asks the other clusters by the first name, which stands in no pod", () => {
            const rendered = get();
            expect(endpoints(rendered)).toEqual({
                north: "https://mesh.north.example.net:2379",
                west: "https://mesh.west.example.net:32380",
            });
            const { spec } = rendered.manifest.workload("Deployment", "clustermesh-apiserver");
            expect(spec.template.spec.hostAliases).toEqual([]);
            expect(aliasesIn(rendered)).toEqual([]);
        });

        it("finds every name, and every address, in the certificate", () => {
            expect(certified(get(), "west")).toEqual(
                expect.arrayContaining([
                    "mesh.west.example.net",
                    "old.west.example.net",
                    "192.168.20.11",
                    "192.168.20.12",
                    "192.168.20.13",
                ]),
            );
            expect(certified(get(), "north")).toEqual(
                expect.arrayContaining(["mesh.north.example.net", "192.168.30.200"]),
            );
        });
    },
);

inEveryVersion(
    "with hubs, of which this is none",
    (mesh) => {
        mesh.clusters["north"] = oneCluster(3, "north");
        mesh.mesh = { topology: "hubs", hubs: ["west"] };
    },
    (get) => {
        it("knows the hub only", () => {
            expect(Object.keys(endpoints(get()))).toEqual(["west"]);
        });
    },
);

inEveryVersion(
    "still alone",
    (mesh) => {
        Reflect.deleteProperty(mesh.clusters, "west");
    },
    (get, minor) => {
        it("is ready for others", () => {
            const { manifest } = get();
            expect(manifest.names("Deployment")).toContain("clustermesh-apiserver");
            expect(endpoints(get())).toEqual({});
            if (minor >= 19) expect(users(get())).toEqual([]);
        });
    },
);
