/*
 * components/rke2/scripts/remove-node.sh on the host of a node that its cluster goes on without, and what it leaves nothing of.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import { interrupt } from "./interruptions.ts";
import { Machine } from "./machine.ts";
import { AGENT, CONFIG_FILE, FIRST, SERVER } from "./node-fixture.ts";
import { forgetInstalled, installOn, leftOn, PODS_OF, removeFrom, UNINSTALL } from "./remove-fixture.ts";

/** One that joined: it knows where it registered. */
const SECOND = { ...SERVER, NODE_NAME: "east-2" };
const nodeOf = (name: string) => `get node ${name} --ignore-not-found`;
const UID_FILE = "/etc/rancher/rke2/node.uid";

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});
afterAll(forgetInstalled);

function answer(question: string, text: string): void {
    machine.world(`answers/${question.replaceAll("/", "_")}`, `${text}\n`);
}

/** This API does not answer. */
function silence(question: string): void {
    machine.world(`answers/${question.replaceAll("/", "_")}.fails`, "The connection was refused\n");
}

const uninstalled = (calls: readonly string[]) =>
    calls.filter((call) => call.startsWith("rke2-uninstall")).length;

describe("a node that was taken out", () => {
    test("an agent is uninstalled: its Node is gone", async () => {
        await installOn(machine, AGENT);
        answer(nodeOf("east-4"), "");
        const run = await removeFrom(machine, AGENT);
        expect(run).toMatchObject({ code: 0, stdout: "east-4 is removed\n", stderr: "" });
        expect(uninstalled(run.calls)).toBe(1);
        expect(leftOn(machine)).toEqual([]);
    });

    test("a server asks where it registered, as its own API is gone, and says nothing to etcd", async () => {
        await installOn(machine, SECOND);
        silence(nodeOf("east-2"));
        answer(`${nodeOf("east-2")} @ https://10.0.0.1:6443`, "");
        const run = await removeFrom(machine, SECOND);
        expect(run).toMatchObject({ code: 0, stdout: "east-2 is removed\n" });
        expect(run.calls.filter((call) => call.startsWith("kubectl"))).toEqual([
            expect.stringContaining("kubelet.kubeconfig --request-timeout=10s get node east-2"),
            expect.stringContaining("--server https://10.0.0.1:6443 get node east-2"),
        ]);
    });

    test("the server that began the cluster asks the others", async () => {
        await installOn(machine, FIRST);
        silence(nodeOf("east-1"));
        silence(`${nodeOf("east-1")} @ https://10.0.0.2:6443`);
        answer(`${nodeOf("east-1")} @ https://[fd00::3]:6443`, "");
        const PEERS = "https://10.0.0.2:9345\nhttps://[fd00::3]:9345";
        expect(await removeFrom(machine, FIRST, { PEERS })).toMatchObject({
            code: 0,
            stdout: "east-1 is removed\n",
        });
    });

    test("one that no server knows anything of is left as it is", async () => {
        await installOn(machine, SECOND);
        for (const at of ["", " @ https://10.0.0.1:6443"]) silence(`${nodeOf("east-2")}${at}`);
        silence(PODS_OF("east-2"));
        const before = machine.snapshot();
        const { code, stderr } = await removeFrom(machine, SECOND);
        expect(code).toBe(1);
        expect(stderr).toMatch(
            /^east-2: whether the cluster goes on without this node cannot be told: The connection was refused\. /,
        );
        expect(machine.snapshot()).toEqual(before);
    });
});

describe("a node that has registered again by itself, as after a restart of its host", () => {
    const MESSAGE =
        "this host is clean, but RKE2 had registered its node again after that was taken out of the cluster: run kubectl delete node";

    test("is uninstalled, and its new Node is somebody's to delete", async () => {
        await installOn(machine, AGENT);
        machine.file(UID_FILE, "uid-1\n");
        answer(nodeOf("east-4"), "uid-2");
        expect(await removeFrom(machine, AGENT)).toMatchObject({
            code: 1,
            stderr: `east-4: ${MESSAGE} east-4\n`,
        });
        expect(leftOn(machine)).toEqual([]);
        expect(await removeFrom(machine, AGENT)).toMatchObject({ code: 0 });
    });

    test("leaves etcd again, if it is a server", async () => {
        await installOn(machine, SECOND);
        machine.file(UID_FILE, "uid-1\n");
        answer(nodeOf("east-2"), "uid-2");
        machine.world(
            "answers/get nodes --selector node-role.kubernetes.io_etcd=true",
            "east-1= east-2= \neast-1= \n",
        );
        const { calls } = await removeFrom(machine, SECOND, { ASK_SECONDS_MAX: "60" });
        expect(calls.filter((call) => call.includes("etcd.rke2.cattle.io/remove=true"))).toHaveLength(1);
    });

    test("is another thing than a node that is where it was", async () => {
        await installOn(machine, AGENT);
        machine.file(UID_FILE, "uid-1\n");
        answer(nodeOf("east-4"), "uid-1");
        answer(PODS_OF("east-4"), "pod/cilium-x7k2p");
        expect((await removeFrom(machine, AGENT)).stdout).toContain("east-4 is left as it is");
    });
});

describe("nothing is left", () => {
    beforeEach(async () => {
        await installOn(machine, AGENT);
        answer(nodeOf("east-4"), "");
    });

    test("of an installation by packages", async () => {
        machine.remove("/usr/local/bin/rke2-uninstall.sh");
        machine.file("/usr/bin/rke2-uninstall.sh", UNINSTALL, 0o755);
        expect(uninstalled((await removeFrom(machine, AGENT)).calls)).toBe(1);
        expect(leftOn(machine)).toEqual([]);
    });

    test("of the network's links, and others stay", async () => {
        const others = ["eth0", "lxcbr0", "lxc-db", "lxc1234", "veth0"];
        const cilium = [
            "cilium_host",
            "cilium_net",
            "cilium_vxlan",
            "cilium_geneve",
            "cilium_wg0",
            "lxc_health",
            "lxc0a1b2c3d4e5f",
        ];
        for (const link of [...others, ...cilium]) machine.file(`/sys/class/net/${link}/mtu`, "1500");
        expect((await removeFrom(machine, AGENT)).code).toBe(0);
        const links = [...others, ...cilium].filter((link) =>
            existsSync(join(machine.root, "sys/class/net", link)),
        );
        expect(links).toEqual(others);
    });

    test("of its programs on the host's links, and others stay", async () => {
        machine.file("/sys/class/net/eth0/mtu", "1500");
        const other = "filter protocol all pref 49152 bpf chain 0 handle 0x1 metering direct-action id 7 \n";
        machine.world(
            "filters/eth0-ingress",
            `filter protocol all pref 1 bpf chain 0 \nfilter protocol all pref 1 bpf chain 0 handle 0x1 cil_from_netdev-eth0 direct-action id 5 \n${other}`,
        );
        machine.world("filters/eth0-egress", other);
        const { calls } = await removeFrom(machine, AGENT);
        expect(calls.filter((call) => call.startsWith("tc filter del"))).toEqual([
            "tc filter del dev eth0 ingress pref 1",
        ]);
    });

    test("of its rules, and others stay", async () => {
        machine.world(
            "rules",
            "9:\tfrom all fwmark 0x200/0xf00 lookup 2004\n10:\tfrom all fwmark 0xa00/0xf00 lookup 2005 proto kernel\n32766:\tfrom all lookup main\n",
        );
        const { calls } = await removeFrom(machine, AGENT);
        expect(calls.filter((call) => call.includes("rule del"))).toEqual([
            "ip -4 rule del pref 9",
            "ip -4 rule del pref 10",
        ]);
    });

    test("of its maps, and others stay", async () => {
        machine.file("/sys/fs/bpf/tc/globals/cilium_lxc", "");
        machine.file("/sys/fs/bpf/tc/globals/of_others", "");
        await removeFrom(machine, AGENT);
        expect(Object.keys(machine.snapshot()).filter((path) => path.startsWith("sys/fs"))).toEqual([
            "sys/fs/bpf/tc/globals/of_others",
        ]);
    });

    test("of the preparation and the files next to RKE2's own", async () => {
        machine.file(
            "/etc/default/rke2-agent",
            "# begin of what multicluster sets\nHTTPS_PROXY=http://10.0.0.9\n# end of what multicluster sets\n",
        );
        machine.file("/etc/sysctl.d/90-multicluster.conf", "");
        machine.file(
            "/etc/multicluster/prepared/file--etc-sysctl.d-90-multicluster.conf",
            "/etc/sysctl.d/90-multicluster.conf\n",
        );
        await removeFrom(machine, AGENT);
        expect(leftOn(machine)).toEqual([]);
        expect(existsSync(join(machine.root, "etc/multicluster"))).toBe(false);
    });
});

describe("a removal that was interrupted", () => {
    test("at any command is finished by the next run", async () => {
        await installOn(machine, AGENT);
        answer(nodeOf("east-4"), "");
        machine.file("/sys/class/net/cilium_host/mtu", "1500");
        machine.file("/etc/multicluster/prepared/file--etc-sysctl.d-9", "/etc/sysctl.d/9\n");
        machine.file("/etc/sysctl.d/9", "");
        const looks = /^(kubectl|systemctl is-active|ip .* show|tc .* show|ip .* flush)/;
        const { interrupted } = await interrupt(machine, {
            run: (on, { fault }) => removeFrom(on, AGENT, {}, fault),
            kinds: (call) => (looks.test(call) ? ["before"] : ["fail", "before", "after"]),
            look: leftOn,
            next: async (on) => ({ second: await removeFrom(on, AGENT), left: leftOn(on) }),
        });
        expect(interrupted.length).toBeGreaterThan(15);
        for (const { fault, after } of interrupted) {
            const { code, stderr } = after.second;
            expect({ fault, code, stderr }).toEqual({ fault, code: 0, stderr: "" });
            expect(after.left).toEqual([]);
        }
    });

    test("goes on without the API, once RKE2 has ended here", async () => {
        await installOn(machine, AGENT);
        answer(nodeOf("east-4"), "");
        machine.world("uninstall-fails-early", "");
        expect((await removeFrom(machine, AGENT)).stderr).toBe("east-4: rke2-uninstall.sh failed\n");
        machine.forget("uninstall-fails-early");
        machine.forget(`answers/${nodeOf("east-4")}`);
        silence(nodeOf("east-4"));
        silence(PODS_OF("east-4"));
        expect(await removeFrom(machine, AGENT)).toMatchObject({ code: 0, stdout: "east-4 is removed\n" });
    });

    test("is no reason to take a host that has been made a node again since", async () => {
        await installOn(machine, AGENT);
        machine.file("/etc/multicluster/removing", "east-4\n");
        answer(PODS_OF("east-4"), "pod/cilium-x7k2p");
        expect((await removeFrom(machine, AGENT)).stdout).toContain("east-4 is left as it is");
    });

    test("is no reason to take a host that has become another node since", async () => {
        await installOn(machine, AGENT);
        machine.file("/etc/multicluster/removing", "east-4\n");
        machine.file(CONFIG_FILE, 'node-name: "east-9"\n');
        expect(await removeFrom(machine, AGENT)).toMatchObject({
            code: 0,
            stdout: "east-4 is not on this host: nothing to remove\n",
            calls: [],
        });
    });
});
