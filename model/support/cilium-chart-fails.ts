/* What makes Cilium's chart fail: see cilium-exits.ts. Keys that it knows only to refuse them are refused as unknown ones. */
import { valueAt } from "../value-at.ts";
import type { Exit, Facts } from "./cilium-exits.ts";

/** The parts that need the proxy. */
const PROXIED = [
    ["ingressController.enabled", ({ on }: Facts) => on("ingressController.enabled")],
    ["gatewayAPI.enabled", ({ on }: Facts) => on("gatewayAPI.enabled")],
    ["loadBalancer.l7.backend", ({ given }: Facts) => given("loadBalancer.l7.backend") === "envoy"],
] as const;

const POLICIES: readonly unknown[] = ["Cluster", "Local", undefined];
const BACKOFF = ["KUBE_CLIENT_BACKOFF_BASE", "KUBE_CLIENT_BACKOFF_DURATION"];

function isFilled(value: unknown): boolean {
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== "";
}

export const CHART_FAILS: readonly Exit[] = [
    ...PROXIED.map(([path, asked]): Exit => ({
        path: `values.${path}`,
        found: (facts) => asked(facts) && facts.off("l7Proxy"),
        rule: "needs the proxy for HTTP, which l7Proxy turns off",
        fix: "leave l7Proxy out, or this",
    })),
    {
        path: "values.ingressController.service.externalTrafficPolicy",
        found: ({ on, given }) =>
            on("ingressController.enabled") &&
            given("ingressController.service.type") !== "ClusterIP" &&
            !POLICIES.includes(given("ingressController.service.externalTrafficPolicy")),
        rule: 'must be "Cluster" or "Local"',
        fix: "write one of them, or leave it out",
    },
    {
        path: "values.gatewayAPI.externalTrafficPolicy",
        found: ({ on, given }) =>
            on("gatewayAPI.enabled") && !POLICIES.includes(given("gatewayAPI.externalTrafficPolicy")),
        rule: 'must be "Cluster" or "Local"',
        fix: "write one of them, or leave it out",
    },
    {
        path: "values.hubble.redact.http.headers",
        found: ({ given }) =>
            isFilled(given("hubble.redact.http.headers.allow")) &&
            isFilled(given("hubble.redact.http.headers.deny")),
        rule: "must not have both allow and deny",
        fix: "leave one of them out",
    },
    {
        path: "values.disableEndpointCRD",
        found: ({ on }) => on("disableEndpointCRD"),
        rule: "does not go with a mesh, whose API is fed from CiliumEndpoints",
        fix: "leave it out",
    },
    {
        path: "values.operator.removeNodeTaints",
        found: ({ on, off }) => on("operator.setNodeTaints") && off("operator.removeNodeTaints"),
        rule: "must not be false while operator.setNodeTaints is true: nobody would take the taints off",
        fix: "leave it out",
    },
    {
        path: "values.cni.chainingMode",
        found: ({ given, extra, options: { clusterId } }) =>
            given("cni.chainingMode") === "aws-cni" &&
            ((clusterId >= 128 && clusterId <= 255) || clusterId >= 384) &&
            !extra("allow-unsafe-policy-skb-usage", "true"),
        rule: "does not go with a cluster's id of 128 to 255 or 384 to 511 (https://github.com/cilium/cilium/issues/21330)",
        fix: "give the cluster another id before anything is installed, or use no other network plugin",
    },
    {
        path: "values.gke.enabled",
        found: ({ on, options }) => on("gke.enabled") && options.routing.mode === "tunnel",
        rule: "needs native routing",
        fix: "leave it out: it is for Google's clusters",
    },
    {
        path: "values.aksbyocni.enabled",
        found: ({ on, options }) => on("aksbyocni.enabled") && options.routing.mode === "native",
        rule: "needs a tunnel",
        fix: "leave it out: it is for Azure's clusters",
    },
    {
        path: "values.k8sClientExponentialBackoff.enabled",
        since: 18,
        found: ({ on, given }) => {
            const variables = given("extraEnv");
            return (
                // On by default.
                (on("k8sClientExponentialBackoff.enabled") ||
                    given("k8sClientExponentialBackoff.enabled") === undefined) &&
                Array.isArray(variables) &&
                variables.some((variable) => BACKOFF.some((name) => name === valueAt(variable, "name")))
            );
        },
        rule: `sets ${BACKOFF.join(" and ")}, which extraEnv sets too`,
        fix: "set it to false, or take them out of extraEnv",
    },
    {
        path: "values.standaloneDnsProxy.enabled",
        since: 19,
        found: ({ on, given }) =>
            on("standaloneDnsProxy.enabled") && Number(given("dnsProxy.proxyPort") ?? 0) === 0,
        rule: "needs dnsProxy.proxyPort",
        fix: "name one, as 10094",
    },
    {
        path: "values.bpf.tproxy",
        since: 19,
        found: ({ on, given }) =>
            on("bpf.tproxy") && ["netkit", "netkit-l2"].some((mode) => given("bpf.datapathMode") === mode),
        rule: "does not go with netkit",
        fix: "leave one of them out",
    },
    {
        path: "values.envoy.baseID",
        found: ({ given }) => {
            const id = Number(given("envoy.baseID") ?? 0);
            return id < 0 || id > 4_294_967_295;
        },
        rule: "must be from 0 to 4294967295",
        fix: "write such a number, or leave it out",
    },
    {
        path: "values.hubble.ui.standalone.enabled",
        found: ({ on, given, options: { hubble } }) =>
            hubble.ui &&
            on("hubble.ui.standalone.enabled") &&
            on("hubble.relay.tls.server.enabled") &&
            !isFilled(given("hubble.ui.standalone.tls.certsVolume")),
        rule: "needs hubble.ui.standalone.tls.certsVolume where the relay's server has a certificate",
        fix: "name the volume with the client's certificate",
    },
];
