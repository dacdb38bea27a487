import type { Cilium, HostPreparation, Install, LoadBalancer } from "../../model/resolved.ts";
import { encapsulation } from "../../model/support/encapsulation.ts";
import type { Rke2Config } from "./config.ts";

/** What decides how a node's host is prepared. */
export interface PreparationArgs {
    /** What the user says of it. */
    readonly host: Pick<HostPreparation, "prepare" | "firewalld" | "trustedCidrs">;
    /** What the node is. */
    readonly role: "server" | "agent";
    /** The node's whole config.yaml. */
    readonly config: Rke2Config;
    /** How RKE2 comes onto the host. */
    readonly method: Install["method"];
    /** The ranges of pods and Services of every cluster of the mesh: their packets come with these addresses. */
    readonly insideCidrs: readonly string[];
    /** The network of the cluster. */
    readonly cilium: Pick<Cilium, "routing" | "encryption" | "hubble" | "serviceLoadBalancing">;
    /** Whether nodes give each other images, as servers' config.yaml says and agents' cannot. @default false */
    readonly embeddedRegistry?: boolean;
    /** What announces the cluster's Services. @default - none */
    readonly loadBalancers?: readonly Pick<LoadBalancer, "provider">[];
}

/** The variables of scripts/parts/prepare.sh. They hold no secret. `METHOD` is a variable of the installation too. */
export function preparation(args: PreparationArgs): Record<string, string> {
    const { host, config, method, insideCidrs } = args;
    const profile = config["profile"];
    return {
        PREPARE: yes(host.prepare),
        MODULES: lines(modules(args)),
        IPV6: yes(insideCidrs.some(isIpv6)),
        FIREWALLD: host.firewalld,
        ...(host.firewalld === "open"
            ? { PORTS: lines(ports(args)), TRUSTED: lines(host.trustedCidrs), INSIDE: lines(insideCidrs) }
            : {}),
        CIS: yes(profile === "cis" || isOn(config["protect-kernel-defaults"])),
        ETCD_USER: yes(profile === "cis" || profile === "etcd"),
        SELINUX: yes(isOn(config["selinux"])),
        METHOD: method,
        OFFLINE: yes(method === "air-gap"),
    };
}

/** What Cilium and RKE2 use of the kernel and may lack: RKE2 goes on without, and Cilium's pods cannot bring it. */
function modules({ cilium, insideCidrs }: PreparationArgs): string[] {
    const { encryption } = cilium;
    const { protocol } = encapsulation(cilium);
    return [
        "overlay",
        "br_netfilter",
        ...(protocol === undefined ? [] : [protocol]),
        ...(encryption.type === "wireguard" ? ["wireguard"] : []),
        ...(encryption.type === "ipsec"
            ? [
                  "xfrm_user",
                  ...(insideCidrs.every(isIpv6) ? [] : ["esp4"]),
                  ...(insideCidrs.some(isIpv6) ? ["esp6"] : []),
              ]
            : []),
    ];
}

/** What nodes reach on one another. Services need no port here: Cilium takes their packets before firewalld sees them. */
function ports({ role, cilium, embeddedRegistry = false, loadBalancers = [] }: PreparationArgs): string[] {
    const { encryption, hubble } = cilium;
    const { protocol } = encapsulation(cilium);
    return [
        // The API, where nodes register, and etcd.
        ...(role === "server" ? ["6443/tcp", "9345/tcp", "2379-2380/tcp"] : []),
        // The kubelet, and Cilium's health.
        "10250/tcp",
        "4240/tcp",
        ...(protocol === undefined ? [] : [{ vxlan: "8472/udp", geneve: "6081/udp" }[protocol]]),
        ...(encryption.type === "wireguard" ? ["51871/udp"] : []),
        ...(encryption.type === "ipsec" ? ["esp"] : []),
        ...(hubble.enabled ? ["4244/tcp"] : []),
        ...(embeddedRegistry ? ["5001/tcp"] : []),
        // The speakers of MetalLB find each other.
        ...(loadBalancers.some(({ provider }) => provider === "metallb") ? ["7946/tcp", "7946/udp"] : []),
    ];
}

function isIpv6(cidr: string): boolean {
    return cidr.includes(":");
}

/** RKE2 reads a quoted word as the switch that it names, too. */
function isOn(value: Rke2Config[string] | undefined): boolean {
    return value === true || value === "true";
}

function yes(condition: boolean): "yes" | "no" {
    return condition ? "yes" : "no";
}

function lines(items: readonly string[]): string {
    return items.join("\n");
}
