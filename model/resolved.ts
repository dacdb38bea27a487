/*
 * A mesh as everything else reads it: every default filled in, every address chosen, every peer listed. Plain data (it
 * survives JSON), so that rules, components, plan and tests all see the same. Only resolve.ts makes one.
 */
import type { BgpDescription, L2Description } from "./description/announce.ts";
import type { BroughtCaDescription } from "./description/certificates.ts";
import type { ChartSource, CiliumChart } from "./description/chart.ts";
import type { EncryptionDescription } from "./description/cilium.ts";
import type { BandwidthManagerDescription, ServiceLoadBalancingDescription } from "./description/datapath.ts";
import type { LabelSelector } from "./description/scalars.ts";
import type { Rke2Description } from "./description/rke2.ts";
import type { SecretRef } from "./description/secret.ts";
import type { SshAuth } from "./description/ssh.ts";

export type { ChartSource, CiliumChart, LabelSelector, SecretRef, SshAuth };

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export interface Mesh {
    readonly name: string;
    readonly topology: Topology;
    readonly maxConnectedClusters: 255 | 511;
    readonly sharedServiceCidrs: boolean;
    /** The domains of the names that certificates hold; the first is used. Left out: that of Cilium's charts alone. */
    readonly domains?: readonly string[];
    readonly certificates: Certificates;
    /** An upgrade of Cilium that is under way. */
    readonly ciliumUpgrade?: CiliumUpgrade;
    /** In the order of the description. */
    readonly clusters: readonly Cluster[];
}

export type Topology =
    { readonly kind: "full" } | { readonly kind: "hubs"; readonly hubs: readonly string[] };

export interface CiliumUpgrade {
    /** The minor version that clusters come from, as "1.18". */
    readonly from: string;
    /** The names of the clusters, in the order in which they change. */
    readonly order: readonly string[];
    /** Whether what the step does differently need not be said again. */
    readonly notesRead: boolean;
}

export interface Certificates {
    /** Who makes the certificates in each cluster. Left out: this program. */
    readonly method?: "certgen";
    readonly caValidityHours: number;
    readonly leafValidityHours: number;
    readonly leafEarlyRenewalHours: number;
    /** Which CA of the mesh this is, counted from 1. */
    readonly caGeneration: number;
    /** Left out: one is made here. */
    readonly ca?: BroughtCa;
    /** How far a rotation to the next CA has come. */
    readonly nextCa?: "trusted" | "signing";
    /** Left out: the next one is made here too. */
    readonly nextCaFrom?: BroughtCa;
}

/** A CA that is there already. */
export type BroughtCa = BroughtCaDescription;

export interface Cluster {
    readonly name: string;
    readonly id: number;
    /** One of each family, IPv4 first. */
    readonly podCidrs: readonly string[];
    readonly serviceCidrs: readonly string[];
    readonly nodeCidrs: readonly string[];
    readonly clusterDomain: string;
    readonly api: Api;
    /** A Kubernetes that is there already. Left out: RKE2 on the servers and agents. */
    readonly kubernetes?: ExistingKubernetes;
    readonly token?: SecretRef;
    /** Of a Kubernetes that is there already, its version is that one's, and the rest means nothing. */
    readonly rke2: Rke2;
    /** The first one begins the cluster. None in one that is there already. */
    readonly servers: readonly Node[];
    readonly agents: readonly Node[];
    readonly cilium: Cilium;
    readonly meshApi: MeshApi;
    /** The one in use; then, while moving to another, that one. */
    readonly loadBalancers: readonly LoadBalancer[];
    /** Fixed addresses under which pods leave. */
    readonly egress?: Egress;
    /** The ACI fabric that its nodes are attached to. */
    readonly aci?: Aci;
    /** Whether none of its hosts answers. Left out: they do. */
    readonly lost?: boolean;
    /** What this cluster says differently from the mesh, as `cilium.version`. */
    readonly overridden: readonly string[];
    /** The members this one connects to, in the mesh's order. */
    readonly peers: readonly Peer[];
}

export interface ExistingKubernetes {
    readonly kubeconfig: KubeconfigSource;
    /** The minor version, as "1.35". */
    readonly version: string;
}

export type KubeconfigSource = SecretRef | { readonly file: string };

export interface Api {
    readonly address: string;
    /** Left out: 6443. */
    readonly port?: number;
    /** Whether the description names it; otherwise it is the first server's. */
    readonly fixed: boolean;
    /** The servers hold the address themselves. */
    readonly kubeVip?: { readonly interface?: string; readonly image: string };
}

export interface Rke2 {
    readonly version: string;
    readonly installUrl: string;
    readonly install: Install;
    readonly config: Readonly<Record<string, JsonValue>>;
    readonly registries?: Registries;
    readonly proxy?: Proxy;
    readonly host: HostPreparation;
    readonly rollout: Rollout;
    readonly snapshots?: Snapshots;
    readonly tokenGeneration: number;
    readonly certificateGeneration: number;
    readonly upgradeBy: "ssh" | "system-upgrade-controller";
}

export type Install =
    | { readonly method: "tar" }
    | { readonly method: "rpm"; readonly channel: "stable" | "latest" | "testing" }
    | Extract<NonNullable<Rke2Description["install"]>, { method: "air-gap" }>;

export type Registries = NonNullable<Rke2Description["registries"]>;
export type Proxy = NonNullable<Rke2Description["proxy"]>;
export type Snapshots = NonNullable<Rke2Description["snapshots"]>;

export interface HostPreparation {
    readonly prepare: boolean;
    readonly firewalld: "off" | "open" | "leave";
    /** Who may reach the nodes when firewalld is open. */
    readonly trustedCidrs: readonly string[];
    /** Findings of the preflight that stop nothing. */
    readonly ignore: readonly string[];
}

export interface Rollout {
    readonly agentsAtOnce: number;
    readonly evict: "none" | "cordon" | "drain";
    readonly drainSeconds: number;
}

export interface Node {
    readonly name: string;
    readonly role: "server" | "agent";
    /** One of each family, IPv4 first. */
    readonly addresses: readonly string[];
    readonly labels: Readonly<Record<string, string>>;
    readonly taints: readonly Taint[];
    /** Keys of config.yaml for this node alone. */
    readonly config: Readonly<Record<string, JsonValue>>;
    /** Its host no longer answers. */
    readonly lost: boolean;
    readonly ssh: Ssh;
}

export interface Taint {
    readonly key: string;
    readonly value?: string;
    readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

export interface SshTarget {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly auth: SshAuth;
    readonly hostKey?: string;
}

export interface Ssh extends SshTarget {
    readonly jumpHost?: SshTarget;
}

export interface Cilium {
    readonly version: string;
    readonly chart: CiliumChart;
    readonly routing: Routing;
    readonly encryption: EncryptionDescription;
    readonly ipam: "kubernetes" | "cluster-pool";
    readonly masquerade: "bpf" | "iptables" | "none";
    readonly egressGateway: boolean;
    /** As described: what is left out, the chart decides. */
    readonly serviceLoadBalancing?: ServiceLoadBalancingDescription;
    /** Left out: those that Cilium finds. */
    readonly devices?: readonly string[];
    /** Left out: off. */
    readonly bandwidthManager?: BandwidthManagerDescription;
    /** Left out: off. */
    readonly nat46x64?: boolean;
    readonly hubble: Hubble;
    readonly operatorReplicas: number;
    readonly endpointSliceSynchronization: boolean;
    readonly mcsApi: boolean;
    /** Whether CoreDNS answers for clusterset.local. Left out: it is not told to. */
    readonly clustersetDns?: true;
    /** Left out: what the version itself does. */
    readonly policyDefaultLocalCluster?: boolean;
    readonly cacheTTL?: string;
    readonly authMode: "legacy" | "migration" | "cluster";
    readonly upgradeCompatibility?: string;
    readonly mutualAuthentication: boolean;
    readonly values: Readonly<Record<string, JsonValue>>;
}

export type Routing =
    | { readonly mode: "tunnel"; readonly protocol: "vxlan" | "geneve" }
    | {
          readonly mode: "native";
          readonly ipv4NativeRoutingCIDR?: string;
          readonly ipv6NativeRoutingCIDR?: string;
          readonly autoDirectNodeRoutes: boolean;
          readonly endpointRoutes: boolean;
      };

export interface Hubble {
    readonly enabled: boolean;
    readonly relay: boolean;
    readonly ui: boolean;
    readonly metrics: readonly string[];
    /** Whether the relay answers over TLS. Left out: it does not. */
    readonly relayTls?: boolean;
    /** Whether the metrics are served over TLS. Left out: they are not. */
    readonly metricsTls?: boolean;
}

export type MeshApi =
    | {
          readonly type: "LoadBalancer";
          readonly replicas: number;
          /** The fixed address; the same in every peer's values. */
          readonly address: string;
          /** The pool it is taken from. */
          readonly pool: string;
          readonly sourceRanges: readonly string[];
          readonly annotations: Readonly<Record<string, string>>;
          /** Others may answer at the same address. */
          readonly sharing?: { readonly key: string; readonly namespaces?: readonly string[] | undefined };
          /** DNS names of it; peers connect to the first. */
          readonly names?: readonly string[];
          readonly port: 2379;
      }
    | {
          readonly type: "NodePort";
          readonly replicas: number;
          readonly names?: readonly string[];
          readonly port: number;
      };

export interface LoadBalancer {
    /** Where it stands in the description: `loadBalancer` or `nextLoadBalancer.loadBalancer`. */
    readonly at: "loadBalancer" | "nextLoadBalancer.loadBalancer";
    readonly provider: "metallb" | "lb-ipam";
    readonly pools: readonly Pool[];
    readonly announce: Announce;
    /** MetalLB only. */
    readonly metalLb?: { readonly version: string; readonly chart: ChartSource };
    /** Serve only Services of this class. */
    readonly loadBalancerClass?: string;
}

export interface Pool {
    readonly name: string;
    /** What Services may get: as described, without what is reserved. */
    readonly addresses: readonly string[];
    /** The addresses as described, and those of them that no Service gets; only where some are reserved. */
    readonly reserved?: { readonly of: readonly string[]; readonly addresses: readonly string[] };
    readonly autoAssign: boolean;
    readonly serviceSelector?: LabelSelector;
}

/** As described, apart from what has a default that both speakers share. */
export type Announce = L2 | Bgp | { readonly mode: "none" };
export type L2 = L2Description;
/** `advertise` is everything that is announced, also where several advertisements share it. */
export type Bgp = BgpDescription & { readonly advertise: NonNullable<BgpDescription["advertise"]> };

export interface Egress {
    readonly subnet: string;
    /** Addresses of it that nobody gets. */
    readonly reserved: readonly string[];
    /** The dummy interface that this program puts the addresses on. Left out: they are there already. */
    readonly interface?: string;
    readonly owners: readonly EgressOwner[];
}

export interface EgressOwner {
    readonly name: string;
    /** By name; none where a selector selects them. */
    readonly namespaces: readonly string[];
    readonly namespaceSelector?: LabelSelector;
    readonly podSelector?: LabelSelector;
    /** At least one: a node, and the owner's address there. */
    readonly gateways: readonly { readonly node: string; readonly address: string }[];
    readonly destinations: readonly string[];
    readonly excluded: readonly string[];
}

export interface Aci {
    readonly version: string;
    /** The names of the nodes at anchor leaves. */
    readonly anchored: readonly string[];
}

/** Another member, as this one must know it. */
export interface Peer {
    readonly name: string;
    readonly id: number;
    /** Where its mesh API answers: addresses, or one DNS name. */
    readonly addresses: readonly string[];
    readonly port: number;
}
