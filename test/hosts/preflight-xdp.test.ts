/*
 * components/rke2/scripts/preflight.sh on machines of fakes: what it says of network drivers into which Cilium is to load its
 * programs. Not shown: what real drivers call themselves, and whether they take a program.
 */
import { expect, test } from "vitest";

import { findings, type Difference } from "./preflight-fixture.ts";

const DRIVERS = "bonding 5.15\nixgbe 4.12\nvirtio_net 4.10\nvmxnet3 6.6";

/** A host with links that have these drivers, asked about some or those of its addresses. */
function links(drivers: Readonly<Record<string, string>>, devices = ""): Difference {
    return {
        variables: { XDP_DRIVERS: DRIVERS, XDP_DEVICES: devices.replaceAll(" ", "\n") },
        files: Object.fromEntries(
            Object.entries(drivers).map(([link, driver]) => [
                `/sys/class/net/${link}/device/uevent`,
                `PCI_CLASS=20000\nDRIVER=${driver}\n`,
            ]),
        ),
    };
}

test.each<[string, Difference]>([
    [
        "nobody asks for programs in drivers",
        { files: { "/sys/class/net/eth0/device/uevent": "DRIVER=e1000e" } },
    ],
    [
        "the link of the node's address has a driver that takes them",
        links({ eth0: "virtio_net", eth1: "e1000e" }),
    ],
    ["the links named have such drivers", links({ eth0: "e1000e", ens1: "ixgbe", ens2: "ixgbe" }, "ens+")],
])("nothing is wrong where %s", async (_, difference) => {
    expect(await findings("xdp", difference)).toEqual([]);
});

const UNKNOWN = [
    "a driver that takes programs (XDP): cilium.serviceLoadBalancing.acceleration is native, and the agents exit with any other",
    "try it on a host that may break, or say best-effort",
];
const LATER = [
    "Linux 6.6 or later, in which it takes programs (XDP)",
    "upgrade the kernel and reboot, or set cilium.serviceLoadBalancing.acceleration to best-effort",
];
const VIRTUAL = [
    "a network card: cilium.serviceLoadBalancing.acceleration is native",
    "name the cards in cilium.devices, or say best-effort or disabled",
];

test.each<[string, Difference, string[][]]>([
    [
        "a driver that is not known",
        links({ eth0: "e1000e" }),
        [["warned", "xdp", "eth0 has e1000e, which is not in Cilium's list", ...UNKNOWN]],
    ],
    [
        "a link without a device",
        links({}),
        [["warned", "xdp", "eth0 has no known driver, which is not in Cilium's list", ...UNKNOWN]],
    ],
    [
        "a driver in an older Linux",
        links({ eth0: "vmxnet3", eth1: "vmxnet3" }, "eth0"),
        [["refused", "xdp", "eth0 has vmxnet3, in Linux 6.1.0-28-amd64", ...LATER]],
    ],
    [
        "a bridge and a VLAN",
        {
            ...links({}, "br0 eth0.7"),
            files: {
                "/sys/class/net/br0/bridge/bridge_id": "8000.1\n",
                "/sys/class/net/eth0.7/uevent": "DEVTYPE=vlan\nINTERFACE=eth0.7\n",
            },
        },
        [
            ["refused", "xdp", "br0 is a bridge or a VLAN", ...VIRTUAL],
            ["refused", "xdp", "eth0.7 is a bridge or a VLAN", ...VIRTUAL],
        ],
    ],
    [
        "a bond with a link that is not known",
        {
            ...links({}, "bond0"),
            files: {
                ...links({ eth0: "ixgbe", eth1: "e1000e" }).files,
                "/sys/class/net/bond0/bonding/mode": "802.3ad 4\n",
                "/sys/class/net/bond0/lower_eth0/mtu": "1500\n",
                "/sys/class/net/bond0/lower_eth1/mtu": "1500\n",
            },
        },
        [["warned", "xdp", "eth1 in bond0 has e1000e, which is not in Cilium's list", ...UNKNOWN]],
    ],
])("%s is told", async (_, difference, expected) => {
    expect(await findings("xdp", difference)).toEqual(expected);
});

test("a finding that is to stop nothing is only told", async () => {
    const [finding] = await findings("xdp", links({ eth0: "vmxnet3" }), { variables: { IGNORE: "xdp" } });
    expect(finding?.slice(0, 2)).toEqual(["warned", "xdp"]);
});

test("a kernel that Red Hat 8 has no other of is asked for as it is", async () => {
    expect(
        await findings("kernel", {
            variables: {
                KERNEL_MIN: "5.18",
                KERNEL_MIN_EL8: "5.18",
                KERNEL_FOR: "BBR for pods in Cilium 1.19.6",
            },
            says: { "uname -r": "4.18.0-553.5.1.el8_10.x86_64\n" },
        }),
    ).toEqual([
        [
            "refused",
            "kernel",
            "Linux 4.18.0-553.5.1.el8_10.x86_64",
            "5.18 or later, for BBR for pods in Cilium 1.19.6",
            "upgrade the kernel and reboot",
        ],
    ]);
});
