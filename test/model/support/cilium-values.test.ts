import { describe, expect, it } from "vitest";

import type { JsonValue } from "../../../model/resolved.ts";
import { isKnownValue, valuesProblems } from "../../../model/support/cilium-values.ts";

/** The problems of some values, each on one line. */
function problems(values: Record<string, JsonValue>, version = "1.19.6"): string[] {
    return valuesProblems(values, version, "v").map(({ path, rule, fix }) => `${path} ${rule}; ${fix}`);
}

describe("valuesProblems", () => {
    it("finds nothing wrong with nothing, and with what is the user's", () => {
        expect(problems({})).toEqual([]);
        expect(
            problems({
                loadBalancer: { l7: { backend: "envoy" }, serviceTopology: true },
                maglev: { hashSeed: "JLfvgnHc2kaSUFaI" },
                bandwidthManager: { bbrHostNamespaceOnly: true },
                operator: { tolerations: [], nodeSelector: { "node-role.kubernetes.io/control-plane": "" } },
                prometheus: { enabled: true, serviceMonitor: { enabled: true } },
                hubble: { relay: { replicas: 2 }, metrics: { serviceMonitor: { enabled: true } } },
            }),
        ).toEqual([]);
    });

    it.each([
        [
            "cluster",
            { cluster: { id: 7 } },
            "the cluster's key under clusters is its name; write its number as id",
        ],
        ["routingMode", { routingMode: "native" }, "describe it under cilium.routing"],
        ["bpf.masquerade", { bpf: { masquerade: true } }, "write cilium.masquerade"],
        [
            "loadBalancer.mode",
            { loadBalancer: { mode: "dsr" } },
            "describe it under cilium.serviceLoadBalancing",
        ],
        ["maglev.tableSize", { maglev: { tableSize: 251 } }, "describe it under cilium.serviceLoadBalancing"],
        [
            "bandwidthManager.enabled",
            { bandwidthManager: { enabled: true } },
            "describe it under cilium.bandwidthManager",
        ],
        ["devices", { devices: ["eth0"] }, "write cilium.devices"],
        ["nat46x64Gateway.enabled", { nat46x64Gateway: { enabled: true } }, "write cilium.nat46x64"],
        ["ipam.mode", { ipam: { mode: "kubernetes" } }, "write cilium.ipam"],
        ["encryption.enabled", { encryption: { enabled: true } }, "describe it under cilium.encryption"],
        ["hubble.enabled", { hubble: { enabled: true } }, "describe it under cilium.hubble"],
        [
            "clustermesh.apiserver.service.type",
            { clustermesh: { apiserver: { service: { type: "NodePort" } } } },
            "describe it under meshApi",
        ],
        [
            "clustermesh.config",
            { clustermesh: { config: { clusters: [] } } },
            "the description of the mesh decides it: see mesh, cilium and meshApi",
        ],
        [
            "clustermesh.config.domain",
            { clustermesh: { config: { domain: "mesh.example.net" } } },
            "write mesh.domains",
        ],
        [
            "kubeProxyReplacement",
            { kubeProxyReplacement: false },
            "leave it out: nodes run without kube-proxy, and reach the API at localhost:6443 with RKE2, or else at apiAddress",
        ],
        [
            "clustermesh.apiserver.tls",
            { clustermesh: { apiserver: { tls: { auto: { method: "cronJob" } } } } },
            "leave it out: certificates come from the mesh's CA; who makes them is certificates.method, and their lives are described there too",
        ],
        [
            "certgen.generateCA",
            { certgen: { generateCA: true } },
            "leave it out: certificates come from the mesh's CA; who makes them is certificates.method, and their lives are described there too",
        ],
    ])("leaves %s to the mesh", (path, values, fix) => {
        expect(problems(values)).toEqual([`v.${path} is a chart value that the mesh owns; ${fix}`]);
    });

    it.each<[string, Record<string, JsonValue>]>([
        ["the mesh API's resources", { clustermesh: { apiserver: { resources: { limits: { cpu: "1" } } } } }],
        ["its tolerations", { clustermesh: { apiserver: { tolerations: [{ operator: "Exists" }] } } }],
        ["its Service's labels", { clustermesh: { apiserver: { service: { labels: { a: "b" } } } } }],
        ["the CRDs of the MCS API", { clustermesh: { mcsapi: { installCRDs: false } } }],
        ["the size of a node's range", { ipam: { operator: { clusterPoolIPv4MaskSize: 25 } } }],
        ["WireGuard's keepalive", { encryption: { wireguard: { persistentKeepalive: "25s" } } }],
        [
            "strict encryption of what comes in",
            { encryption: { strictMode: { ingress: { enabled: true } } } },
        ],
        ["the Secrets of policies", { tls: { secretSync: { enabled: true } } }],
        ["the rollout of changes", { rollOutCiliumPods: false, operator: { rollOutPods: false } }],
    ])("leaves %s to the user, though the mesh owns what is beside it", (_, values) => {
        expect(problems(values)).toEqual([]);
    });

    it("never repeats a value: it may be a key", () => {
        const found = valuesProblems(
            {
                tls: { ca: { key: "c2VjcmV0" } },
                hubble: { relay: { tls: { server: { key: "c2VjcmV0" } } } },
                ipsecKey: "c2VjcmV0",
            },
            "1.19.6",
            "v",
        );
        expect(found.map(({ path }) => path)).toEqual([
            "v.tls.ca",
            "v.hubble.relay.tls.server.key",
            "v.ipsecKey",
        ]);
        expect(JSON.stringify(found)).not.toContain("c2VjcmV0");
    });

    it("keeps a map that holds what the mesh owns from being replaced", () => {
        expect(problems({ hubble: null, ipam: "kubernetes", operator: [] })).toEqual([
            "v.hubble is a map that holds hubble.enabled, which the mesh owns: it cannot be replaced as a whole; write the keys that are to change",
            "v.ipam is a map that holds ipam.mode, which the mesh owns: it cannot be replaced as a whole; write the keys that are to change",
            "v.operator is a map that holds operator.enabled, which the mesh owns: it cannot be replaced as a whole; write the keys that are to change",
        ]);
    });

    it("names a key that no version has, once, with the one that was meant", () => {
        expect(problems({ hubbel: { relay: { enabled: true }, ui: {} } })).toEqual([
            "v.hubbel is no chart value of Cilium 1.19, which would ignore it without a word; take it out; did you mean hubble?",
        ]);
        expect(problems({ prometheus: { serviceMonitor: { entirelyOther: 1 } } })).toEqual([
            "v.prometheus.serviceMonitor.entirelyOther is no chart value of Cilium 1.19, which would ignore it without a word; take it out",
        ]);
    });

    it("takes a path in one key for what Helm takes it: an unknown key", () => {
        expect(problems({ "hubble.relay.replicas": 2 })).toHaveLength(1);
    });

    it("says which versions know a key that this one ignores", () => {
        expect(problems({ nodePort: { enabled: true } }, "1.20.2")).toEqual([
            "v.nodePort.enabled is no chart value of Cilium 1.20, which would ignore it without a word; 1.16 to 1.18 have it; take it out: replacing kube-proxy includes it",
        ]);
        expect(problems({ l2podAnnouncements: { interfacePattern: "eth.*" } }, "1.16.19")).toEqual([
            "v.l2podAnnouncements.interfacePattern is no chart value of Cilium 1.16, which would ignore it without a word; 1.18 to 1.20 have it; take it out, or use Cilium 1.18 or later",
        ]);
        expect(problems({ bgp: { enabled: true } }, "1.17.18")).toEqual([
            "v.bgp is no chart value of Cilium 1.17, which would ignore it without a word; 1.16 alone has it; describe it under loadBalancer and announce",
        ]);
    });

    it.each(["tunnel", "enableCnpStatusUpdates", "endpointStatus", "remoteNodeIdentity"])(
        "does not know %s, which the charts refuse",
        (key) => {
            expect(problems({ [key]: true })).toHaveLength(1);
        },
    );

    it("looks only for what the mesh owns where the version itself is unknown", () => {
        expect(problems({ hubbel: 1, routingMode: "native" }, "1.21.0")).toEqual([
            "v.routingMode is a chart value that the mesh owns; describe it under cilium.routing",
        ]);
    });
});

describe("isKnownValue", () => {
    it.each<[string, number[]]>([
        ["kubeProxyReplacement", [16, 17, 18, 19, 20]],
        ["defaultLBServiceIPAM", [17, 18, 19, 20]],
        ["clustermesh.policyDefaultLocalCluster", [18, 19, 20]],
        ["clustermesh.cacheTTL", [19, 20]],
        ["clustermesh.mcsapi.enabled", [19, 20]],
        ["clustermesh.defaultGlobalNamespace", [20]],
        ["clustermesh.enableMCSAPISupport", [16, 17, 18, 19]],
        ["clustermesh.apiserver.tls.enableSecrets", [16, 17, 18, 19]],
        ["clustermesh.apiserver.tls.authMode", [16, 17, 18, 19, 20]],
        ["encryption.strictMode.cidr", [16, 17, 18, 19]],
        ["encryption.strictMode.egress.cidr", [19, 20]],
        ["hubble.export.fileMaxSizeMb", [16, 17, 18, 19, 20]],
        ["operator.resources.limits.cpu", [16, 17, 18, 19, 20]],
        ["operator.securityContext.anything", [16, 17, 18, 19, 20]],
        ["operator.replicas.below", []],
        ["constructor", []],
        ["", []],
    ])("knows in which minor versions %s is read", (path, minors) => {
        const found = [15, 16, 17, 18, 19, 20, 21].filter((minor) => isKnownValue(path.split("."), minor));
        expect(found).toEqual(minors);
    });

    it.each(["bpf-lb-mode", "bpf-lb-maglev-table-size", "devices", "enable-bbr", "enable-nat46x64-gateway"])(
        "finds %s among the agents' own options, which would have the last word",
        (option) => {
            const fix = "take it out, and write the option of the description instead";
            expect(problems({ extraConfig: { [option]: "x" }, extraArgs: [`--${option}=x`] })).toEqual([
                `v.extraConfig.${option} sets ${option}, which the mesh owns; ${fix}`,
                `v.extraArgs[0] sets ${option}, which the mesh owns; ${fix}`,
            ]);
        },
    );
});
