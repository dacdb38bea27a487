/*
 * components/rke2/scripts/parts/prepare.sh on a machine of fakes, whose kernel, services and packages are files below its root.
 * Not shown: that a kernel, systemd, NetworkManager, networkd and firewalld take these files as they are meant.
 */
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import { Machine, type Run } from "./machine.ts";
import { ALL_TOOLS, FULL, fullHost, PLAIN, plainHost, Preparations, serve } from "./prepare-fixture.ts";

const VALUES_FILE = "/etc/sysctl.d/99-zz-multicluster.conf";
const CIS_FILE = "/etc/sysctl.d/60-rke2-cis.conf";
const CILIUM_FILE = "/etc/sysctl.d/99-zzz-override_cilium.conf";

const preparations = new Preparations();
const { prepare, undo } = preparations;
afterAll(() => preparations.dispose());

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

/** What a run changed, of all that it called. */
function changes({ calls }: Run): string[] {
    return calls.filter((call) => !/^(sysctl -n|systemctl show|rpm -q|ip )/.test(call));
}

describe("a host with everything", () => {
    beforeEach(() => {
        fullHost(machine);
    });

    test("is prepared, and each change is said", async () => {
        expect(await prepare(machine, FULL)).toMatchObject({
            code: 0,
            stderr: "",
            stdout: [
                "installed container-selinux rke2-selinux",
                "loading the kernel module vxlan",
                "wrote /etc/modules-load.d/multicluster.conf",
                "net.ipv4.ip_forward is 1, and was 0",
                "net/ipv6/conf/eth0.100/accept_ra is 2, and was 1",
                "net.ipv6.conf.all.forwarding is 1, and was 0",
                "fs.inotify.max_user_instances is 8192, and was 128",
                `wrote ${VALUES_FILE}`,
                "vm.overcommit_memory is 1, and was 0",
                "kernel.panic is 10, and was 0",
                "kernel.panic_on_oops is 1, and was 0",
                `wrote ${CIS_FILE}`,
                "wrote /etc/NetworkManager/conf.d/multicluster.conf",
                "wrote /etc/systemd/networkd.conf.d/multicluster.conf",
                "nm-cloud-setup.timer is off",
                "nm-cloud-setup.service is off",
                "firewalld is off",
                "added the group etcd",
                "added the user etcd",
                "",
            ].join("\n"),
        });
    });

    test("has these files, which services that are not root can read", async () => {
        await prepare(machine, FULL);
        const files = {
            "/etc/modules-load.d/multicluster.conf": `# What RKE2 and Cilium need. Written by multicluster, and removed with the node.
overlay
vxlan
`,
            [VALUES_FILE]: `# What RKE2 and Cilium need. Written by multicluster, and removed with the node.
net.ipv4.ip_forward = 1
net.ipv4.conf.all.forwarding = 1
net.ipv6.conf.all.forwarding = 1
net/ipv6/conf/eth0.100/accept_ra = 2
fs.inotify.max_user_instances = 8192
`,
            [CIS_FILE]: `# What RKE2 demands of a host with the profile cis. Written by multicluster, and removed with the node.
vm.overcommit_memory = 1
vm.panic_on_oom = 0
kernel.panic = 10
kernel.panic_on_oops = 1
`,
            "/etc/NetworkManager/conf.d/multicluster.conf": `# Cilium's interfaces. Written by multicluster, and removed with the node.
[keyfile]
unmanaged-devices+=interface-name:cilium*;interface-name:lxc*
`,
            "/etc/systemd/networkd.conf.d/multicluster.conf": `# Cilium's routes and rules. Written by multicluster, and removed with the node.
[Network]
ManageForeignRoutes=no
ManageForeignRoutingPolicyRules=no
`,
        };
        for (const [file, text] of Object.entries(files)) {
            expect(machine.read(file)).toBe(text);
            expect(machine.mode(file)).toBe("644");
        }
        expect(machine.mode("/etc/systemd/networkd.conf.d")).toBe("755");
        expect(machine.read("/sys/systemd/NetworkManager/told")).toContain("interface-name:lxc*");
        expect(machine.read("/sys/systemd/systemd-networkd/told")).toContain("ManageForeignRoutes=no");
    });

    test("is left alone by the next run, is as it was when the preparation is undone, and then left alone", async () => {
        const before = machine.snapshot();
        await prepare(machine, FULL);
        const prepared = machine.snapshot();
        const again = await prepare(machine, FULL);
        expect(again).toMatchObject({ code: 0, stdout: "", stderr: "" });
        expect(changes(again)).toEqual([]);
        expect(machine.snapshot()).toEqual(prepared);
        expect(await undo(machine)).toMatchObject({
            code: 0,
            stderr: "",
            stdout: [
                "removed /etc/NetworkManager/conf.d/multicluster.conf",
                "removed /etc/systemd/networkd.conf.d/multicluster.conf",
                `removed ${VALUES_FILE}`,
                `removed ${CIS_FILE}`,
                "removed /etc/modules-load.d/multicluster.conf",
                "nm-cloud-setup.timer is as it was",
                "nm-cloud-setup.service is as it was",
                "firewalld is as it was",
                "vm.overcommit_memory is 0 again",
                "net.ipv6.conf.all.forwarding is 0 again",
                "net.ipv4.ip_forward is 0 again",
                "net/ipv6/conf/eth0.100/accept_ra is 1 again",
                "kernel.panic_on_oops is 0 again",
                "kernel.panic is 0 again",
                "fs.inotify.max_user_instances is 128 again",
                "removed the user etcd",
                "removed the package rke2-selinux",
                "removed the package container-selinux",
                "",
            ].join("\n"),
        });
        // A networkd that is running keeps what it has read.
        machine.remove("/sys/systemd/systemd-networkd/told");
        expect(machine.snapshot()).toEqual(before);
        expect(machine.read("/etc/multicluster")).toBeUndefined();
        expect(await undo(machine)).toMatchObject({ code: 0, stdout: "", stderr: "", calls: [] });
    });

    test("is not touched where that is not wanted, nor is what was prepared before", async () => {
        const before = machine.snapshot();
        expect(await prepare(machine, { ...FULL, PREPARE: "no" })).toMatchObject({ code: 0, calls: [] });
        expect(machine.snapshot()).toEqual(before);
        await prepare(machine, FULL);
        const prepared = machine.snapshot();
        expect(await prepare(machine, { ...FULL, PREPARE: "no" })).toMatchObject({ code: 0, calls: [] });
        expect(machine.snapshot()).toEqual(prepared);
    });
});

describe("a host with little", () => {
    beforeEach(() => {
        plainHost(machine);
    });

    test("gets what the kernel needs, and nothing of what is not there", async () => {
        const before = machine.snapshot();
        const run = await prepare(machine, PLAIN, { tools: [] });
        expect(run).toMatchObject({ code: 0, stderr: "" });
        expect(changes(run)).toEqual([
            "sysctl -w net.ipv4.ip_forward=1",
            "sysctl -w fs.inotify.max_user_instances=8192",
        ]);
        await undo(machine, { tools: [] });
        expect(machine.snapshot()).toEqual(before);
    });

    test("that forwards already is told to go on doing so after a boot", async () => {
        machine.file("/proc/sys/net/ipv4/ip_forward", "1\n");
        machine.file("/proc/sys/fs/inotify/max_user_instances", "65536\n");
        const run = await prepare(machine, PLAIN, { tools: [] });
        expect(run.stdout).toBe(`wrote ${VALUES_FILE}\n`);
        expect(machine.read(VALUES_FILE)).toMatch(/forwarding = 1\n$/);
        expect(await undo(machine)).toMatchObject({ stdout: `removed ${VALUES_FILE}\n` });
        expect(machine.read("/proc/sys/net/ipv4/ip_forward")).toBe("1\n");
    });

    test("keeps a value that someone has changed since", async () => {
        await prepare(machine, PLAIN);
        machine.file("/proc/sys/fs/inotify/max_user_instances", "65536\n");
        await undo(machine);
        expect(machine.read("/proc/sys/fs/inotify/max_user_instances")).toBe("65536\n");
    });

    test("loses a value with its interface", async () => {
        machine.world("routes", "default via fe80::1 dev eth0.100\n");
        await prepare(machine, { ...PLAIN, IPV6: "yes" });
        machine.remove("/proc/sys/net/ipv6/conf/eth0.100");
        expect(await undo(machine)).toMatchObject({ code: 0, stderr: "" });
    });

    test("says what the kernel does not take, and is finished by the next run", async () => {
        machine.world("sysctl-is-locked", "");
        expect(await prepare(machine, PLAIN)).toMatchObject({
            code: 1,
            stderr: "east-1: sysctl cannot set net.ipv4.ip_forward to 1: sysctl: permission denied on key 'net.ipv4.ip_forward'\n",
        });
        machine.forget("sysctl-is-locked");
        expect(await prepare(machine, PLAIN)).toMatchObject({ code: 0 });
    });

    test("says which module its kernel lacks", async () => {
        machine.world("no-modules", "vxlan\n");
        const { code, stderr } = await prepare(machine, PLAIN);
        expect(code).toBe(1);
        expect(stderr).toMatch(
            /^east-1: the kernel has no module vxlan: modprobe: FATAL: Module vxlan not found .*\. Install the package with its further modules \(kernel-modules-extra, linux-modules-extra-.*\), or reboot if the kernel has been updated since it started\n$/,
        );
    });

    test("forgets a module that is no longer asked for", async () => {
        await prepare(machine, PLAIN);
        await prepare(machine, { ...PLAIN, MODULES: "overlay" });
        expect(machine.read("/etc/modules-load.d/multicluster.conf")).toMatch(/\noverlay\n$/);
        await prepare(machine, { ...PLAIN, MODULES: "" });
        expect(machine.read("/etc/modules-load.d/multicluster.conf")).toBeUndefined();
    });

    test("is not prepared by a systemd that does not answer", async () => {
        serve(machine, "firewalld");
        machine.world("systemd-is-silent", "");
        const { code, stderr } = await prepare(machine, PLAIN);
        expect(code).toBe(1);
        expect(stderr).toContain(
            "east-1: systemd does not say how nm-cloud-setup.timer is: see systemctl status nm-cloud-setup.timer on this host\n",
        );
    });

    test("keeps a service off that is no longer installed when the preparation is undone", async () => {
        serve(machine, "firewalld");
        await prepare(machine, PLAIN);
        machine.remove("/sys/systemd/firewalld");
        expect(await undo(machine)).toMatchObject({ code: 0, stderr: "" });
    });
});

describe("what Cilium does to a host", () => {
    beforeEach(() => {
        plainHost(machine);
    });

    function runCilium(): void {
        machine.file(CILIUM_FILE, "net.ipv4.conf.all.rp_filter = 0\n");
        machine.file("/proc/sys/net/ipv4/conf/all/rp_filter", "0\n");
    }

    test("is not done here, and is undone", async () => {
        const before = machine.snapshot();
        const { calls } = await prepare(machine, PLAIN);
        expect(calls.filter((call) => call.startsWith("sysctl -w net.ipv4.conf"))).toEqual([]);
        runCilium();
        await prepare(machine, PLAIN);
        await undo(machine);
        expect(machine.snapshot()).toEqual(before);
    });

    test("is told from a file that someone else has written", async () => {
        machine.file(CILIUM_FILE, "# ours\n");
        await prepare(machine, PLAIN);
        await undo(machine);
        expect(machine.read(CILIUM_FILE)).toBe("# ours\n");
    });

    test("is undone where the node is older than this preparation", async () => {
        runCilium();
        machine.file("/var/lib/rancher/rke2/server/db/etcd/member/wal/0", "");
        await prepare(machine, PLAIN);
        await undo(machine);
        expect(machine.read(CILIUM_FILE)).toBeUndefined();
    });
});

describe("the profile cis", () => {
    const CIS = { ...PLAIN, CIS: "yes", ETCD_USER: "yes" };

    beforeEach(() => {
        plainHost(machine);
    });

    test("gives back a file that was there before, with its permissions", async () => {
        machine.file(CIS_FILE, "vm.panic_on_oom=0\n", 0o600);
        await prepare(machine, CIS);
        expect(machine.read(CIS_FILE)).toContain("kernel.panic = 10");
        const { stdout } = await undo(machine);
        expect(stdout).toContain(`${CIS_FILE} is as it was\n`);
        expect([machine.read(CIS_FILE), machine.mode(CIS_FILE)]).toEqual(["vm.panic_on_oom=0\n", "600"]);
    });

    test("loses its file when it is given up, and its user with the node", async () => {
        await prepare(machine, CIS);
        await prepare(machine, PLAIN);
        expect(machine.read(CIS_FILE)).toBeUndefined();
        expect(machine.read("/etc/passwd")).toContain("etcd:");
        await undo(machine);
        expect(machine.read("/etc/passwd")).not.toContain("etcd:");
        expect(machine.read("/proc/sys/kernel/panic")).toBe("0\n");
    });

    test("needs no user on an agent", async () => {
        await prepare(machine, { ...CIS, ROLE: "agent" });
        expect(machine.read("/etc/passwd")).not.toContain("etcd:");
        expect(machine.read(CIS_FILE)).toBeDefined();
    });

    test("leaves a user that was there before", async () => {
        machine.file("/etc/passwd", "etcd:x:52034:52034::/:/sbin/nologin\n");
        machine.file("/etc/group", "etcd:x:52034:\n");
        const { calls } = await prepare(machine, CIS);
        expect(calls.filter((call) => /^(user|group)/.test(call))).toEqual([]);
        await undo(machine);
        expect(machine.read("/etc/passwd")).toContain("etcd:x:52034");
    });

    test("takes the group along where that does not go with the user", async () => {
        machine.world("groups-stay", "");
        await prepare(machine, CIS);
        expect((await undo(machine)).stdout).toContain("removed the user etcd\nremoved the group etcd\n");
    });

    test("says why a user stays, and is finished by the next run", async () => {
        await prepare(machine, CIS);
        machine.world("user-is-busy", "");
        expect(await undo(machine)).toMatchObject({
            code: 1,
            stderr: "east-1: the user etcd cannot be removed: userdel: user etcd is currently used by process 4711\n",
        });
        machine.forget("user-is-busy");
        expect(await undo(machine)).toMatchObject({ code: 0, stdout: "removed the user etcd\n" });
    });
});

describe("SELinux", () => {
    const SELINUX = { ...PLAIN, SELINUX: "yes" };
    const PACKAGES = ["container-selinux", "rke2-selinux"];

    beforeEach(() => {
        plainHost(machine);
        machine.file("/sys/fs/selinux/enforce", "1");
    });

    /** The packages that were installed from here. */
    function installed({ calls }: Run): string[] {
        return calls.filter((call) => /^(dnf|zypper)/.test(call));
    }

    test("gets its policy from dnf or zypper", async () => {
        const other = machine.copy();
        expect(installed(await prepare(machine, SELINUX))).toEqual([
            "dnf -y -q install container-selinux rke2-selinux",
        ]);
        const suse = await prepare(other, SELINUX, { tools: ["rpm", "zypper"] });
        expect(installed(suse)).toEqual([
            "zypper --non-interactive --quiet install container-selinux rke2-selinux",
        ]);
        other.dispose();
    });

    test("keeps what was there before, and what others need by now", async () => {
        machine.file("/var/lib/rpm/container-selinux", "");
        expect(installed(await prepare(machine, SELINUX))).toEqual(["dnf -y -q install rke2-selinux"]);
        machine.world("needed", "rke2-selinux\n");
        expect(await undo(machine)).toMatchObject({ code: 0, stderr: "" });
        expect(PACKAGES.filter((name) => machine.read(`/var/lib/rpm/${name}`) !== undefined)).toEqual(
            PACKAGES,
        );
    });

    test("needs nothing where RKE2's packages bring it, nor where the kernel runs without", async () => {
        expect(installed(await prepare(machine, { ...SELINUX, METHOD: "rpm" }))).toEqual([]);
        machine.remove("/sys/fs/selinux/enforce");
        expect(installed(await prepare(machine, SELINUX))).toEqual([]);
    });

    test.each([
        {
            says: "is offline",
            variables: { ...SELINUX, OFFLINE: "yes" },
            tools: ALL_TOOLS,
            message:
                "SELinux needs container-selinux rke2-selinux on this host, and nothing may be downloaded: copy the packages here (rke2-selinux is among the releases of rancher/rke2-selinux, container-selinux in the distribution) and install them with rpm -i, or leave selinux out of rke2.config",
        },
        {
            says: "has no repository with it",
            variables: SELINUX,
            tools: ALL_TOOLS,
            message:
                "dnf -y -q install container-selinux rke2-selinux has failed: Error: Unable to find a match: rke2-selinux. SELinux needs them: give this host a repository that has them (RKE2's is https://rpm.rancher.io), install them by hand, or leave selinux out of rke2.config",
        },
        {
            says: "knows no packages",
            variables: SELINUX,
            tools: [],
            message:
                "SELinux needs container-selinux rke2-selinux on this host, which has neither dnf nor zypper: install them, or leave selinux out of rke2.config",
        },
    ] as const)("is refused before anything else on a host that $says", async (each) => {
        machine.world("no-packages", "");
        const run = await prepare(machine, each.variables, { tools: each.tools });
        expect(run).toMatchObject({ code: 1, stdout: "", stderr: `east-1: ${each.message}\n` });
        expect(machine.read(VALUES_FILE)).toBeUndefined();
    });

    test("is not guessed at where rpm is broken", async () => {
        machine.world("rpm-is-broken", "");
        expect(await prepare(machine, SELINUX)).toMatchObject({
            code: 1,
            stderr: "east-1: rpm does not say whether container-selinux is installed: error: cannot open Packages database\n",
        });
    });
});
