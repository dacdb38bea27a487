/*
 * What differs between the versions of Cilium that this program knows, where the program or a user would notice: what came
 * when, what is called otherwise since when, what the charts refuse, and which patches are bad for whom. Rules, chart values and
 * objects all ask here. Which other chart values there are in which version: cilium-values.ts.
 */
import { compareVersions } from "./version.ts";

interface Option {
    /** The first version that has it; the charts of those before drop it without a word. @default - all have it */
    readonly since?: string;
    /** The first version that no longer has it. @default - all have it */
    readonly before?: string;
    /** The chart value that it is, if it is one. */
    readonly value?: string;
}

/** What this program can write, and not every version has. */
const OPTIONS = {
    bgpAggregation: { since: "1.18" },
    /** Before, the CRD wants a neighbour's AS number. */
    bgpAnyASN: { since: "1.17" },
    bgpDefaultGateway: { since: "1.18" },
    bgpInterfaceAddresses: { since: "1.19" },
    bgpLocalASN: { since: "1.18" },
    bgpLocalPort: { since: "1.18" },
    bgpRouterIds: { since: "1.18", value: "bgpControlPlane.routerIDAllocation" },
    bgpSourceInterface: { since: "1.19" },
    cacheTTL: { since: "1.19", value: "clustermesh.cacheTTL" },
    /** From here on certgen's first run is a Job like any other, and no longer one that Helm waits for. */
    certgenUnawaited: { since: "1.19" },
    /** Whether certgen makes a CA where it finds none; before, it always does. */
    certgenGeneratesCa: { since: "1.17", value: "certgen.generateCA" },
    /** Further names of the mesh API's server, beside what makes its certificate. */
    certgenServerNames: { since: "1.20", value: "clustermesh.apiserver.tls.auto.server.extraDnsNames" },
    certificatesInValues: { before: "1.20", value: "clustermesh.apiserver.tls.enableSecrets" },
    defaultLoadBalancer: { since: "1.17", value: "defaultLBServiceIPAM" },
    /** The mesh API resolves its peers' names by itself. */
    hostAliasesInside: { since: "1.20", value: "clustermesh.disableKubernetesHostAliases" },
    ipv6Underlay: { since: "1.18", value: "underlayProtocol" },
    /** MCS-API under the name that it keeps. */
    mcsApi: { since: "1.19", value: "clustermesh.mcsapi.enabled" },
    policyDefaultLocalCluster: { since: "1.18", value: "clustermesh.policyDefaultLocalCluster" },
    sourceRanges: { since: "1.17", value: "clustermesh.apiserver.service.loadBalancerSourceRanges" },
    /** Strict mode by direction: before, it was egress only, and was not called so. */
    strictModeByDirection: { since: "1.19", value: "encryption.strictMode.egress.cidr" },
} as const satisfies Readonly<Record<string, Option>>;

export type CiliumOption = keyof typeof OPTIONS;

/** All of them, for tests. */
export const CILIUM_OPTIONS: ReadonlyMap<CiliumOption, Option> = new Map(
    Object.entries(OPTIONS).flatMap(([name, option]) => (isOption(name) ? [[name, option]] : [])),
);

function isOption(name: string): name is CiliumOption {
    return Object.hasOwn(OPTIONS, name);
}

/** Whether a version of Cilium has something. */
export function ciliumHas(name: CiliumOption, version: string): boolean {
    const { since, before }: Option = OPTIONS[name];
    return (
        (since === undefined || compareVersions(version, since) >= 0) &&
        (before === undefined || compareVersions(version, before) < 0)
    );
}

/** The first version that has something, as "1.18". */
export function ciliumSince(name: CiliumOption): string {
    const { since = "1.16" }: Option = OPTIONS[name];
    return since;
}

export interface Successor {
    /** The chart value of before. */
    readonly path: string;
    /** The first version in which the new one is there; the old one may still be read for a while. */
    readonly since: string;
    /** What to write since then. */
    readonly instead: string;
}

const called = (path: string) => `write ${path} instead`;

/** Chart values that are called otherwise, or are no longer needed. */
export const SUCCESSORS: readonly Successor[] = [
    { path: "bgp", since: "1.17", instead: "describe it under loadBalancer and announce" },
    { path: "clustermesh.enableMCSAPISupport", since: "1.19", instead: "write cilium.mcsApi" },
    { path: "enableK8sTerminatingEndpoint", since: "1.18", instead: "take it out: it is always on" },
    { path: "encryption.ipsec.encryptedOverlay", since: "1.20", instead: "take it out: it is always so" },
    {
        path: "encryption.strictMode.allowRemoteNodeIdentities",
        since: "1.19",
        instead: "describe it under cilium.encryption",
    },
    {
        path: "encryption.strictMode.cidr",
        since: "1.19",
        instead: "write cilium.encryption.strictEgressCidr",
    },
    {
        path: "encryption.strictMode.enabled",
        since: "1.19",
        instead: "write cilium.encryption.strictEgressCidr",
    },
    { path: "externalIPs", since: "1.17", instead: "take it out: replacing kube-proxy includes it" },
    {
        path: "externalWorkloads",
        since: "1.18",
        instead: "take it out: Cilium no longer has external workloads",
    },
    { path: "highScaleIPcache", since: "1.18", instead: "take it out: Cilium no longer has it" },
    { path: "hostPort", since: "1.18", instead: "take it out: replacing kube-proxy includes it" },
    { path: "hubble.redact.kafka", since: "1.20", instead: "take it out: Cilium no longer reads Kafka" },
    { path: "hubble.relay.dialTimeout", since: "1.18", instead: "take it out: it does nothing since 1.17" },
    {
        path: "l2podAnnouncements.interface",
        since: "1.18",
        instead: called("l2podAnnouncements.interfacePattern"),
    },
    { path: "nodePort.enabled", since: "1.18", instead: "take it out: replacing kube-proxy includes it" },
    { path: "sessionAffinity", since: "1.18", instead: "take it out: it is always on" },
    { path: "svcSourceRangeCheck", since: "1.19", instead: "take it out: it is always on" },
];

/** What to write, in a version, instead of a chart value that it no longer has. */
export function successorOf(keys: readonly string[], version: string): string | undefined {
    const path = keys.join(".");
    return SUCCESSORS.find(
        (row) =>
            (path === row.path || path.startsWith(`${row.path}.`)) &&
            compareVersions(version, row.since) >= 0,
    )?.instead;
}

/** Chart values for which the charts fail, instead of ignoring them. */
export const REFUSED_BY_CHARTS: readonly Successor[] = [
    { path: "ciliumEndpointSlice.sliceMode", since: "1.18", instead: "take it out: there is one mode only" },
    { path: "containerRuntime.integration", since: "1.16", instead: "take it out" },
    { path: "enableCiliumEndpointSlice", since: "1.18", instead: called("ciliumEndpointSlice.enabled") },
    { path: "enableCnpStatusUpdates", since: "1.15", instead: "take it out" },
    { path: "enableK8sEventHandover", since: "1.15", instead: "take it out" },
    { path: "endpointStatus", since: "1.16", instead: "take it out" },
    { path: "etcd.managed", since: "1.16", instead: "take it out" },
    { path: "proxy.prometheus.enabled", since: "1.16", instead: called("envoy.prometheus.enabled") },
    { path: "proxy.prometheus.port", since: "1.16", instead: called("envoy.prometheus.port") },
    { path: "remoteNodeIdentity", since: "1.16", instead: "take it out: it is always on" },
    { path: "tunnel", since: "1.15", instead: "describe it under cilium.routing" },
];

/** What to write instead of a chart value for which the chart of a version fails. */
export function refusedByChart(keys: readonly string[], version: string): string | undefined {
    const path = keys.join(".");
    return REFUSED_BY_CHARTS.find((row) => path === row.path && compareVersions(version, row.since) >= 0)
        ?.instead;
}

/** A case that some patches must not be used in. */
export interface BadPatches {
    readonly versions: readonly string[];
    /** The first patch without the fault. */
    readonly fixed: string;
    /** What happens in that case. */
    readonly rule: string;
}

const MULTIPATH = "listens with Multipath TCP, which knows no passwords";

const BAD = {
    /** CRDs of these no longer have a version that clusters from before 1.16 still store objects in. */
    nodeConfigs: [
        {
            versions: ["1.20.0", "1.20.1"],
            fixed: "1.20.2",
            rule: "drops CiliumNodeConfig v2alpha1",
        },
    ],
    /** https://github.com/cilium/cilium/pull/47971 */
    defaultGateway: [
        {
            versions: ["1.20.0", "1.20.1"],
            fixed: "1.20.2",
            rule: "may take Cilium's own route for the node's default gateway",
        },
    ],
    /** Go listens so since 1.24, and the BGP speaker asks for plain TCP since then only: https://github.com/cilium/cilium/pull/40566 */
    passwordListener: [
        { versions: ["1.16.10", "1.16.11", "1.16.12"], fixed: "1.16.13", rule: MULTIPATH },
        { versions: ["1.17.4", "1.17.5", "1.17.6"], fixed: "1.17.7", rule: MULTIPATH },
    ],
} as const satisfies Readonly<Record<string, readonly BadPatches[]>>;

/** What a version does wrong in a case, if it is one of those that do. */
export function badPatch(name: keyof typeof BAD, version: string): BadPatches | undefined {
    const all: readonly BadPatches[] = BAD[name];
    return all.find(({ versions }) => versions.includes(version));
}
