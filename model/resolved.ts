/*
 * A mesh as everything else reads it: every default filled in, every address chosen, every peer listed. Plain data (it
 * survives JSON), so that rules, components, plan and tests all see the same. Only resolve.ts makes one.
 */
import type { BgpDescription, L2Description } from "./description/announce.ts";
import type { ChartSource } from "./description/chart.ts";
import type { EncryptionDescription } from "./description/cilium.ts";
import type { LabelSelector } from "./description/scalars.ts";
import type { Rke2Description } from "./description/rke2.ts";
import type { SecretRef } from "./description/secret.ts";
import type { SshAuth } from "./description/ssh.ts";

export type { ChartSource, LabelSelector, SecretRef, SshAuth };

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export interface Mesh {
    readonly name: string;
    readonly topology: Topology;
    readonly maxConnectedClusters: 255 | 511;
    readonly sharedServiceCidrs: boolean;
    readonly certificates: Certificates;
    /** In the order of the description. */
    readonly clusters: readonly Cluster[];
}

export type Topology =
    { readonly kind: "full" } | { readonly kind: "hubs"; readonly hubs: readonly string[] };

export interface Certificates {
    readonly caValidityHours: number;
    readonly leafValidityHours: number;
    readonly leafEarlyRenewalHours: number;
}

export interface Cluster {
    readonly name: string;
    readonly id: number;
    /** One of each family, IPv4 first. */
    readonly podCidrs: readonly string[];
    readonly serviceCidrs: readonly string[];
    readonly nodeCidrs: readonly string[];
    readonly clusterDomain: string;
    readonly api: Api;
    readonly token?: SecretRef;
    readonly rke2: Rke2;
    /** The first one begins the cluster. */
    readonly servers: readonly Node[];
    readonly agents: readonly Node[];
    readonly cilium: Cilium;
    readonly meshApi: MeshApi;
    /** The one in use; then, while moving to another, that one. */
    readonly loadBalancers: readonly LoadBalancer[];
    /** What this cluster says differently from the mesh, as `cilium.version`. */
    readonly overridden: readonly string[];
    /** The members this one connects to, in the mesh's order. */
    readonly peers: readonly Peer[];
}

export interface Api {
    readonly address: string;
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
    readonly chart: ChartSource;
    readonly routing: Routing;
    readonly encryption: EncryptionDescription;
    readonly ipam: "kubernetes" | "cluster-pool";
    readonly masquerade: "bpf" | "iptables" | "none";
    readonly egressGateway: boolean;
    readonly hubble: Hubble;
    readonly operatorReplicas: number;
    readonly endpointSliceSynchronization: boolean;
    readonly mcsApi: boolean;
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
          readonly port: 2379;
      }
    | { readonly type: "NodePort"; readonly replicas: number; readonly port: number };

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
    readonly addresses: readonly string[];
    readonly autoAssign: boolean;
    readonly serviceSelector?: LabelSelector;
}

/** As described, apart from what has a default that both speakers share. */
export type Announce = L2 | Bgp | { readonly mode: "none" };
export type L2 = L2Description;
export type Bgp = BgpDescription & { readonly advertise: NonNullable<BgpDescription["advertise"]> };

/** Another member, as this one must know it. */
export interface Peer {
    readonly name: string;
    readonly id: number;
    /** Where its mesh API answers. */
    readonly addresses: readonly string[];
    readonly port: number;
}
