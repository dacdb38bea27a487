/*
 * What a cluster needs of its hosts: a kernel, its modules, ports of their own, and ports of each other. From Cilium's system
 * requirements (Documentation/operations/system_requirements.rst of each minor version) and RKE2's
 * (https://docs.rke2.io/install/requirements).
 */
import type { Cilium, Cluster, JsonValue, Mesh, Node } from "../resolved.ts";
import { encapsulation } from "./encapsulation.ts";
import { compareVersions, minorOf } from "./version.ts";
import { XDP_DRIVERS } from "./xdp-drivers.ts";

/** What a node needs of its host. */
export interface HostNeeds {
    readonly kernel: KernelNeed;
    readonly modules: readonly ModuleNeed[];
    /** Ports that no one else may have. */
    readonly ports: readonly PortNeed[];
    /** What loads Cilium's programs into network drivers. @default - nothing does */
    readonly xdp?: XdpNeed;
}

export interface XdpNeed {
    /** The network interfaces, as `eth0`, or `eth+` for several. @default - those of the node's addresses */
    readonly devices: readonly string[];
    /** Drivers that can, and since which Linux. */
    readonly drivers: Readonly<Record<string, string>>;
}

export interface KernelNeed {
    /** The oldest Linux, as `5.10`. */
    readonly oldest: string;
    /** The oldest of Red Hat's own 4.18, which has what others have later. */
    readonly oldestRedHat8: string;
    /** Who asks for it. */
    readonly purpose: string;
}

export interface ModuleNeed {
    readonly name: string;
    /** Nothing works without; otherwise something does not that not every cluster uses. */
    readonly needed: boolean;
    readonly purpose: string;
}

export interface Port {
    readonly protocol: "tcp" | "udp";
    readonly number: number;
}

export interface PortNeed extends Port {
    readonly purpose: string;
}

/** Another node, and where a node must reach it. */
export interface HostPeer {
    readonly name: string;
    readonly address: string;
    readonly ports: readonly Port[];
}

/** What a node of a role needs of its host. */
export function hostNeeds(cluster: Cluster, role: Node["role"]): HostNeeds {
    return {
        kernel: kernelOf(cluster.cilium),
        modules: [
            ...modulesOf(cluster.cilium),
            // Not of every node, but which ones are gateways changes.
            ...(cluster.egress?.interface === undefined ? [] : useful("egress addresses", "dummy")),
        ],
        ports: [...rke2Ports(role, cluster), ...networkPorts(cluster)],
        // With best-effort Cilium passes over those that cannot.
        ...(cluster.cilium.serviceLoadBalancing?.acceleration === "native"
            ? { xdp: { devices: cluster.cilium.devices ?? [], drivers: XDP_DRIVERS } }
            : {}),
    };
}

/** 4.18.0-553 is what RHEL 8.10 came with, which Cilium names from 1.16 on. */
const RED_HAT_8_10 = "4.18.0-553";

function kernelOf({ version, encryption, bandwidthManager, values }: Cilium): KernelNeed {
    const needs: KernelNeed[] = [
        {
            oldest: minorOf(version) < 18 ? "5.4" : "5.10",
            oldestRedHat8: RED_HAT_8_10,
            purpose: `Cilium ${version}`,
        },
        ...(encryption.type === "wireguard"
            ? [{ oldest: "5.6", oldestRedHat8: RED_HAT_8_10, purpose: `WireGuard in Cilium ${version}` }]
            : []),
        // Red Hat 8 has neither.
        ...(bandwidthManager?.bbr === true
            ? [{ oldest: "5.18", oldestRedHat8: "5.18", purpose: `BBR for pods in Cilium ${version}` }]
            : []),
        ...(usesNetkit(values)
            ? [{ oldest: "6.7", oldestRedHat8: "6.7", purpose: `netkit in Cilium ${version}` }]
            : []),
    ];
    return needs.reduce((most, need) => (compareVersions(most.oldest, need.oldest) < 0 ? need : most));
}

function usesNetkit({ bpf = null }: Cilium["values"]): boolean {
    const mode =
        typeof bpf === "object" && bpf !== null && !Array.isArray(bpf) ? bpf["datapathMode"] : undefined;
    return mode === "netkit" || mode === "netkit-l2";
}

function modulesOf(cilium: Cilium): ModuleNeed[] {
    const { encryption, masquerade, bandwidthManager } = cilium;
    const { protocol, purpose } = encapsulation(cilium);
    return [
        ...needed("containers", "overlay"),
        ...useful("packets across bridges", "br_netfilter"),
        ...needed("Cilium's programs on links", "cls_bpf", "sch_ingress"),
        ...(protocol === undefined ? [] : needed(purpose, protocol)),
        ...encryptionModules(encryption.type),
        ...(bandwidthManager === undefined ? [] : needed("the bandwidth manager", "sch_fq")),
        ...(bandwidthManager?.bbr === true ? needed("BBR", "tcp_bbr") : []),
        ...(masquerade === "iptables" ? needed("masquerading in iptables", "xt_set", "ip_set_hash_ip") : []),
        ...useful("policies for HTTP and DNS", "xt_TPROXY", "xt_socket", "xt_mark", "xt_CT"),
    ];
}

function encryptionModules(type: Cilium["encryption"]["type"]): ModuleNeed[] {
    switch (type) {
        case "none":
            return [];
        case "wireguard":
            return needed("WireGuard", "wireguard");
        case "ipsec":
            return needed("IPsec", "xfrm_user", "esp4");
    }
}

function needed(purpose: string, ...names: string[]): ModuleNeed[] {
    return names.map((name) => ({ name, needed: true, purpose }));
}

function useful(purpose: string, ...names: string[]): ModuleNeed[] {
    return names.map((name) => ({ name, needed: false, purpose }));
}

const KUBELET = 10250;
const SUPERVISOR = 9345;
const API = 6443;
const ETCD = [2379, 2380] as const;

function rke2Ports(role: Node["role"], { rke2 }: Cluster): PortNeed[] {
    // On every node RKE2 has a balancer to the servers of its own; the API's is one below.
    const balancer = portOf(rke2.config, "lb-server-port", 6444);
    const api = { server: "the Kubernetes API", agent: "RKE2's balancer to the API" }[role];
    return [
        ...tcp(api, role === "server" ? API : balancer - 1),
        ...tcp("RKE2's balancer to its servers", balancer),
        ...(role === "agent"
            ? []
            : [
                  ...tcp("nodes that register", SUPERVISOR),
                  ...tcp("etcd", ...ETCD, 2381),
                  ...tcp("the controller manager", 10257),
                  ...tcp("the scheduler", 10259),
              ]),
        ...tcp("the kubelet", KUBELET, 10248),
        ...tcp("containerd", 10010),
    ];
}

/** Where the cluster's network listens on every node. */
function networkPorts({ cilium, loadBalancers }: Cluster): PortNeed[] {
    return [
        ...tcp("Cilium's health checks", healthPort(cilium)),
        ...(cilium.hubble.enabled ? tcp("Hubble", 4244) : []),
        ...dataPath(cilium),
        ...(loadBalancers.some(({ provider }) => provider === "metallb")
            ? [...tcp("MetalLB's speakers", 7946), ...udp("MetalLB's speakers", 7946)]
            : []),
    ];
}

/** What carries pods' packets from node to node. */
function dataPath(cilium: Cilium): PortNeed[] {
    const { encryption, values } = cilium;
    const { protocol, purpose } = encapsulation(cilium);
    return [
        ...(protocol === undefined
            ? []
            : udp(purpose, portOf(values, "tunnelPort", { vxlan: 8472, geneve: 6081 }[protocol]))),
        ...(encryption.type === "wireguard" ? udp("WireGuard", 51871) : []),
    ];
}

function healthPort({ values }: Cilium): number {
    return portOf(values, "healthPort", 4240);
}

/** A port that the user may have moved; 0 is the usual one. */
function portOf(values: Readonly<Record<string, JsonValue>>, key: string, usual: number): number {
    const value = values[key];
    return typeof value === "number" && value > 0 ? value : usual;
}

function tcp(purpose: string, ...numbers: number[]): PortNeed[] {
    return numbers.map((number) => ({ protocol: "tcp", number, purpose }));
}

function udp(purpose: string, ...numbers: number[]): PortNeed[] {
    return numbers.map((number) => ({ protocol: "udp", number, purpose }));
}

/** The other nodes that a node must reach, in its own cluster and in those that it is in a mesh with. */
export function hostPeers(node: Node, cluster: Cluster, { clusters }: Pick<Mesh, "clusters">): HostPeer[] {
    const names = new Set(cluster.peers.map(({ name }) => name));
    return [
        ...nodesOf(cluster)
            .filter(({ name }) => name !== node.name)
            .flatMap((peer) => at(peer, peer.name, portsBetween(node, peer, cluster))),
        ...clusters
            .filter(({ name }) => names.has(name))
            .flatMap((other) =>
                nodesOf(other).flatMap((peer) =>
                    at(peer, `${other.name}/${peer.name}`, portsBetweenClusters(other)),
                ),
            ),
    ];
}

/** A host that no longer answers is not asked for. */
function nodesOf(cluster: Cluster): Node[] {
    return [...cluster.servers, ...cluster.agents].filter(({ lost }) => !lost && cluster.lost !== true);
}

function at({ addresses }: Node, name: string, ports: readonly PortNeed[]): HostPeer[] {
    const plain = ports.map(({ protocol, number }) => ({ protocol, number }));
    return addresses.map((address) => ({ name, address, ports: plain }));
}

function portsBetween(node: Node, peer: Node, cluster: Cluster): PortNeed[] {
    return [
        ...(peer.role === "server"
            ? [...tcp("nodes that register", SUPERVISOR), ...tcp("the API", API)]
            : []),
        ...(peer.role === "server" && node.role === "server" ? tcp("etcd", ...ETCD) : []),
        ...tcp("the kubelet", KUBELET),
        ...networkPorts(cluster),
    ];
}

function portsBetweenClusters({ cilium, meshApi }: Cluster): PortNeed[] {
    return [
        ...tcp("Cilium's health checks", healthPort(cilium)),
        ...dataPath(cilium),
        ...(meshApi.type === "NodePort" ? tcp("the mesh API", meshApi.port) : []),
    ];
}
