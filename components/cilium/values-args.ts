import type { Cilium, Hubble, JsonValue, L2, MeshApi, Peer, Routing } from "../../model/resolved.ts";
import type { Trust } from "../../model/trust.ts";
import type { LeavesArgs } from "../tls/leaf.ts";

/** Values of the chart, as Helm takes them. They hold no secret: one would make the whole map opaque in a preview. */
export interface Values {
    [key: string]: JsonValue;
}

/** Encryption between nodes. The key of IPsec is not part of it: it lies in a Secret. */
export type EncryptionArgs =
    | { readonly type: "none" }
    | {
          readonly type: "wireguard";
          /** Encrypt traffic of the nodes themselves too. @default false */
          readonly nodeEncryption?: boolean;
          /** Drop what would leave a node unencrypted for this IPv4 network. @default - nothing is dropped */
          readonly strictEgressCidr?: string;
      }
    | {
          readonly type: "ipsec";
          /** How long agents keep the key before, as a Go duration. @default - the chart's own, 5m */
          readonly keepOldKey?: string;
      };

/** Who gives addresses to Services of type LoadBalancer, as far as Cilium must know. */
export interface LoadBalancerArgs {
    /** MetalLB, or Cilium's own LB-IPAM. Cilium announces only what LB-IPAM gives. */
    readonly provider: "metallb" | "lb-ipam";
    /** How its addresses are announced. */
    readonly announce: {
        readonly mode: "l2" | "bgp" | "none";
        /** What BGP announces. @default - nothing that Cilium would need to be prepared for */
        readonly advertise?: readonly string[];
        /** The range that BGP identifiers are taken from. Cilium 1.18 and later. @default - the nodes' addresses */
        readonly routerIds?: string | undefined;
        /** How long it takes until another node answers for an address announced by L2. @default - the chart's times */
        readonly lease?: L2["lease"] | undefined;
        /** For how many Services announced by L2 the rate of requests to the API is computed. @default 200 */
        readonly services?: number | undefined;
    };
    /** The `spec.loadBalancerClass` it serves. @default - Services without a class */
    readonly loadBalancerClass?: string;
}

/** Certificates that the chart makes itself, with the CA that `ClusterCa` has put there. */
export interface CertgenArgs {
    /** How long they are valid; a part of a day is left out. */
    readonly validityHours: number;
    /** Further names and addresses at which the mesh API is reached, beside `*.mesh.cilium.io`. @default - none */
    readonly extraServerNames?: LeavesArgs["extraServerNames"];
}

/** What decides the chart's values. All of it is plain: it is known while planning. */
export interface CiliumValuesArgs {
    /** Cilium's version without v, as "1.19.6"; 1.16 to 1.20. */
    readonly version: string;
    /** The cluster's name in the mesh: at most 32 lower-case letters, digits and hyphens, and not `default`. Never changed later. */
    readonly clusterName: string;
    /** The cluster's number in the mesh, 1 to `maxConnectedClusters`. Never changed later. */
    readonly clusterId: number;
    /** How many clusters the mesh can ever have. The same in every cluster; never changed later. */
    readonly maxConnectedClusters: 255 | 511;
    /** The pod ranges, one of each family. */
    readonly podCidrs: readonly string[];
    /** The cluster's DNS domain. @default "cluster.local" */
    readonly clusterDomain?: string;
    /** Where nodes and pods reach the API before any Service works. @default - at the balancer that RKE2 has on every node */
    readonly apiServer?: { readonly host: string; readonly port: number };
    /** How packets between nodes travel. The same in every cluster. */
    readonly routing: Routing;
    /** Encryption between nodes. The same in every cluster. */
    readonly encryption: EncryptionArgs;
    /** Who gives nodes their pod ranges: Kubernetes, or Cilium's operator. */
    readonly ipam: "kubernetes" | "cluster-pool";
    /** Where pods' addresses are hidden behind the node's when they leave the cluster. */
    readonly masquerade: "bpf" | "iptables" | "none";
    /** Route chosen pods' traffic out through chosen nodes. Needs eBPF masquerading and IPv4. */
    readonly egressGateway: boolean;
    /** How Services are balanced on nodes. @default - as the chart has it */
    readonly serviceLoadBalancing?: Cilium["serviceLoadBalancing"];
    /** The network interfaces to balance Services and masquerade on. @default - those that Cilium finds */
    readonly devices?: readonly string[];
    /** Limits of pods' bandwidth. @default - off */
    readonly bandwidthManager?: Cilium["bandwidthManager"];
    /** Translate between IPv4 and IPv6 for pods; needs both. @default false */
    readonly nat46x64?: boolean;
    /** Flow visibility. Its certificates must lie in the Secrets that ClusterCertificates makes. */
    readonly hubble: Hubble;
    /** How many operators; two never share a node. */
    readonly operatorReplicas: number;
    /** Copy EndpointSlices of global Services between clusters. */
    readonly endpointSliceSynchronization: boolean;
    /** The Multi-Cluster Services API. */
    readonly mcsApi: boolean;
    /** Let policies that name no cluster mean the local one only. Cilium 1.18 and later. @default - what the version does */
    readonly policyDefaultLocalCluster?: boolean;
    /** How long data of a lost cluster stays in use, as a Go duration. Cilium 1.19 and later. @default - for ever */
    readonly cacheTTL?: string;
    /** How peers are known to the mesh API. The same as the certificates were made for. */
    readonly authMode: "legacy" | "migration" | "cluster";
    /** Have certgen make the certificates, in the cluster. @default - they are there before the chart */
    readonly certgen?: CertgenArgs;
    /** Whom the certificates trust and who signs them, once the mesh has another CA than its first. @default - the first CA alone */
    readonly trust?: Trust;
    /** The minor version first installed, as "1.16"; keeps that version's defaults. @default - the version's own */
    readonly upgradeCompatibility?: string;
    /** SPIRE mutual authentication. It does not work across clusters. @default false */
    readonly mutualAuthentication?: boolean;
    /** How peers reach the mesh API. Its address is taken from the first load balancer. */
    readonly meshApi: MeshApi;
    /** The load balancer in use; then, while moving to another, that one. */
    readonly loadBalancers: readonly LoadBalancerArgs[];
    /**
     * The clusters to connect to. One address or DNS name is used as it is, and must stand in the peer's server certificate;
     * several addresses are reached by the name `<peer>.<meshDomain>`, and up to Cilium 1.19 the mesh API's pods restart
     * whenever such a list changes.
     */
    readonly peers: readonly Pick<Peer, "name" | "addresses" | "port">[];
    /** The domain of those names, which the peers' server certificates must hold. @default - the chart's, "mesh.cilium.io" */
    readonly meshDomain?: string;
    /** Any other chart value, merged last: maps are merged, everything else is replaced. What the mesh owns is refused. @default - none */
    readonly values?: Readonly<Record<string, JsonValue>>;
}
