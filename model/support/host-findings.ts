/**
 * What the preflight can find wrong with a host, by the names it has in `rke2.host.ignore`. Each line says what it is about;
 * what was found, what is needed and how to fix it, the preflight says itself.
 */
export const HOST_FINDINGS = {
    root: "the scripts do not run as root",
    systemd: "systemd does not answer",
    commands: "a command that installing needs is missing",
    "install-method": "RKE2 has come here, or would come, in another way than described",
    os: "an operating system that is too old, or not known",
    architecture: "a processor that RKE2 is not built for",
    kernel: "a kernel that Cilium does not run on",
    cpus: "few processors",
    memory: "little memory",
    disk: "little room below /var/lib/rancher",
    inodes: "few inodes below /var/lib/rancher",
    clock: "a clock that is wrong, or that nothing sets",
    modules: "missing kernel modules",
    bpf: "no BPF file system",
    cgroup: "control groups of version 1, or none",
    selinux: "SELinux without RKE2's policy",
    swap: "swap",
    firewalld: "firewalld, where this program does not see to it",
    firewall: "rules of another firewall",
    "network-manager": "NetworkManager, where this program does not keep it from Cilium's interfaces",
    "nm-cloud-setup": "nm-cloud-setup, where this program does not switch it off",
    networkd: "systemd-networkd, where this program does not keep it from Cilium's routes",
    "other-node": "another node of this program",
    role: "the same node in another role",
    "earlier-cluster": "RKE2, k3s or another Kubernetes that is, or was, here",
    cni: "another network plugin, or what it left",
    ports: "ports that something else has",
    address: "an address that the host does not have",
    mtu: "links whose MTUs do not go together",
    xdp: "a network driver into which Cilium's programs cannot be loaded",
    "default-route": "no default route",
    "own-name": "the host's own name does not resolve",
    localhost: "/etc/hosts does not name localhost",
    registration: "no answer at apiAddress",
    peers: "no answer from another node",
    "peer-ports": "a firewall before ports of another node",
    "path-mtu": "full packets do not reach another node",
    "install-url": "the install script of RKE2 cannot be had",
} as const;

/** A finding by its name. */
export type HostFinding = keyof typeof HOST_FINDINGS;

/** Whether a word is the name of a finding. */
export function isHostFinding(word: string): word is HostFinding {
    return Object.hasOwn(HOST_FINDINGS, word);
}
