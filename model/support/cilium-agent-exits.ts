/* What makes Cilium's agents exit when they start: see cilium-exits.ts. */
import type { Exit, Facts } from "./cilium-exits.ts";

const tunnels = ({ options: { routing } }: Facts) => routing.mode === "tunnel";
const tunnelsIn =
    (protocol: "vxlan" | "geneve") =>
    ({ options: { routing } }: Facts) =>
        routing.mode === "tunnel" && routing.protocol === protocol;
const usesIpsec = ({ options: { encryption } }: Facts) => encryption.type === "ipsec";
const masqueradesIn =
    (...where: readonly string[]) =>
    ({ options: { masquerade } }: Facts) =>
        where.includes(masquerade);
/** The node of a pod answers clients itself, for TCP at least. */
const answersDirectly = ({ options: { serviceLoadBalancing } }: Facts) =>
    serviceLoadBalancing?.mode === "dsr" || serviceLoadBalancing?.mode === "hybrid";
const usesNetkit = ({ given }: Facts) =>
    ["netkit", "netkit-l2"].some((mode) => given("bpf.datapathMode") === mode);
const bigTcp = (family: "4" | "6"): Exit[] => {
    const path = `values.enableIPv${family}BIGTCP`;
    const asked = ({ on }: Facts) => on(`enableIPv${family}BIGTCP`);
    return [
        {
            path,
            // Later versions ask the kernel whether it can.
            until: 18,
            found: (facts) => asked(facts) && tunnels(facts),
            rule: "does not go with a tunnel before Cilium 1.19",
            fix: "use native routing, or Cilium 1.19 or later and a kernel that can",
        },
        {
            path,
            found: (facts) => asked(facts) && usesIpsec(facts),
            rule: "does not go with IPsec",
            fix: "use WireGuard, or leave it out",
        },
        {
            path,
            found: (facts) => asked(facts) && facts.on("bpf.hostLegacyRouting"),
            rule: "needs eBPF host routing, which bpf.hostLegacyRouting turns off",
            fix: "leave one of them out",
        },
    ];
};

export const AGENT_EXITS: readonly Exit[] = [
    // How Services are balanced: https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/
    {
        path: "serviceLoadBalancing.mode",
        found: (facts) => answersDirectly(facts) && tunnelsIn("vxlan")(facts),
        rule: "does not go with a VXLAN tunnel",
        fix: 'use native routing, or a Geneve tunnel with dispatch "geneve"',
    },
    {
        path: "serviceLoadBalancing.mode",
        found: (facts) =>
            answersDirectly(facts) &&
            tunnelsIn("geneve")(facts) &&
            facts.options.serviceLoadBalancing?.dispatch !== "geneve",
        rule: 'needs dispatch "geneve" in a Geneve tunnel',
        fix: 'set cilium.serviceLoadBalancing.dispatch to "geneve"',
    },
    {
        path: "serviceLoadBalancing.acceleration",
        since: 18,
        found: ({ options: { routing, serviceLoadBalancing }, families }) =>
            ["native", "best-effort"].includes(serviceLoadBalancing?.acceleration ?? "") &&
            routing.mode === "tunnel" &&
            !families.includes("IPv4"),
        rule: "does not go with a tunnel between IPv6 addresses",
        fix: "use native routing, add IPv4 ranges, or leave it out",
    },
    {
        path: "values.bpf.lbModeAnnotation",
        since: 17,
        found: (facts) => facts.on("bpf.lbModeAnnotation") && tunnelsIn("vxlan")(facts),
        rule: "lets Services ask for DSR, which does not go with a VXLAN tunnel",
        fix: 'leave it out, use native routing, or a Geneve tunnel with cilium.serviceLoadBalancing.dispatch "geneve"',
    },
    {
        path: "values.bpf.lbModeAnnotation",
        since: 17,
        // Later versions look at the mode alone.
        until: 19,
        found: (facts) =>
            facts.on("bpf.lbModeAnnotation") &&
            tunnelsIn("geneve")(facts) &&
            facts.options.serviceLoadBalancing?.dispatch !== "geneve",
        rule: 'lets Services ask for DSR, which needs dispatch "geneve" in a Geneve tunnel',
        fix: 'set cilium.serviceLoadBalancing.dispatch to "geneve", or leave it out',
    },
    {
        path: "values.bpf.lbModeAnnotation",
        since: 17,
        found: ({ on, options }) =>
            on("bpf.lbModeAnnotation") && options.serviceLoadBalancing?.mode === "hybrid",
        rule: 'does not go with cilium.serviceLoadBalancing.mode "hybrid"',
        fix: 'use "snat" or "dsr", which Services then differ from',
    },
    // Pods' bandwidth: https://docs.cilium.io/en/stable/network/kubernetes/bandwidth-manager/
    {
        path: "bandwidthManager.bbr",
        found: (facts) =>
            facts.options.bandwidthManager?.bbr === true &&
            masqueradesIn("iptables")(facts) &&
            !facts.on("bandwidthManager.bbrHostNamespaceOnly"),
        rule: 'needs eBPF host routing, and masquerade "iptables" turns that off',
        fix: 'set cilium.masquerade to "bpf", or leave bbr out',
    },
    {
        path: "bandwidthManager.bbr",
        found: (facts) =>
            facts.options.bandwidthManager?.bbr === true &&
            facts.on("bpf.hostLegacyRouting") &&
            !facts.on("bandwidthManager.bbrHostNamespaceOnly"),
        rule: "needs eBPF host routing, which bpf.hostLegacyRouting turns off",
        fix: "leave one of them out",
    },
    {
        path: "values.bandwidthManager.bbrHostNamespaceOnly",
        since: 18,
        found: ({ on, options: { bandwidthManager } }) =>
            on("bandwidthManager.bbrHostNamespaceOnly") &&
            bandwidthManager !== undefined &&
            bandwidthManager.bbr !== true,
        rule: "needs cilium.bandwidthManager.bbr",
        fix: "set cilium.bandwidthManager.bbr to true, or leave it out",
    },
    {
        path: "nat46x64",
        found: ({ options, families }) => options.nat46x64 === true && new Set(families).size < 2,
        rule: "needs pods of both families, and the cluster's speak only one",
        fix: "add ranges of the other family, or leave it out",
    },
    // Encryption: https://docs.cilium.io/en/stable/security/network/encryption-ipsec/
    {
        path: "values.hostFirewall.enabled",
        found: (facts) => facts.on("hostFirewall.enabled") && usesIpsec(facts),
        rule: "does not go with IPsec",
        fix: "use WireGuard, or leave the host firewall off",
    },
    {
        path: "values.dnsProxy.enableTransparentMode",
        found: (facts) =>
            facts.off("dnsProxy.enableTransparentMode") &&
            !facts.off("l7Proxy") &&
            usesIpsec(facts) &&
            !facts.extra("dnsproxy-insecure-skip-transparent-mode-check", "true"),
        rule: "must be true with IPsec",
        fix: "leave it out",
    },
    {
        path: "values.encryption.ipsec.encryptedOverlay",
        until: 18,
        found: (facts) =>
            facts.on("encryption.ipsec.encryptedOverlay") && usesIpsec(facts) && !tunnelsIn("vxlan")(facts),
        rule: "needs a VXLAN tunnel",
        fix: 'set cilium.routing to { mode: "tunnel" }, or leave it out',
    },
    {
        path: "values.encryption.strictMode.ingress.enabled",
        since: 19,
        found: (facts) => facts.on("encryption.strictMode.ingress.enabled") && usesIpsec(facts),
        rule: "does not go with IPsec",
        fix: "use WireGuard, or leave it out",
    },
    {
        path: "values.encryption.strictMode.ingress.enabled",
        since: 19,
        until: 19,
        found: (facts) => facts.on("encryption.strictMode.ingress.enabled") && !tunnels(facts),
        rule: "needs a tunnel before Cilium 1.20",
        fix: "use Cilium 1.20 or later, or leave it out",
    },
    // Where addresses are hidden: https://docs.cilium.io/en/stable/network/concepts/masquerading/
    {
        path: "egressGateway",
        found: (facts) => facts.options.egressGateway && facts.extra("enable-cilium-endpoint-slice", "true"),
        rule: "does not go with CiliumEndpointSlices, which extraConfig turns on",
        fix: "leave one of them off",
    },
    {
        path: "values.ipMasqAgent.enabled",
        found: (facts) => facts.on("ipMasqAgent.enabled") && !masqueradesIn("bpf")(facts),
        rule: "needs eBPF masquerading",
        fix: 'set cilium.masquerade to "bpf", or leave it out',
    },
    {
        path: "values.egressMasqueradeInterfaces",
        found: (facts) =>
            (facts.given("egressMasqueradeInterfaces") ?? "") !== "" && masqueradesIn("bpf")(facts),
        rule: "does not go with eBPF masquerading",
        fix: "write cilium.devices instead",
    },
    {
        path: "values.enableMasqueradeRouteSource",
        found: (facts) => facts.on("enableMasqueradeRouteSource") && masqueradesIn("bpf")(facts),
        rule: "does not go with eBPF masquerading",
        fix: 'set cilium.masquerade to "iptables", or leave it out',
    },
    {
        path: "values.extraConfig.enable-remote-node-masquerade",
        since: 19,
        found: (facts) =>
            facts.extra("enable-remote-node-masquerade", "true") && !masqueradesIn("bpf")(facts),
        rule: "needs eBPF masquerading",
        fix: 'set cilium.masquerade to "bpf", or leave it out',
    },
    // The host's own network.
    ...(
        [
            ["needs native routing", "use it, or leave this out", tunnels],
            [
                "needs pods that speak IPv4",
                "add IPv4 ranges, or leave it out",
                ({ families }) => !families.includes("IPv4"),
            ],
            [
                'does not go with masquerade "iptables"',
                'set cilium.masquerade to "bpf" or "none", or leave it out',
                masqueradesIn("iptables"),
            ],
        ] satisfies [string, string, Exit["found"]][]
    ).map(([rule, fix, stops]): Exit => ({
        path: "values.installNoConntrackIptablesRules",
        // Beside another network plugin the chart leaves it out by itself.
        found: (facts) =>
            facts.on("installNoConntrackIptablesRules") &&
            ["none", undefined].some((mode) => facts.given("cni.chainingMode") === mode) &&
            stops(facts),
        rule,
        fix,
    })),
    {
        path: "values.extraConfig.install-iptables-rules",
        until: 19,
        found: (facts) => facts.extra("install-iptables-rules", "false") && !facts.off("l7Proxy"),
        rule: "must not be false while the proxy for HTTP and DNS is on",
        fix: "leave it out",
    },
    {
        path: "values.extraConfig.install-iptables-rules",
        since: 20,
        found: (facts) => facts.extra("install-iptables-rules", "false"),
        rule: "must not be false where Cilium stands in for kube-proxy",
        fix: "leave it out",
    },
    {
        path: "values.directRoutingSkipUnreachable",
        found: ({ on, options: { routing } }) =>
            on("directRoutingSkipUnreachable") &&
            !(routing.mode === "native" && routing.autoDirectNodeRoutes),
        rule: "needs cilium.routing.autoDirectNodeRoutes",
        fix: "set that too, or leave this out",
    },
    ...bigTcp("4"),
    ...bigTcp("6"),
    {
        path: "values.bpf.datapathMode",
        since: 20,
        found: (facts) => usesNetkit(facts) && masqueradesIn("iptables")(facts),
        rule: 'does not go with masquerade "iptables"',
        fix: 'set cilium.masquerade to "bpf", or leave it out',
    },
    {
        path: "values.bpf.datapathMode",
        since: 20,
        found: (facts) => usesNetkit(facts) && facts.on("bpf.hostLegacyRouting"),
        rule: "does not go with bpf.hostLegacyRouting",
        fix: "leave one of them out",
    },
    {
        path: "values.nodePort.range",
        found: ({ given }) => {
            const range = given("nodePort.range");
            if (typeof range !== "string") return false;
            const [first = Number.NaN, last = Number.NaN] = range.split(",").map(Number);
            return first >= last;
        },
        rule: "must begin below its end",
        fix: 'write it as "30000,32767"',
    },
    {
        path: "values.bpf.mapDynamicSizeRatio",
        found: ({ given }) => {
            const ratio = Number(given("bpf.mapDynamicSizeRatio") ?? 0);
            return ratio < 0 || ratio > 1;
        },
        rule: "must be more than 0 and at most 1",
        fix: "write a part of the memory, as 0.0025",
    },
];
