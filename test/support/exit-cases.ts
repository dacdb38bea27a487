/* Options that do not go together, one case for each row of the tables in model/support. */
import type { ExitOptions } from "../../model/support/cilium-exits.ts";

const ALL = "16 17 18 19 20";
/** A cluster with which nothing is wrong, Hubble on. */
export const PLAIN: ExitOptions = {
    version: "1.19.6",
    routing: { mode: "tunnel", protocol: "vxlan" },
    encryption: { type: "none" },
    masquerade: "bpf",
    egressGateway: false,
    hubble: { enabled: true, relay: true, ui: true, metrics: [] },
    clusterId: 1,
    podCidrs: ["10.10.0.0/16"],
};
export const GENEVE = { routing: { mode: "tunnel", protocol: "geneve" } } as const;
export const NATIVE = {
    routing: { mode: "native", autoDirectNodeRoutes: false, endpointRoutes: false },
} as const;
export const IPSEC = { encryption: { type: "ipsec" } } as const;
const IPTABLES = { masquerade: "iptables" } as const;
export const IPV6 = { podCidrs: ["fd00:10::/56"] } as const;

/** What is described, in which minor versions something is said of it, and what. */
export const CASES: readonly [over: Partial<ExitOptions>, minors: string, text: string][] = [
    [
        { serviceLoadBalancing: { mode: "dsr" } },
        ALL,
        'serviceLoadBalancing.mode = "dsr" does not go with a VXLAN tunnel: the agents would exit; use native routing, or a Geneve tunnel with dispatch "geneve"',
    ],
    [
        { ...GENEVE, serviceLoadBalancing: { mode: "hybrid", dispatch: "opt" } },
        ALL,
        'serviceLoadBalancing.mode = "hybrid" needs dispatch "geneve" in a Geneve tunnel: the agents would exit; set cilium.serviceLoadBalancing.dispatch to "geneve"',
    ],
    [
        { ...IPV6, serviceLoadBalancing: { acceleration: "best-effort" } },
        "18 19 20",
        'serviceLoadBalancing.acceleration = "best-effort" does not go with a tunnel between IPv6 addresses: the agents would exit; use native routing, add IPv4 ranges, or leave it out',
    ],
    [
        { values: { bpf: { lbModeAnnotation: true } } },
        "17 18 19 20",
        'values.bpf.lbModeAnnotation = true lets Services ask for DSR, which does not go with a VXLAN tunnel: the agents would exit; leave it out, use native routing, or a Geneve tunnel with cilium.serviceLoadBalancing.dispatch "geneve"',
    ],
    [
        { ...GENEVE, values: { bpf: { lbModeAnnotation: true } } },
        "17 18 19",
        'values.bpf.lbModeAnnotation = true lets Services ask for DSR, which needs dispatch "geneve" in a Geneve tunnel: the agents would exit; set cilium.serviceLoadBalancing.dispatch to "geneve", or leave it out',
    ],
    [
        {
            ...NATIVE,
            serviceLoadBalancing: { mode: "hybrid" },
            values: { bpf: { lbModeAnnotation: true } },
        },
        "17 18 19 20",
        'values.bpf.lbModeAnnotation = true does not go with cilium.serviceLoadBalancing.mode "hybrid": the agents would exit; use "snat" or "dsr", which Services then differ from',
    ],
    [
        { ...IPTABLES, bandwidthManager: { bbr: true } },
        ALL,
        'bandwidthManager.bbr = true needs eBPF host routing, and masquerade "iptables" turns that off: the agents would exit; set cilium.masquerade to "bpf", or leave bbr out',
    ],
    [
        { bandwidthManager: { bbr: true }, values: { bpf: { hostLegacyRouting: true } } },
        ALL,
        "bandwidthManager.bbr = true needs eBPF host routing, which bpf.hostLegacyRouting turns off: the agents would exit; leave one of them out",
    ],
    [
        { bandwidthManager: {}, values: { bandwidthManager: { bbrHostNamespaceOnly: true } } },
        "18 19 20",
        "values.bandwidthManager.bbrHostNamespaceOnly = true needs cilium.bandwidthManager.bbr: the agents would exit; set cilium.bandwidthManager.bbr to true, or leave it out",
    ],
    [
        { nat46x64: true },
        ALL,
        "nat46x64 = true needs pods of both families, and the cluster's speak only one: the agents would exit; add ranges of the other family, or leave it out",
    ],
    [
        { ...IPSEC, values: { hostFirewall: { enabled: true } } },
        ALL,
        "values.hostFirewall.enabled = true does not go with IPsec: the agents would exit; use WireGuard, or leave the host firewall off",
    ],
    [
        { ...IPSEC, values: { dnsProxy: { enableTransparentMode: false } } },
        ALL,
        "values.dnsProxy.enableTransparentMode = false must be true with IPsec: the agents would exit; leave it out",
    ],
    [
        { ...IPSEC, ...GENEVE, values: { encryption: { ipsec: { encryptedOverlay: true } } } },
        "16 17 18",
        'values.encryption.ipsec.encryptedOverlay = true needs a VXLAN tunnel: the agents would exit; set cilium.routing to { mode: "tunnel" }, or leave it out',
    ],
    [
        { ...IPSEC, values: { encryption: { strictMode: { ingress: { enabled: true } } } } },
        "19 20",
        "values.encryption.strictMode.ingress.enabled = true does not go with IPsec: the agents would exit; use WireGuard, or leave it out",
    ],
    [
        { ...NATIVE, values: { encryption: { strictMode: { ingress: { enabled: true } } } } },
        "19",
        "values.encryption.strictMode.ingress.enabled = true needs a tunnel before Cilium 1.20: the agents would exit; use Cilium 1.20 or later, or leave it out",
    ],
    [
        { egressGateway: true, values: { extraConfig: { "enable-cilium-endpoint-slice": "true" } } },
        ALL,
        "egressGateway = true does not go with CiliumEndpointSlices, which extraConfig turns on: the agents would exit; leave one of them off",
    ],
    [
        { masquerade: "none", values: { ipMasqAgent: { enabled: true } } },
        ALL,
        'values.ipMasqAgent.enabled = true needs eBPF masquerading: the agents would exit; set cilium.masquerade to "bpf", or leave it out',
    ],
    [
        { values: { egressMasqueradeInterfaces: "eth0" } },
        ALL,
        'values.egressMasqueradeInterfaces = "eth0" does not go with eBPF masquerading: the agents would exit; write cilium.devices instead',
    ],
    [
        { values: { enableMasqueradeRouteSource: true } },
        ALL,
        'values.enableMasqueradeRouteSource = true does not go with eBPF masquerading: the agents would exit; set cilium.masquerade to "iptables", or leave it out',
    ],
    [
        { ...IPTABLES, values: { extraConfig: { "enable-remote-node-masquerade": "true" } } },
        "19 20",
        'values.extraConfig.enable-remote-node-masquerade = "true" needs eBPF masquerading: the agents would exit; set cilium.masquerade to "bpf", or leave it out',
    ],
    [
        { values: { installNoConntrackIptablesRules: true } },
        ALL,
        "values.installNoConntrackIptablesRules = true needs native routing: the agents would exit; use it, or leave this out",
    ],
    [
        { ...NATIVE, ...IPV6, values: { installNoConntrackIptablesRules: true } },
        ALL,
        "values.installNoConntrackIptablesRules = true needs pods that speak IPv4: the agents would exit; add IPv4 ranges, or leave it out",
    ],
    [
        { ...NATIVE, ...IPTABLES, values: { installNoConntrackIptablesRules: true } },
        ALL,
        'values.installNoConntrackIptablesRules = true does not go with masquerade "iptables": the agents would exit; set cilium.masquerade to "bpf" or "none", or leave it out',
    ],
    [
        { values: { extraConfig: { "install-iptables-rules": "false" } } },
        "16 17 18 19",
        'values.extraConfig.install-iptables-rules = "false" must not be false while the proxy for HTTP and DNS is on: the agents would exit; leave it out',
    ],
    [
        { values: { extraConfig: { "install-iptables-rules": "false" }, l7Proxy: false } },
        "20",
        'values.extraConfig.install-iptables-rules = "false" must not be false where Cilium stands in for kube-proxy: the agents would exit; leave it out',
    ],
    [
        { ...NATIVE, values: { directRoutingSkipUnreachable: true } },
        ALL,
        "values.directRoutingSkipUnreachable = true needs cilium.routing.autoDirectNodeRoutes: the agents would exit; set that too, or leave this out",
    ],
    ...["4", "6"].flatMap((family): [Partial<ExitOptions>, string, string][] => [
        [
            { values: { [`enableIPv${family}BIGTCP`]: true } },
            "16 17 18",
            `values.enableIPv${family}BIGTCP = true does not go with a tunnel before Cilium 1.19: the agents would exit; use native routing, or Cilium 1.19 or later and a kernel that can`,
        ],
        [
            { ...NATIVE, ...IPSEC, values: { [`enableIPv${family}BIGTCP`]: true } },
            ALL,
            `values.enableIPv${family}BIGTCP = true does not go with IPsec: the agents would exit; use WireGuard, or leave it out`,
        ],
        [
            { ...NATIVE, values: { [`enableIPv${family}BIGTCP`]: true, bpf: { hostLegacyRouting: true } } },
            ALL,
            `values.enableIPv${family}BIGTCP = true needs eBPF host routing, which bpf.hostLegacyRouting turns off: the agents would exit; leave one of them out`,
        ],
    ]),
    [
        { ...IPTABLES, values: { bpf: { datapathMode: "netkit" } } },
        "20",
        'values.bpf.datapathMode = "netkit" does not go with masquerade "iptables": the agents would exit; set cilium.masquerade to "bpf", or leave it out',
    ],
    [
        { values: { bpf: { datapathMode: "netkit-l2", hostLegacyRouting: true } } },
        "20",
        'values.bpf.datapathMode = "netkit-l2" does not go with bpf.hostLegacyRouting: the agents would exit; leave one of them out',
    ],
    [
        { values: { nodePort: { range: "32767,30000" } } },
        ALL,
        'values.nodePort.range = "32767,30000" must begin below its end: the agents would exit; write it as "30000,32767"',
    ],
    [
        { values: { bpf: { mapDynamicSizeRatio: 1.5 } } },
        ALL,
        "values.bpf.mapDynamicSizeRatio = 1.5 must be more than 0 and at most 1: the agents would exit; write a part of the memory, as 0.0025",
    ],
    [
        { values: { l7Proxy: false, ingressController: { enabled: true } } },
        ALL,
        "values.ingressController.enabled = true needs the proxy for HTTP, which l7Proxy turns off: the chart would fail; leave l7Proxy out, or this",
    ],
    [
        { values: { l7Proxy: false, gatewayAPI: { enabled: true } } },
        ALL,
        "values.gatewayAPI.enabled = true needs the proxy for HTTP, which l7Proxy turns off: the chart would fail; leave l7Proxy out, or this",
    ],
    [
        { values: { l7Proxy: false, loadBalancer: { l7: { backend: "envoy" } } } },
        ALL,
        'values.loadBalancer.l7.backend = "envoy" needs the proxy for HTTP, which l7Proxy turns off: the chart would fail; leave l7Proxy out, or this',
    ],
    [
        { values: { ingressController: { enabled: true, service: { externalTrafficPolicy: "Node" } } } },
        ALL,
        'values.ingressController.service.externalTrafficPolicy = "Node" must be "Cluster" or "Local": the chart would fail; write one of them, or leave it out',
    ],
    [
        { values: { gatewayAPI: { enabled: true, externalTrafficPolicy: "" } } },
        ALL,
        'values.gatewayAPI.externalTrafficPolicy = "" must be "Cluster" or "Local": the chart would fail; write one of them, or leave it out',
    ],
    [
        { values: { hubble: { redact: { http: { headers: { allow: ["a"], deny: ["b"] } } } } } },
        ALL,
        'values.hubble.redact.http.headers = {"allow":["a"],"deny":["b"]} must not have both allow and deny: the chart would fail; leave one of them out',
    ],
    [
        { values: { disableEndpointCRD: true } },
        ALL,
        "values.disableEndpointCRD = true does not go with a mesh, whose API is fed from CiliumEndpoints: the chart would fail; leave it out",
    ],
    [
        { values: { operator: { setNodeTaints: true, removeNodeTaints: false } } },
        ALL,
        "values.operator.removeNodeTaints = false must not be false while operator.setNodeTaints is true: nobody would take the taints off: the chart would fail; leave it out",
    ],
    [
        { clusterId: 128, values: { cni: { chainingMode: "aws-cni" } } },
        ALL,
        'values.cni.chainingMode = "aws-cni" does not go with a cluster\'s id of 128 to 255 or 384 to 511 (https://github.com/cilium/cilium/issues/21330): the chart would fail; give the cluster another id before anything is installed, or use no other network plugin',
    ],
    [
        { values: { gke: { enabled: true } } },
        ALL,
        "values.gke.enabled = true needs native routing: the chart would fail; leave it out: it is for Google's clusters",
    ],
    [
        { ...NATIVE, values: { aksbyocni: { enabled: true } } },
        ALL,
        "values.aksbyocni.enabled = true needs a tunnel: the chart would fail; leave it out: it is for Azure's clusters",
    ],
    [
        { values: { extraEnv: [{ name: "KUBE_CLIENT_BACKOFF_BASE", value: "2" }] } },
        "18 19 20",
        "values.k8sClientExponentialBackoff.enabled sets KUBE_CLIENT_BACKOFF_BASE and KUBE_CLIENT_BACKOFF_DURATION, which extraEnv sets too: the chart would fail; set it to false, or take them out of extraEnv",
    ],
    [
        { values: { standaloneDnsProxy: { enabled: true } } },
        "19 20",
        "values.standaloneDnsProxy.enabled = true needs dnsProxy.proxyPort: the chart would fail; name one, as 10094",
    ],
    [
        { values: { bpf: { tproxy: true, datapathMode: "netkit" } } },
        "19 20",
        "values.bpf.tproxy = true does not go with netkit: the chart would fail; leave one of them out",
    ],
    [
        { values: { envoy: { baseID: 4_294_967_296 } } },
        ALL,
        "values.envoy.baseID = 4294967296 must be from 0 to 4294967295: the chart would fail; write such a number, or leave it out",
    ],
    [
        {
            values: {
                hubble: {
                    relay: { tls: { server: { enabled: true } } },
                    ui: { standalone: { enabled: true } },
                },
            },
        },
        ALL,
        "values.hubble.ui.standalone.enabled = true needs hubble.ui.standalone.tls.certsVolume where the relay's server has a certificate: the chart would fail; name the volume with the client's certificate",
    ],
];
