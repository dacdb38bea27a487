/*
 * What each minor version of Cilium does differently from the one before, where a mesh of this program can notice and the
 * chart's `upgradeCompatibility` does not keep the old. What becomes a problem is refused elsewhere: values that are gone, the
 * kernel (by the preflight), a policy default that is not said. Out of the upgrade notes of each version:
 * https://docs.cilium.io/en/stable/operations/upgrade/#version-specific-notes
 */
import type { Cluster, JsonValue, Mesh } from "../resolved.ts";
import { minorOf } from "./version.ts";

/** Something to know before a cluster takes a step. */
export interface StepNote {
    /** What it is about, seen from the cluster: `cilium.authMode`. */
    readonly path: string;
    /** What becomes different. */
    readonly note: string;
    /** What keeps the old, or what to do. */
    readonly keep: string;
}

interface Step extends StepNote {
    /** The minor version that does it. */
    readonly to: number;
    readonly applies: (cluster: Cluster, mesh: Mesh) => boolean;
}

const usesLbIpam = ({ loadBalancers }: Cluster) =>
    loadBalancers.some(({ provider }) => provider === "lb-ipam");

const speaksBgp = ({ loadBalancers }: Cluster) =>
    loadBalancers.some(({ provider, announce }) => provider === "lb-ipam" && announce.mode === "bgp");

/** The chart value at a path, if it is passed through. */
function passed({ cilium }: Cluster, ...keys: readonly string[]): JsonValue | undefined {
    return keys.reduce<JsonValue | undefined>(
        (value, key) =>
            typeof value === "object" && value !== null && !Array.isArray(value) ? value[key] : undefined,
        cilium.values,
    );
}

const STEPS: readonly Step[] = [
    {
        to: 17,
        path: "cilium.values.MTU",
        applies: (cluster) => passed(cluster, "MTU") === undefined,
        note: "the MTU found by itself is the lowest of all external interfaces, and no longer the first one's",
        keep: "set cilium.values.MTU to the first one's, if another interface has less",
    },
    {
        to: 17,
        path: "cilium.values.livenessProbe.requireK8sConnectivity",
        applies: (cluster) => passed(cluster, "livenessProbe", "requireK8sConnectivity") === undefined,
        note: "an agent that cannot reach the API of Kubernetes no longer restarts (from 1.17.4 on)",
        keep: "set it to true to let it restart",
    },
    {
        to: 17,
        path: "cilium.values.dnsProxy.endpointMaxIpPerHostname",
        applies: (cluster) => passed(cluster, "dnsProxy", "endpointMaxIpPerHostname") === undefined,
        note: "policies by DNS name remember 1000 addresses of a name, and no longer 50",
        keep: "set it to 50",
    },
    {
        to: 18,
        path: "announce",
        applies: (cluster) => usesLbIpam(cluster),
        note: "pools and BGP objects are written as cilium.io/v2, and no longer as v2alpha1; they stay the same objects",
        keep: "nothing to do for those of this description; write your own ones anew as cilium.io/v2",
    },
    {
        to: 18,
        path: "cilium.encryption",
        applies: ({ cilium }) => cilium.encryption.type === "ipsec",
        note: "IPsec encrypts after the tunnel's encapsulation, and no longer before: only the newest patch of 1.17 understands both, and the key must not be changed meanwhile",
        keep: "let every cluster run the newest patch of 1.17 first",
    },
    {
        to: 18,
        path: "cilium.values.labels",
        applies: (cluster) => passed(cluster, "labels") !== undefined,
        note: "a pod's service account becomes part of its identity: identities are made anew, and packets are dropped meanwhile",
        keep: "add !io\\.cilium\\.k8s\\.policy\\.serviceaccount to the labels",
    },
    {
        to: 19,
        path: "cilium.authMode",
        applies: ({ cilium }) => cilium.authMode === "migration",
        note: 'is "migration": the mesh API knows its peers both by their common name and each by its own; up to 1.18 it was "legacy" where nothing was said',
        keep: 'set it to "legacy"',
    },
    {
        to: 19,
        path: "cilium.mutualAuthentication",
        applies: ({ cilium }) => !cilium.mutualAuthentication,
        note: "policies that ask for authentication let traffic pass without it, as authentication is off by default",
        keep: "take authentication out of policies; a single cluster keeps it with mutualAuthentication",
    },
    {
        to: 19,
        path: "loadBalancer",
        applies: (cluster) => usesLbIpam(cluster),
        note: "TCP and UDP to an address of LB-IPAM at a port that no Service has are dropped, and no longer reach the node",
        keep: "nothing keeps the old: let health checks ask ports that Services have",
    },
    {
        to: 19,
        path: "cilium.version",
        applies: () => true,
        note: "policies with fromRequires or toRequires are refused, and ** at the beginning of a DNS pattern matches several labels",
        keep: "nothing keeps the old: look through the policies first",
    },
    {
        to: 19,
        path: "cilium.values.bpf.hostLegacyRouting",
        applies: (cluster) =>
            cluster.cilium.encryption.type === "ipsec" &&
            cluster.cilium.masquerade === "bpf" &&
            passed(cluster, "bpf", "hostLegacyRouting") === undefined,
        note: "IPsec with eBPF masquerading routes in eBPF past the host, for which kernels need the fix of CVE-2025-37959",
        keep: "set it to true",
    },
    {
        to: 19,
        path: "cilium.mcsApi",
        applies: (cluster) =>
            cluster.cilium.mcsApi && passed(cluster, "clustermesh", "mcsapi", "installCRDs") === undefined,
        note: "the operator installs the CRDs of the Multi-Cluster Services API, and keeps them up to date",
        keep: "set cilium.values.clustermesh.mcsapi.installCRDs to false",
    },
    {
        to: 20,
        path: "cilium.version",
        applies: () => true,
        note: "the mesh API's certificate is for clustermesh-apiserver.kube-system.svc, and no longer for clustermesh-apiserver.cilium.io; members of the mesh ask for neither",
        keep: "nothing to do for them; whoever else verifies the old name asks for the new one",
    },
    {
        to: 20,
        path: "cilium.version",
        applies: () => true,
        note: "policies with rules for kafka, l7 or l7proto are gone, and CiliumNodeConfigs are to be written as cilium.io/v2",
        keep: "nothing keeps the old: take those rules out of the policies first",
    },
    {
        to: 20,
        path: "cilium.values.socketLB",
        applies: (cluster) =>
            passed(cluster, "socketLB", "hostNamespaceOnly") === true ||
            passed(cluster, "socketLB", "enabled") === false,
        note: "a pod's connection to a NodePort is balanced as it leaves the pod: its policy must let it reach the backends, and theirs must let it in",
        keep: "nothing keeps the old: widen the policies first",
    },
    {
        to: 20,
        path: "cilium.values.gatewayAPI",
        applies: (cluster) => passed(cluster, "gatewayAPI", "enabled") === true,
        note: "needs the CRDs of Gateway API 1.6.1, those of TLSRoute from its experimental channel where there are any: others make them disappear",
        keep: "save the TLSRoutes and install those CRDs first",
    },
    {
        to: 20,
        path: "announce",
        applies: (cluster) => speaksBgp(cluster),
        note: "the metrics of BGP have the label instance_name, and no longer vrouter",
        keep: "nothing keeps the old: change dashboards and alerts",
    },
];

/** What a cluster should know that has just been described with a newer minor version. */
export function stepNotes(cluster: Cluster, mesh: Mesh): StepNote[] {
    return STEPS.filter(
        ({ to, applies }) => to === minorOf(cluster.cilium.version) && applies(cluster, mesh),
    ).map(({ path, note, keep }) => ({ path, note, keep }));
}
