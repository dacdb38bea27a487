/*
 * components/rke2/scripts/preflight.sh on machines of fakes: what it says of a machine and its system. Not shown: that real
 * commands and kernels say what the fakes do.
 */
import { expect, test } from "vitest";

import { bashScript } from "../../components/host/bash.ts";
import { PREFLIGHT_SCRIPT } from "../../components/rke2/preflight.ts";
import { HOST_FINDINGS, isHostFinding } from "../../model/support/host-findings.ts";
import { findings, linesOf, PreflightHost, type Difference } from "./preflight-fixture.ts";

const SYSTEMS =
    "Red Hat Enterprise Linux 8 to 10 or its like, Ubuntu 20.04, Debian 11, SLES or openSUSE Leap 15, or later; or Tumbleweed";

function os(id: string, version: string): Difference {
    const name = `${id} ${version}`;
    return {
        files: { "/etc/os-release": `ID="${id}"\nVERSION_ID='${version}'\nPRETTY_NAME="${name}"` },
    };
}

test("a good host is told apart by what it is, and nothing on it is touched", async () => {
    const host = new PreflightHost();
    const before = host.times();
    const run = await host.run();
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/^info\ttime\t\d{10}\.\d{9}\n/);
    expect(linesOf(run)).toEqual([
        ["info", "os", "debian", "12", "Debian GNU/Linux 12 (bookworm)"],
        ["info", "kernel", "6.1.0-28-amd64"],
        ["info", "mtu", "eth0", "1500"],
    ]);
    expect(host.times()).toEqual(before);
    // Bash keeps a here-document in a file, somewhere else.
    expect(bashScript(PREFLIGHT_SCRIPT, {})).not.toContain("<<");
    host.dispose();
});

/** Each on a machine with all that one machine can have at once. */
const POOR: Difference = {
    ...os("ubuntu", "18.04"),
    variables: { MODULES: "needed vxlan the tunnel\nneeded wireguard WireGuard\nuseful xt_CT policies" },
    files: {
        ...os("ubuntu", "18.04").files,
        "/proc/meminfo": "MemTotal:       3669999 kB\n",
        "/proc/filesystems": "nodev\tsysfs\n",
        "/proc/swaps": "Filename Type Size\n/dev/sda2 partition 1\n/swap.img file 2\n",
        "/proc/sys/kernel/hostname": "nobody-knows-me\n",
        "/etc/hosts": "10.0.0.1 east-1\n#127.0.0.1 localhost\n",
        "/etc/ufw/ufw.conf": "# /etc/ufw/ufw.conf\nENABLED=yes\n",
        "/sys/fs/selinux/enforce": "1",
        "/lib/modules/5.4.0-42-generic/modules.dep": "",
    },
    says: {
        id: "1000\n",
        nproc: "1\n",
        "uname -m": "armv7l\n",
        "uname -r": "5.4.0-42-generic\n",
        df: "Filesystem 1024-blocks Used Available\n/dev/vda1 99999 1 88888 35% /\n",
        timedatectl: "no\n",
        modprobe: "",
        "modprobe --dry-run --verbose vxlan": "install /bin/false\n",
        getent: "",
        systemctl: "",
        rpm: "rke2-common-1.34.1~rke2r1-0.el9.x86_64\n",
        curl: "curl: (28) Connection timed out after 8001 milliseconds\n",
    },
    codes: { modprobe: 1, "modprobe --dry-run --verbose vxlan": 0, getent: 2, curl: 28 },
    lacks: ["flock", "tar"],
};

const POOR_FINDINGS = [
    [
        "refused",
        "root",
        "the scripts run as user 1000",
        "root",
        "log in as root, or as a user with sudo and without a password for it",
    ],
    [
        "refused",
        "systemd",
        "systemd does not answer",
        "a host that systemd has booted",
        "use a whole machine, not a container; or see what systemctl status says there",
    ],
    [
        "refused",
        "commands",
        "missing: flock, tar",
        "cmp, flock, sha256sum, tar, curl",
        "install the packages that have them: curl, diffutils, coreutils, tar, util-linux",
    ],
    [
        "refused",
        "install-method",
        "the package rke2-common-1.34.1~rke2r1-0.el9.x86_64",
        "a host without RKE2's packages, for rke2.install.method tar",
        "say rke2.install.method rpm, or remove the packages",
    ],
    ["refused", "os", "ubuntu 18.04", SYSTEMS, "install a later release"],
    ["refused", "architecture", "armv7l", "x86_64 or aarch64", "use a host with such a processor"],
    [
        "refused",
        "kernel",
        "Linux 5.4.0-42-generic",
        "5.10 or later, or 4.18.0-553 of Red Hat 8, for Cilium 1.19.6",
        "upgrade the kernel and reboot",
    ],
    ["refused", "cpus", "1", "2; better 4", "give the host more"],
    ["refused", "memory", "3.4 GiB", "4 GiB; better 8", "give the host more"],
    [
        "refused",
        "disk",
        "0.0 GiB free at /var/lib",
        "10 GiB for /var/lib/rancher; better 20",
        "make room, or mount a larger disk there",
    ],
    [
        "warned",
        "inodes",
        "88888 inodes free at /var/lib",
        "100000: images are many small files",
        "make the file system with more inodes",
    ],
    [
        "warned",
        "clock",
        "the clock is not synchronised",
        "clocks that agree: certificates and leases go by time",
        "let chrony or systemd-timesyncd set it: timedatectl set-ntp true",
    ],
    [
        "refused",
        "modules",
        "Linux 5.4.0-42-generic has no wireguard (WireGuard)",
        "these modules, built in or to be loaded",
        "apt-get install linux-modules-extra-5.4.0-42-generic",
    ],
    [
        "refused",
        "modules",
        "modprobe is told not to load vxlan (the tunnel)",
        "these modules, built in or to be loaded",
        "take their install lines out of /etc/modprobe.d",
    ],
    [
        "warned",
        "modules",
        "Linux 5.4.0-42-generic has no xt_CT (policies)",
        "these modules, built in or to be loaded",
        "apt-get install linux-modules-extra-5.4.0-42-generic",
    ],
    [
        "refused",
        "bpf",
        "the kernel has no BPF file system",
        "one: Cilium keeps its maps there",
        "use a kernel with CONFIG_BPF_SYSCALL",
    ],
    [
        "refused",
        "cgroup",
        "the kernel has no control groups of version 2",
        "them: Cilium balances Services there",
        "use a kernel with CONFIG_CGROUP_BPF",
    ],
    [
        "warned",
        "selinux",
        "SELinux is enforcing, without RKE2's policy",
        "the packages container-selinux and rke2-selinux, and selinux: true in rke2.config; without them containers run unconfined",
        "install them, or say rke2.install.method rpm, which brings them",
    ],
    [
        "warned",
        "swap",
        "on: /dev/sda2, /swap.img",
        "none: RKE2 starts with it, but etcd becomes slow and pods' memory is no longer what was planned",
        "swapoff -a, and take it out of /etc/fstab",
    ],
    [
        "warned",
        "firewall",
        "rules of ufw",
        "rules that let through the ports of RKE2 and Cilium, and all from pods",
        "see docs.rke2.io/install/requirements, or switch it off",
    ],
    [
        "warned",
        "own-name",
        "nobody-knows-me does not resolve",
        "that the host knows its own name: sudo and others wait for it",
        "add it to /etc/hosts, next to the host's address",
    ],
    [
        "warned",
        "localhost",
        "/etc/hosts does not name localhost",
        "127.0.0.1 localhost: Cilium asks RKE2 there for the API",
        "add it to /etc/hosts",
    ],
    [
        "refused",
        "install-url",
        "https://get.rke2.io: curl: (28) Connection timed out after 8001 milliseconds",
        "RKE2's install script",
        "open the way there, set rke2.proxy or rke2.installUrl, or install with rke2.install.method air-gap",
    ],
];

test("a poor host is told all that is wrong with it at once, on standard error for people", async () => {
    const host = new PreflightHost(POOR);
    const run = await host.run();
    expect(linesOf(run).filter(([kind]) => kind !== "info")).toEqual(POOR_FINDINGS);
    expect(run.code).toBe(1);
    const refused = POOR_FINDINGS.filter(([kind]) => kind === "refused");
    expect(run.stderr).toBe(
        [
            `east-1: this host cannot be a node as it is (refused: ${refused.length}), and nothing was changed on it. A finding named in rke2.host.ignore no longer stops anything.`,
            ...refused.map(
                ([, name, found, needed, fix]) =>
                    `✖ east-1: ${name}\n    found: ${found}\n    needed: ${needed}\n    fix: ${fix}`,
            ),
            "",
        ].join("\n"),
    );
    host.dispose();
});

test("what is to be ignored is still told, and stops nothing", async () => {
    const names = [...new Set(POOR_FINDINGS.map(([, name]) => name))];
    const host = new PreflightHost(POOR, {
        variables: { MODULES: POOR.variables?.["MODULES"] ?? "", IGNORE: names.join("\n") },
    });
    const run = await host.run();
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(linesOf(run).filter(([kind]) => kind !== "info")).toEqual(
        POOR_FINDINGS.map(([, ...words]) => ["warned", ...words]),
    );
    host.dispose();
});

test("ignoring some of it leaves the rest refused", async () => {
    const host = new PreflightHost(
        { says: { nproc: "1\n", "uname -m": "riscv64\n" } },
        { variables: { IGNORE: "cpu\ncpus", ONLY: "architecture\ncpus" } },
    );
    const { code, stderr } = await host.run();
    expect(code).toBe(1);
    expect(stderr).toBe(
        "east-1: this host cannot be a node as it is (refused: 1), and nothing was changed on it. A finding named in rke2.host.ignore no longer stops anything.\n✖ east-1: architecture\n    found: riscv64\n    needed: x86_64 or aarch64\n    fix: use a host with such a processor\n",
    );
    host.dispose();
});

test("a host that will do is told what would be better", async () => {
    expect(
        await findings("os cpus memory disk clock cgroup firewall", {
            ...os("fedora", "42"),
            says: {
                nproc: "2\n",
                df: "Filesystem 1024-blocks Used Available\n/dev/vda1 0 0 20971519 35% /\n",
                chronyc: "Reference ID : 00000000 ()\nLeap status     : Not synchronised\n",
                systemctl: "active\n",
                timedatectl: "",
            },
            files: {
                ...os("fedora", "42").files,
                "/proc/meminfo": "MemTotal:        7864319 kB\n",
                "/sys/fs/cgroup/memory/tasks": "",
            },
            without: ["/sys/fs/cgroup/cgroup.controllers"],
            variables: { VERSION: "v1.34.9+rke2r1", FIREWALLD: "open" },
            codes: { systemctl: 1, timedatectl: 1 },
        }),
    ).toEqual([
        [
            "warned",
            "os",
            "fedora 42, which this program does not know",
            SYSTEMS,
            "try it on a host that may break",
        ],
        ["warned", "cpus", "2", "better 4", "give the host more, if it is to carry more than a try"],
        [
            "warned",
            "memory",
            "7.4 GiB",
            "better 8 GiB",
            "give the host more, if it is to carry more than a try",
        ],
        [
            "warned",
            "disk",
            "19.9 GiB free at /var/lib",
            "better 20 GiB for /var/lib/rancher",
            "make room, or mount a larger disk there",
        ],
        [
            "warned",
            "clock",
            "the clock is not synchronised",
            "clocks that agree: certificates and leases go by time",
            "let chrony or systemd-timesyncd set it: timedatectl set-ntp true",
        ],
        [
            "warned",
            "cgroup",
            "control groups of version 1",
            "version 2 before the upgrade to Kubernetes 1.35",
            "boot with systemd.unified_cgroup_hierarchy=1",
        ],
        [
            "warned",
            "firewall",
            "rules of nftables, iptables, ip6tables",
            "rules that let through the ports of RKE2 and Cilium, and all from pods",
            "see docs.rke2.io/install/requirements, or switch it off",
        ],
    ]);
});

test("a host that lacks the tools to be looked at is not refused for it", async () => {
    const host = new PreflightHost({
        lacks: [
            "ip",
            "ss",
            "ping",
            "df",
            "nproc",
            "timedatectl",
            "chronyc",
            "getent",
            "modprobe",
            "rpm",
            "rke2",
        ],
        without: ["/lib/modules", "/proc", "/sys", "/etc/os-release"],
    });
    const run = await host.run();
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(linesOf(run).map(([kind, name, found]) => [kind, name, found])).toEqual([
        ["info", "os", "-"],
        ["warned", "os", "no /etc/os-release, which this program does not know"],
        ["info", "kernel", "6.1.0-28-amd64"],
        ["warned", "cpus", "nproc does not say how many there are"],
        ["warned", "memory", "/proc/meminfo does not say how much there is"],
        ["warned", "disk", "df does not say how much is free at /var/lib"],
        ["warned", "clock", "neither timedatectl nor chronyc says whether the clock is synchronised"],
        [
            "warned",
            "modules",
            "there is no /lib/modules/6.1.0-28-amd64, which would say whether Linux has vxlan (the tunnel), cls_bpf (Cilium's programs), xt_CT (policies)",
        ],
        ["warned", "cgroup", "nothing is mounted at /sys/fs/cgroup"],
        ["warned", "address", "there is no command ip to ask"],
    ]);
    host.dispose();
});

const RED_HAT_8 = { ...os("rocky", "8.10"), says: { "uname -r": "4.18.0-553.5.1.el8_10.x86_64\n" } };

test.each<[string, Difference]>([
    ["Rocky Linux 8.10 with Red Hat's kernel", RED_HAT_8],
    ["RHEL 10", os("rhel", "10.1")],
    ["SLES 16", os("sles", "16.0")],
    ["Tumbleweed", os("opensuse-tumbleweed", "20260901")],
    [
        "a clock that chrony keeps",
        { lacks: ["timedatectl"], says: { chronyc: "Leap status     : Normal\n" } },
    ],
])("nothing is wrong with %s", async (_, difference) => {
    expect(await findings("os kernel clock", difference)).toEqual([]);
});

test.each<[string, string, Difference, string[]]>([
    [
        "an older kernel of Red Hat 8",
        "os kernel",
        { ...RED_HAT_8, says: { "uname -r": "4.18.0-477.10.1.el8_8.x86_64\n" } },
        [
            "refused",
            "kernel",
            "Linux 4.18.0-477.10.1.el8_8.x86_64",
            "5.10 or later, or 4.18.0-553 of Red Hat 8, for Cilium 1.19.6",
            "upgrade the kernel and reboot",
        ],
    ],
    [
        "a later system than is known",
        "os",
        os("almalinux", "11.0"),
        [
            "warned",
            "os",
            "almalinux 11.0, which this program does not know",
            SYSTEMS,
            "try it on a host that may break",
        ],
    ],
    [
        "control groups with which the kubelet does not start",
        "cgroup",
        { files: { "/sys/fs/cgroup/memory/tasks": "" }, without: ["/sys/fs/cgroup/cgroup.controllers"] },
        [
            "refused",
            "cgroup",
            "control groups of version 1",
            "version 2: the kubelet of Kubernetes 1.35 and later does not start with the old ones",
            "boot with systemd.unified_cgroup_hierarchy=1; on Red Hat: grubby --update-kernel=ALL --args=systemd.unified_cgroup_hierarchy=1",
        ],
    ],
    [
        "SELinux that RKE2 is to use, and nobody brings it its policy",
        "selinux",
        { files: { "/sys/fs/selinux/enforce": "1\n" }, variables: { SELINUX: "yes", PREPARE: "no" } },
        [
            "refused",
            "selinux",
            "SELinux is enforcing, without RKE2's policy, and selinux is true in config.yaml",
            "the packages container-selinux and rke2-selinux",
            "install them, or say rke2.install.method rpm, which brings them",
        ],
    ],
    [
        "the method rpm without anything that installs packages",
        "install_method",
        { variables: { METHOD: "rpm" }, lacks: ["dnf"] },
        [
            "refused",
            "install-method",
            "there is none of dnf, yum and zypper",
            "one of them, for rke2.install.method rpm",
            "say rke2.install.method tar",
        ],
    ],
    [
        "the method rpm over a tarball",
        "install_method",
        { variables: { METHOD: "rpm" }, files: { "/usr/local/bin/rke2": "" } },
        [
            "refused",
            "install-method",
            "/usr/local/bin/rke2, from RKE2's tarball",
            "a host without it, for rke2.install.method rpm",
            "say rke2.install.method tar, or run rke2-uninstall.sh",
        ],
    ],
    [
        "a host without systemd",
        "systemd",
        { lacks: ["systemctl"] },
        [
            "refused",
            "systemd",
            "there is no systemctl",
            "a host with systemd",
            "use another operating system",
        ],
    ],
    [
        "a check that fails itself",
        "architecture",
        { codes: { "uname -m": 1 } },
        [
            "warned",
            "architecture",
            "this check itself failed with code 1",
            "its answer",
            "see what commands have said on standard error",
        ],
    ],
])("%s is told", async (_, checks, difference, finding) => {
    expect(await findings(checks, difference)).toEqual([finding]);
});

test("a policy that is there, or that will come, is enough for SELinux", async () => {
    const enforcing = { "/sys/fs/selinux/enforce": "1\n" };
    const there = { ...enforcing, "/var/lib/selinux/targeted/active/modules/200/rke2/hll": "" };
    expect(await findings("selinux", { files: there })).toEqual([]);
    expect(await findings("selinux", { files: enforcing, variables: { METHOD: "rpm" } })).toEqual([]);
    expect(await findings("selinux", { files: enforcing, variables: { SELINUX: "yes" } })).toEqual([]);
});

test("a clock that is far off from what answers https is refused, whoever keeps it", async () => {
    const date = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString();
    const answer = (seconds: number) => ({
        says: {
            curl: `HTTP/2 301\r\ndate: ${date(9e6)}\r\n\r\nHTTP/2 200\r\nDate: ${date(seconds)}\r\n\r\n`,
        },
    });
    expect(await findings("clock install_url", answer(60))).toEqual([]);
    const [behind] = await findings("clock install_url", answer(7200));
    expect(behind?.join(" | ")).toMatch(
        /^refused \| clock \| the clock is (7200|719\d) s behind that of https:\/\/get\.rke2\.io \| the right time: by another, certificates are not yet or no longer valid \| set it: chronyc makestep, or timedatectl set-ntp true$/,
    );
    const [ahead] = await findings("clock install_url", answer(-7200));
    expect(ahead?.[2]).toMatch(/^the clock is 720\d s ahead of that of /);
});

test("with an air gap nothing is asked outside, and agents need no curl", async () => {
    const host = new PreflightHost({
        variables: { METHOD: "air-gap", INSTALL_URL: "", ROLE: "agent", ONLY: "commands\ninstall_url" },
        lacks: ["curl"],
    });
    const run = await host.run();
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(linesOf(run).filter(([kind]) => kind !== "info")).toEqual([]);
    host.dispose();
});

test("a host that has the version already is not asked for the way out", async () => {
    const host = new PreflightHost({
        says: { rke2: "rke2 version v1.35.7+rke2r1 (0123)\n" },
        variables: { ONLY: "install_url" },
    });
    const { code, calls } = await host.run();
    expect(code).toBe(0);
    expect(calls.filter((call) => call.startsWith("curl"))).toEqual([]);
    host.dispose();
});

test("every finding in these tests has a name that can be ignored", () => {
    expect(POOR_FINDINGS.map(([, name = ""]) => name).filter((name) => !isHostFinding(name))).toEqual([]);
    expect(isHostFinding("toString")).toBe(false);
    expect(Object.keys(HOST_FINDINGS).filter((name) => !/^[a-z][a-z0-9-]*$/.test(name))).toEqual([]);
});
