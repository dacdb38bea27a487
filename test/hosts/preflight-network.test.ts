/*
 * components/rke2/scripts/preflight.sh on machines of fakes: what it says of a host's network, its services, and clusters that
 * it is or was a part of. Not shown: that real commands and kernels say what the fakes do.
 */
import { describe, expect, test } from "vitest";

import { findings, PreflightHost, linesOf, type Difference } from "./preflight-fixture.ts";

const CONFIG = "/etc/rancher/rke2/config.yaml";
const STARTED = "/etc/rancher/rke2/config.yaml.started";
const MEMBER = "/var/lib/rancher/rke2/server/db/etcd/member/wal/0.wal";
const SOCKETS = "  sl  local_address rem_address   st tx_queue rx_queue\n";

function named(name: string): Record<string, string> {
    return { [CONFIG]: `cni: "none"\nnode-name: "${name}"\n`, [STARTED]: "", [MEMBER]: "" };
}

function runs(...units: string[]): Difference {
    return {
        says: Object.fromEntries(units.map((unit) => [`systemctl is-active ${unit}`, "active\n"])),
    };
}

const UNPREPARED = { variables: { PREPARE: "no" } };

test.each<[string, string, Difference, string[][]]>([
    [
        "firewalld that is to be left",
        "firewalld",
        { ...runs("firewalld"), variables: { FIREWALLD: "leave" } },
        [
            [
                "refused",
                "firewalld",
                "firewalld runs, and rke2.host.firewalld is leave",
                "no firewalld: it drops packets of pods that Cilium has let through",
                "systemctl disable --now firewalld, or say off or open",
            ],
        ],
    ],
    [
        "services that nobody will keep away",
        "firewalld network_manager nm_cloud_setup networkd",
        {
            ...UNPREPARED,
            ...runs("firewalld", "NetworkManager", "nm-cloud-setup.timer", "systemd-networkd"),
            files: {
                "/etc/systemd/networkd.conf.d/half.conf": "[Network]\nManageForeignRoutes=no\n",
                "/etc/NetworkManager/conf.d/flannel.conf":
                    "[keyfile]\nunmanaged-devices=interface-name:flannel*\n",
            },
        },
        [
            [
                "refused",
                "firewalld",
                "firewalld runs, and rke2.host.prepare is false",
                "no firewalld: it drops packets of pods that Cilium has let through",
                "systemctl disable --now firewalld, or let this program prepare the hosts",
            ],
            [
                "refused",
                "network-manager",
                "NetworkManager manages Cilium's interfaces, and rke2.host.prepare is false",
                "that it leaves them alone",
                "write unmanaged-devices=interface-name:cilium*;interface-name:lxc* below [keyfile] in /etc/NetworkManager/conf.d/cilium.conf",
            ],
            [
                "refused",
                "nm-cloud-setup",
                "nm-cloud-setup.timer on, and rke2.host.prepare is false",
                "off: its routing rules lead pods' packets astray",
                "systemctl disable --now nm-cloud-setup.service nm-cloud-setup.timer, and reboot",
            ],
            [
                "refused",
                "networkd",
                "systemd-networkd takes away routes and rules of Cilium when it restarts, and rke2.host.prepare is false",
                "that it leaves them alone",
                "write ManageForeignRoutes=no and ManageForeignRoutingPolicyRules=no below [Network] in /etc/systemd/networkd.conf.d/cilium.conf",
            ],
        ],
    ],
    [
        "another network plugin",
        "cni",
        {
            files: {
                "/etc/cni/net.d/10-canal.conflist": "{}",
                "/etc/cni/net.d/05-cilium.conflist": "{}",
                "/etc/cni/net.d/99-loopback.conf": "{}",
                "/etc/cni/net.d/README": "",
                "/sys/class/net/cni0/mtu": "1450",
                "/sys/class/net/docker0/mtu": "1500",
                "/sys/class/net/flannel.1/mtu": "1450",
            },
        },
        [
            [
                "refused",
                "cni",
                "/etc/cni/net.d/10-canal.conflist, the link cni0, the link flannel.1",
                "no network plugin but Cilium",
                "uninstall what they belong to, remove them, and reboot",
            ],
        ],
    ],
    [
        "ports that others have",
        "ports",
        {
            files: {
                "/proc/net/tcp6": `${SOCKETS}   0: 00000000000000000000000000000000:192B 00000000000000000000000000000000:0000 0A\n`,
                "/proc/net/tcp": `${SOCKETS}   0: 0100007F:280A 00000000:0000 0A\n   1: 0100007F:2118 0100007F:0035 01\n`,
                "/proc/net/udp": `${SOCKETS}   0: 00000000:2118 00000000:0000 07\n`,
            },
            says: {
                "ss -Hlnp --tcp sport = :6443":
                    'LISTEN 0 511 *:6443 *:* users:(("nginx",pid=812,fd=6),("nginx",pid=813,fd=6))\n',
                "ss -Hlnp --tcp sport = :10250": "",
            },
        },
        [
            [
                "refused",
                "ports",
                "6443/tcp is taken by nginx (process 812), 10250/tcp is taken, 8472/udp is taken",
                "6443/tcp for the Kubernetes API, 10250/tcp for the kubelet, 8472/udp for the tunnel",
                "stop what has them, or give it other ports",
            ],
        ],
    ],
    [
        "the wrong host",
        "address",
        { variables: { ADDRESSES: "10.0.0.9" } },
        [
            [
                "refused",
                "address",
                "10.0.0.9 is on no interface of this host, which has 10.0.0.1",
                "the node's address",
                "correct the node's address, or ssh.host: this may be another host",
            ],
        ],
    ],
    [
        "a host without a default route",
        "default_route",
        { files: { "/proc/net/route": "Iface\tDestination\tGateway\n" } },
        [
            [
                "refused",
                "default-route",
                "no default route for IPv4",
                "one: RKE2 does not start without",
                "add one, to a dummy interface if nothing else is to be reached: see docs.rke2.io/install/airgap",
            ],
        ],
    ],
    [
        "an IPv6 host without a default route but the kernel's own",
        "default_route",
        {
            variables: { ADDRESSES: "fd00::1\n10.0.0.1" },
            files: {
                "/proc/net/ipv6_route": `${"0".repeat(32)} 00 ${"0".repeat(32)} 00 ${"0".repeat(32)} ffffffff 00000001 00000000 00200200       lo\n`,
            },
        },
        [
            [
                "refused",
                "default-route",
                "no default route for IPv6",
                "one: RKE2 does not start without",
                "add one, to a dummy interface if nothing else is to be reached: see docs.rke2.io/install/airgap",
            ],
        ],
    ],
    [
        "RKE2 of someone else under the same name",
        "owner",
        { files: { [CONFIG]: 'node-name: "east-1"\n', [MEMBER]: "" } },
        [
            [
                "refused",
                "earlier-cluster",
                "/etc/rancher/rke2/config.yaml, /var/lib/rancher/rke2/server/db",
                "a host without RKE2, k3s or another Kubernetes",
                "name another host, or remove what is there: rke2-uninstall.sh, k3s-uninstall.sh, kubeadm reset",
            ],
        ],
    ],
    [
        "k3s",
        "owner",
        { ...runs("k3s-agent"), files: { "/var/lib/rancher/k3s/agent/x": "" } },
        [
            [
                "refused",
                "earlier-cluster",
                "the service k3s-agent, /var/lib/rancher/k3s/agent",
                "a host without RKE2, k3s or another Kubernetes",
                "name another host, or remove what is there: rke2-uninstall.sh, k3s-uninstall.sh, kubeadm reset",
            ],
        ],
    ],
    [
        "another node of this program",
        "owner",
        { files: named("west-7") },
        [
            [
                "refused",
                "other-node",
                "this host is the node west-7",
                "a host for east-1 alone",
                "if it was renamed, take it out under its old name first, in a change of its own; if not, correct ssh.host or the address of one of the two",
            ],
        ],
    ],
    [
        "the same node in another role",
        "owner",
        { ...runs("rke2-agent"), files: named("east-1") },
        [
            [
                "refused",
                "role",
                "this host runs rke2-agent",
                "rke2-server, as the node is described",
                "take the node out, in a change of its own, and describe it in its new role after that",
            ],
        ],
    ],
])("%s: it is refused", async (_, checks, difference, expected) => {
    expect(await findings(checks, difference)).toEqual(expected);
});

test.each<[string, string, Difference]>([
    ["firewalld that is switched off, or opened, before RKE2 comes", "firewalld", runs("firewalld")],
    [
        "services that this program keeps away",
        "network_manager nm_cloud_setup networkd",
        runs("NetworkManager", "nm-cloud-setup.service", "systemd-networkd"),
    ],
    [
        "services that someone else has told to keep away",
        "network_manager networkd",
        {
            ...UNPREPARED,
            ...runs("NetworkManager", "systemd-networkd"),
            files: {
                "/usr/lib/NetworkManager/conf.d/x.conf":
                    "[keyfile]\nunmanaged-devices+=interface-name:cilium*\n",
                "/etc/systemd/networkd.conf":
                    "[Network]\nManageForeignRoutes=False\nManageForeignRoutingPolicyRules = no\n",
            },
        },
    ],
    [
        "images and files that were put there for RKE2 beforehand",
        "owner",
        {
            files: {
                "/var/lib/rancher/rke2/agent/images/core.tar.zst": "",
                "/etc/rancher/rke2/config.yaml.d/50-mine.yaml": "",
            },
        },
    ],
    [
        "an installation of this node that was interrupted",
        "owner cni ports",
        { files: { [CONFIG]: 'node-name: "east-1"\n', "/etc/cni/net.d/10-x.conf": "{}" } },
    ],
])("%s: nothing is wrong", async (_, checks, difference) => {
    expect(await findings(checks, difference)).toEqual([]);
});

describe("a node that runs already", () => {
    const NODE: Difference = {
        files: {
            ...named("east-1"),
            "/proc/net/tcp": `${SOCKETS}   0: 00000000:192B 00000000:0000 0A\n`,
            "/sys/class/net/cali0/mtu": "1500",
        },
        ...runs("rke2-server"),
    };

    test("is not asked for a clean host", async () => {
        expect(await findings("owner cni ports", NODE)).toEqual([]);
    });

    test("is warned of what would keep it from becoming one", async () => {
        const poor = {
            nproc: "1\n",
            df: "Filesystem 1024-blocks Used Available\n/dev/vda1 0 0 5242880 9% /\n",
        };
        expect(await findings("cpus memory disk", NODE, { says: poor })).toEqual([
            ["warned", "cpus", "1", "2; better 4", "give the host more"],
            [
                "warned",
                "disk",
                "5.0 GiB free at /var/lib/rancher",
                "10 GiB for /var/lib/rancher; better 20",
                "make room, or mount a larger disk there",
            ],
        ]);
    });

    test("is refused where a change would break it", async () => {
        expect(await findings("kernel", NODE, { variables: { KERNEL_MIN: "6.8" } })).toEqual([
            [
                "refused",
                "kernel",
                "Linux 6.1.0-28-amd64",
                "6.8 or later, or 4.18.0-553 of Red Hat 8, for Cilium 1.19.6",
                "upgrade the kernel and reboot",
            ],
        ]);
    });
});

test("links that do not go together are told, and what each carries", async () => {
    const host = new PreflightHost({
        variables: { ADDRESSES: "10.0.0.1\nfd00::1", ONLY: "address" },
        says: {
            "ip -o address show to 10.0.0.1": "3: bond0    inet 10.0.0.1/24 scope global bond0\n",
            "ip -o address show to fd00::1": "4: eth2@if7    inet6 fd00::1/64 scope global\n",
        },
        files: {
            "/sys/class/net/bond0/mtu": "9000\n",
            "/sys/class/net/bond0/lower_eth0/mtu": "9000\n",
            "/sys/class/net/bond0/lower_eth1/mtu": "1500\n",
            "/sys/class/net/eth2/mtu": "1500\n",
        },
    });
    const run = await host.run();
    expect(run.code).toBe(0);
    expect(linesOf(run)).toEqual([
        ["info", "mtu", "bond0", "9000"],
        [
            "warned",
            "mtu",
            "bond0 has 9000, and eth1 below it has 1500",
            "no less below",
            "set the same on both",
        ],
        ["info", "mtu", "eth2", "1500"],
        [
            "warned",
            "mtu",
            "the links of the node's addresses differ: bond0 has 9000, eth2 has 1500",
            "one MTU on one network",
            "set the same on both",
        ],
    ]);
    host.dispose();
});
