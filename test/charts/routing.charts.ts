import { expect, it } from "vitest";

import { inEveryVersion, meshOf, renderCilium } from "./every-version.ts";
import { render } from "./render.ts";

inEveryVersion(
    "with nothing special",
    () => undefined,
    (get) => {
        it("tunnels IPv4 in VXLAN, hides pods in eBPF, and lets Kubernetes number nodes", () => {
            expect(get().config).toMatchObject({
                "routing-mode": "tunnel",
                "tunnel-protocol": "vxlan",
                "enable-ipv4": "true",
                "enable-ipv6": "false",
                "enable-ipv4-masquerade": "true",
                "enable-ipv6-masquerade": "false",
                "enable-bpf-masquerade": "true",
                "auto-direct-node-routes": "false",
                ipam: "kubernetes",
            });
        });

        it.each([
            "enable-hubble",
            "enable-wireguard",
            "enable-ipsec",
            "enable-bgp-control-plane",
            "enable-l2-announcements",
            "enable-egress-gateway",
            "enable-ipv4-egress-gateway",
            "enable-endpoint-routes",
            "bpf-lb-external-clusterip",
        ])("leaves %s off", (key) => {
            expect(get().config[key] ?? "false").toBe("false");
        });

        it("is rendered the same a second time", async () => {
            const { deployment, cluster, manifest } = get();
            const release = deployment.one("kubernetes:helm.sh/v3:Release", "east-cilium-chart");
            const again = await render(release, cluster.rke2.version);
            expect(again.manifest.text).toBe(manifest.text);
        });

        it("runs two operators, on nodes that wait for them and on servers whatever their taints, not on drained ones", () => {
            const { spec } = get().manifest.workload("Deployment", "cilium-operator");
            expect(spec.replicas).toBe(2);
            const tolerated = spec.template.spec.tolerations.map(({ key, operator }) => `${key} ${operator}`);
            expect([...new Set(tolerated)].sort()).toEqual([
                "CriticalAddonsOnly Exists",
                "node-role.kubernetes.io/control-plane Exists",
                "node-role.kubernetes.io/etcd Exists",
                "node-role.kubernetes.io/master Exists",
                "node.cilium.io/agent-not-ready Exists",
                "node.cloudprovider.kubernetes.io/uninitialized Exists",
                "node.kubernetes.io/not-ready Exists",
            ]);
        });
    },
);

inEveryVersion(
    "with a single node, Geneve, its own node ranges and 511 clusters",
    (mesh) => {
        mesh.clusters.east.agents = {};
        mesh.cilium.routing = { mode: "tunnel", protocol: "geneve" };
        mesh.cilium.ipam = "cluster-pool";
        mesh.mesh = { topology: "full", maxConnectedClusters: 511 };
        mesh.clusters.east.id = 511;
    },
    (get) => {
        it("tunnels in Geneve and takes node ranges from the pod range", () => {
            expect(get().config).toMatchObject({
                "routing-mode": "tunnel",
                "tunnel-protocol": "geneve",
                ipam: "cluster-pool",
                "cluster-pool-ipv4-cidr": "10.10.0.0/16",
                "cluster-pool-ipv4-mask-size": "24",
                "max-connected-clusters": "511",
                "cluster-id": "511",
            });
        });

        it("runs one operator: a second one would find no node", () => {
            expect(get().manifest.workload("Deployment", "cilium-operator").spec.replicas).toBe(1);
        });
    },
);

inEveryVersion(
    "with native routing",
    (mesh) => {
        mesh.cilium.routing = {
            mode: "native",
            ipv4NativeRoutingCIDR: "10.0.0.0/8",
            autoDirectNodeRoutes: true,
            endpointRoutes: true,
        };
        mesh.cilium.masquerade = "iptables";
        mesh.cilium.operatorReplicas = 1;
    },
    (get) => {
        it("routes between nodes and leaves masquerading to iptables", () => {
            const { config } = get();
            expect(config).toMatchObject({
                "routing-mode": "native",
                "ipv4-native-routing-cidr": "10.0.0.0/8",
                "auto-direct-node-routes": "true",
                "enable-endpoint-routes": "true",
                "enable-ipv4-masquerade": "true",
                "enable-ipv6-masquerade": "false",
            });
            expect(config["enable-bpf-masquerade"] ?? "false").toBe("false");
            expect(get().manifest.workload("Deployment", "cilium-operator").spec.replicas).toBe(1);
        });
    },
);

inEveryVersion(
    "with native routing that hides no pod",
    (mesh) => {
        mesh.cilium.routing = { mode: "native", ipv4NativeRoutingCIDR: "10.0.0.0/8" };
        mesh.cilium.masquerade = "none";
    },
    (get) => {
        it("masquerades nowhere", () => {
            const { config } = get();
            expect(config).toMatchObject({
                "enable-ipv4-masquerade": "false",
                "enable-ipv6-masquerade": "false",
                "auto-direct-node-routes": "false",
            });
            expect(config["enable-bpf-masquerade"] ?? "false").toBe("false");
        });
    },
);

inEveryVersion(
    "with an egress gateway",
    (mesh) => {
        mesh.cilium.egressGateway = true;
    },
    (get) => {
        it("turns the gateway on, with the masquerading it needs", () => {
            const { config } = get();
            expect(config["enable-egress-gateway"] ?? config["enable-ipv4-egress-gateway"]).toBe("true");
            expect(config).toMatchObject({
                "enable-bpf-masquerade": "true",
                "enable-ipv4-masquerade": "true",
            });
        });
    },
);

inEveryVersion(
    "first installed with 1.16",
    (mesh) => {
        mesh.cilium.upgradeCompatibility = "1.16";
    },
    (get, minor) => {
        it("keeps what later versions do differently only in new clusters", async () => {
            const fresh = await renderCilium(meshOf(get().cluster.cilium.version));
            const differ = Object.keys({ ...fresh.config, ...get().config }).filter(
                (key) => fresh.config[key] !== get().config[key],
            );
            expect(differ).toEqual([
                ...(minor >= 17 ? ["enable-policy-secrets-sync"] : []),
                ...(minor >= 20 ? ["envoy-xds-mode"] : []),
            ]);
        });
    },
);
