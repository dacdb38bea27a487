import { describe, expect, it } from "vitest";

import { clustersetConfig } from "../../../components/dns/clusterset-config.ts";
import { ClustersetDns } from "../../../components/dns/clusterset-dns.ts";
import { get, made, refused, waitsFor } from "../announcing/program.ts";

const gatekeeper = { ssh: { host: "192.168.10.11" } };

const dns = (rke2Version: string) => made(() => new ClustersetDns("east-dns", { rke2Version, gatekeeper }));

describe("a DNS that answers for clusterset.local", async () => {
    const resources = await dns("v1.35.7+rke2r1");

    it("is a right, a kind that is waited for, a configuration, and a gate", () => {
        expect([...resources.values()].map(({ type, name }) => `${type} ${name}`)).toEqual([
            "multicluster:dns:ClustersetDns east-dns",
            "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole east-dns-role",
            "command:remote:Command east-dns-kind",
            "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding east-dns-binding",
            "kubernetes:helm.cattle.io/v1:HelmChartConfig east-dns-config",
            "command:remote:Command east-dns-ready",
        ]);
    });

    it("may read what is imported, and may so for as long as the cluster is there", () => {
        expect(get(resources, "east-dns-role")).toMatchObject({
            retainOnDelete: true,
            inputs: {
                metadata: { name: "multicluster-coredns" },
                rules: [
                    {
                        apiGroups: ["multicluster.x-k8s.io"],
                        resources: ["serviceimports"],
                        verbs: ["list", "watch"],
                    },
                ],
            },
        });
        expect(get(resources, "east-dns-binding")).toMatchObject({
            retainOnDelete: true,
            inputs: {
                metadata: { name: "multicluster-coredns" },
                roleRef: {
                    apiGroup: "rbac.authorization.k8s.io",
                    kind: "ClusterRole",
                    name: "multicluster-coredns",
                },
                subjects: [{ kind: "ServiceAccount", name: "coredns", namespace: "kube-system" }],
            },
        });
    });

    it("is told so by RKE2's chart, once it may read and there is something to read", () => {
        const { object } = clustersetConfig({ chart: "1.46.201", coredns: "1.14.6" }, "kube-system");
        const config = get(resources, "east-dns-config");
        expect(config.inputs).toEqual(object);
        expect(config.retainOnDelete).not.toBe(true);
        expect(waitsFor(config)).toEqual(["east-dns-binding", "east-dns-kind"]);
        expect(conditionsOf("east-dns-kind")).toEqual(["crd serviceimports.multicluster.x-k8s.io"]);
    });

    it("is there once CoreDNS has rolled out with it", () => {
        const { mark } = clustersetConfig({ chart: "1.46.201", coredns: "1.14.6" }, "kube-system");
        expect(waitsFor(get(resources, "east-dns-ready"))).toEqual(["east-dns-config"]);
        expect(conditionsOf("east-dns-ready")).toEqual([
            `deployed kube-system rke2-coredns-rke2-coredns 1.14.6 ${mark} rke2-coredns`,
            "rollout deployment kube-system rke2-coredns-rke2-coredns",
        ]);
    });

    function conditionsOf(gate: string): string[] {
        const { stdin } = get(resources, gate).inputs;
        return /^CONDITIONS='([^']*)'$/m.exec(typeof stdin === "string" ? stdin : "")?.[1]?.split("\n") ?? [];
    }
});

it.each(["v1.33.1+rke2r1", "v1.35.99+rke2r1", ""])("is refused for RKE2 %j", async (rke2Version) => {
    expect(await refused(() => new ClustersetDns("east-dns", { rke2Version, gatekeeper }))).toBe(
        [
            "ClustersetDns east-dns: 1 problem",
            `✖ rke2Version = ${JSON.stringify(rke2Version)}`,
            "    must be a release that is known to bring CoreDNS 1.12.2 or later",
            "    fix: use one of model/support/rke2-coredns.ts",
        ].join("\n"),
    );
});
