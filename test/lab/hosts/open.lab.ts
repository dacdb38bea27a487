/* An open lab as those see it who are in it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { ended, inLab, machineState, onHost, Place } from "./lab-fixture.ts";
import { findLab, hostKey, listLabs, openLab, type Lab } from "./lab.ts";

let place: Place, one: Lab, two: Lab;
const before = machineState();
beforeAll(async () => {
    place = new Place();
    // Two at once, with the same addresses.
    [one, two] = await Promise.all([openLab(place.spec("one")), openLab(place.spec("two"))]);
});
afterAll(async () => {
    await place.dispose();
});

test("the machine has no mount and no link of them", () => {
    expect(machineState()).toEqual(before);
});

test("two labs of the same addresses do not see each other", async () => {
    await onHost(one, "east-1", "echo one >/etc/mine");
    await onHost(two, "east-1", "echo two >/etc/mine");
    for (const lab of [one, two]) {
        expect(await ended(lab.enter(place.ssh("east-1", "cat /etc/mine")))).toEqual({
            code: 0,
            stdout: `${lab.name}\n`,
            stderr: "",
        });
    }
});

test("a lab is found by its name, and its name is not given twice", async () => {
    expect(listLabs()).toEqual(["one", "two"]);
    expect(findLab("one")?.hosts).toEqual(place.spec("one").hosts);
    expect(findLab("one")?.isRunning()).toBe(true);
    await expect(openLab(place.spec("one"))).rejects.toThrow("there is a lab one already");
    expect(one.isRunning()).toBe(true);
});

test("a host that does not prove to be it is refused", async () => {
    const { code, stderr } = await ended(one.enter(place.ssh("east-1", "true", hostKey("east-2").public)));
    expect(code).toBe(255);
    expect(stderr).toContain("Host key verification failed");
});

test("hosts reach each other, and a name may have several addresses", async () => {
    expect(await onHost(one, "east-1", "exec 3<>/dev/tcp/east-2/22; head -c 8 <&3")).toBe("SSH-2.0-");
    expect(
        await onHost(one, "east-1", "getent ahostsv4 api.east | awk '$2 == \"STREAM\" { print $1 }' | sort"),
    ).toBe("10.88.1.11\n10.88.1.12");
    expect(await inLab(one, "getent hosts east-2 helm.cilium.io | awk '{ print $1 }'")).toBe(
        "10.88.1.12\n10.88.0.1",
    );
    expect((await ended(one.enterHost("east-1", ["getent", "hosts", "example.org"]))).code).toBe(2);
});

test("whoever holds an address answers for it, whatever its subnet: also a pod in a namespace of its own", async () => {
    await onHost(
        one,
        "east-1",
        `unshare --net sleep 30 >/dev/null 2>&1 & pid=$!; disown
        until [ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
        ip link add pod0 type veth peer name eth0 netns $pid
        ip link set pod0 master br0 up
        nsenter --net=/proc/$pid/ns/net bash -euc '
            ip link set lo up; ip link set eth0 up
            ip address add 10.101.0.9/32 dev eth0; ip route add default dev eth0
            exec 3<&-; ${process.execPath} -e "require(\\"net\\").createServer((s) => s.end(\\"pod\\")).listen(80, \\"10.101.0.9\\")" >/dev/null 2>&1 &'`,
    );
    const ask =
        "for i in {1..50}; do exec 3<>/dev/tcp/10.101.0.9/80 && break; sleep 0.1; done 2>/dev/null; cat <&3";
    expect(await onHost(one, "east-2", ask)).toBe("pod");
    expect(await inLab(one, ask)).toBe("pod");
});

test("a host is like a plain machine", async () => {
    expect(await onHost(one, "east-1", "cat /etc/hostname /proc/sys/kernel/hostname; hostname")).toBe(
        "east-1\neast-1\neast-1",
    );
    expect(
        // The repository and the tools are mounts, wherever they lie.
        await onHost(
            one,
            "east-1",
            "find /usr/local /tmp /var/log /root/.ssh -xdev -type f 2>/dev/null || true",
        ),
    ).toBe("/var/log/sshd.log");
    expect(
        await onHost(one, "east-1", "ls -d /etc/rancher /var/lib/rancher /etc/cni /run/systemd 2>&1 || true"),
    ).not.toMatch(/^\//m);
    expect(await onHost(one, "east-1", "cat /proc/1/comm; ps -C sshd -o args= | wc -l")).toBe("init\n1");
    expect(JSON.parse(await onHost(one, "east-1", "cat /etc/lab/host.json"))).toEqual({
        name: "east-1",
        address: "10.88.1.11",
        bridge: "10.88.0.1",
    });
    expect(JSON.parse(await onHost(one, "east-1", "cat /etc/lab/tools.json"))).toEqual({
        node: process.execPath,
    });
    expect(await onHost(one, "east-1", `${process.execPath} --version`)).toBe(process.version);
    expect(
        await onHost(one, "east-1", `test -r ${import.meta.filename} && systemctl --version | head -1`),
    ).toMatch(/lab|simulated/i);
    // Whoever runs things on a host finds their own home, not that of the machine.
    expect((await ended(one.enter(place.ssh("east-1", "echo $HOME $PATH")))).stdout).toMatch(
        /^\/var\/lib\/lab-root \S*\/usr\/local\/bin/,
    );
});

test("what a host writes is its own", async () => {
    const files = [
        "/etc/lab-test",
        "/var/lib/rancher/lab-test",
        "/usr/local/bin/lab-test",
        "/usr/bin/lab-test",
        "/tmp/lab-test",
    ];
    await onHost(
        one,
        "east-1",
        `mkdir -p /var/lib/rancher; for f in ${files.join(" ")}; do echo x >$f; done`,
    );
    expect(files.filter((file) => existsSync(file))).toEqual([]);
    for (const line of files.map((file) => `test ! -e ${file}`)) await onHost(one, "east-2", line);
    expect(one.diskFiles("east-1")).toEqual(["/etc/mine", ...files].sort());
    expect(one.diskFiles("east-2")).toEqual([]);
    await onHost(one, "east-1", `rm ${files.join(" ")}; rmdir /var/lib/rancher`);
    expect(one.diskFiles("east-1")).toEqual(["/etc/mine"]);
});

test("a host cannot change the machine's files and kernel", async () => {
    const own = import.meta.filename;
    const tries = [
        `echo x >>${own}`,
        "echo 1 >/proc/sys/vm/swappiness",
        "echo x >>/etc/hosts",
        "ls /dev/vd* /dev/sd*",
    ];
    for (const line of tries) {
        expect({ line, ...(await ended(one.enterHost("east-2", ["bash", "-c", line]))) }).not.toMatchObject({
            code: 0,
        });
    }
    await onHost(one, "east-2", "echo 1 >/proc/sys/net/ipv4/conf/all/arp_notify");
});

test("settings of the kernel are a host's own, and the machine keeps its", async () => {
    const swappiness = readFileSync("/proc/sys/vm/swappiness", "utf8").trim();
    const says = async (line: string) => {
        const { code, stdout, stderr } = await ended(one.enterHost("east-2", ["bash", "-c", line]));
        return [stdout.trim(), stderr.trim(), ...(code === 0 ? [] : [`code ${String(code)}`])]
            .filter((text) => text !== "")
            .join("\n");
    };
    expect(await says("sysctl -n vm.swappiness")).toBe(swappiness);
    expect(await says("sysctl -w vm.swappiness=7")).toBe("vm.swappiness = 7");
    expect(await says("sysctl vm/swappiness; sysctl -n vm.swappiness")).toBe("vm.swappiness = 7\n7");
    expect(await says("sysctl vm.nothing")).toBe(
        "sysctl: cannot stat /proc/sys/vm/nothing: No such file or directory\ncode 1",
    );
    await says(`mkdir -p /etc/sysctl.d /etc/modules-load.d
        printf '# a\\nkernel.panic = 10\\n-vm.nothing=1\\nnet.ipv4.conf.*.rp_filter=0\\n' >/etc/sysctl.d/60-a.conf
        printf 'br_netfilter\\noverlay\\n' >/etc/modules-load.d/a.conf`);
    expect(await says("systemctl restart systemd-modules-load systemd-sysctl")).toBe("");
    expect(await says("sysctl -n kernel.panic net.ipv4.conf.br0.rp_filter")).toBe("10\n0");
    expect(await says("sysctl -n net.bridge.bridge-nf-call-iptables")).toBe("1");
    expect(await says("lsmod | awk '/^(overlay|br_netfilter) / { print $1 }'")).toBe("br_netfilter\noverlay");
    await says("echo no-such >/etc/lab/missing-modules");
    expect(await says("modprobe -q overlay; modprobe no_such; modprobe no-such")).toMatch(
        /modprobe: FATAL: Module no-such not found in directory .*\ncode 1$/s,
    );
    expect(readFileSync("/proc/sys/vm/swappiness", "utf8").trim()).toBe(swappiness);
    // What was written to files is read again at the next boot.
    await one.powerOff("east-2");
    await one.powerOn("east-2");
    await expect.poll(() => says("sysctl -n kernel.panic vm.swappiness")).toBe(`10\n${swappiness}`);
    await says(
        "rm /etc/sysctl.d/60-a.conf /etc/modules-load.d/a.conf /etc/lab/missing-modules; rmdir /etc/modules-load.d",
    );
});

test("a host has a clock that is set, and no services but its own", async () => {
    const says = async (line: string) => onHost(one, "east-1", `(${line}) 2>&1 || echo "code $?"`);
    expect(await says("timedatectl show -p NTPSynchronized --value")).toBe("yes");
    expect(await says("systemctl is-active firewalld")).toBe("inactive\ncode 4");
    expect(await says("systemctl is-enabled nm-cloud-setup.timer")).toBe(
        "Failed to get unit file state for nm-cloud-setup.timer: No such file or directory\ncode 1",
    );
    expect(await says("systemctl list-unit-files --no-legend firewalld.service")).toBe("code 1");
    expect(await says("systemctl list-unit-files --no-legend 'systemd-sys*'")).toMatch(
        /^systemd-sysctl.service +static/,
    );
    expect(await says("systemctl reload NetworkManager")).toBe(
        "Failed to reload NetworkManager.service: Unit NetworkManager.service not found.\ncode 5",
    );
    expect(await says("systemctl is-active systemd-sysctl; systemctl show -p LoadState systemd-sysctl")).toBe(
        "active\nLoadState=loaded",
    );
    expect(await says("getent passwd etcd")).toBe("code 2");
});

test("a pod's root can lie over a host's", async () => {
    const script =
        "mkdir -p /run/pod/{upper,work,root}; mount -t overlay -o lowerdir=/,upperdir=/run/pod/upper,workdir=/run/pod/work pod /run/pod/root; chroot /run/pod/root cat /etc/lab/host.json";
    expect(await onHost(one, "east-2", script)).toContain("east-2");
});

test("the lab's sites are served to hosts and to the engine, which trust them", async () => {
    const www = join(one.folder, "www/get.rke2.io");
    mkdirSync(www, { recursive: true });
    writeFileSync(join(www, "index"), "echo installed\n");
    writeFileSync(join(www, "big"), Buffer.alloc(3_000_000, "x"));
    expect(await onHost(one, "east-1", "curl -sSf https://get.rke2.io | sh")).toBe("installed");
    expect(await onHost(one, "east-1", "curl -sSf https://get.rke2.io/big | wc -c")).toBe("3000000");
    expect(
        await inLab(one, `env -u CURL_CA_BUNDLE curl -sSf --cacert ${one.trustFile} https://get.rke2.io`),
    ).toBe("echo installed");
    const status = (rest: string) =>
        onHost(one, "east-1", `curl -s --path-as-is -o /dev/null -w '%{http_code}' ${rest}`);
    expect(await status("https://get.rke2.io/../../web/key.pem")).toBe("404");
    expect(await status("https://helm.cilium.io/")).toBe("404");
    expect(await status("-X PUT -d x https://get.rke2.io/big")).toBe("405");
    const log = readFileSync(join(one.folder, "log/web.log"), "utf8");
    expect(log).toContain('10.88.1.11 GET "get.rke2.io/" 200 15\n');
    expect(log).toContain('10.88.1.11 PUT "get.rke2.io/big" 405\n');
});

test("processes are told by host", async () => {
    await onHost(one, "east-1", "setsid sleep 77 >/dev/null 2>&1 & disown");
    const found = () => one.processes().filter(({ argv }) => argv.join(" ") === "sleep 77");
    await expect.poll(found).toMatchObject([{ host: "east-1" }]);
    const hosts = new Set(one.processes().map(({ host }) => host));
    expect(hosts).toEqual(new Set([undefined, "east-1", "east-2"]));
    expect(one.processes().filter(({ pid }) => pid === 1)).toMatchObject([{ host: undefined }]);
});

test("no process of a lab has its opener's environment, which may hold secrets", async () => {
    process.env["LAB_TEST_SECRET"] = "hunter2";
    try {
        await one.addHost({ name: "east-9", address: "10.88.1.19" });
        expect(
            await inLab(one, "grep -l hunter2 /proc/[0-9]*/environ 2>/dev/null | grep -v self || true"),
        ).not.toMatch(
            // The shell that looks has it, as it was entered with the caller's.
            new RegExp(
                `/proc/(${one
                    .processes()
                    .map(({ pid }) => pid)
                    .join("|")})/`,
            ),
        );
    } finally {
        delete process.env["LAB_TEST_SECRET"];
        await one.removeHost("east-9");
    }
});
