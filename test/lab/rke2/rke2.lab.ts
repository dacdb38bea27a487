/* The simulated RKE2 with the real script that makes hosts nodes, real etcd and real API servers. */
import { spawn } from "node:child_process";

import { afterAll, beforeAll, expect, test } from "vitest";

import { configYaml, nodeConfig, type NodeRole } from "../../../components/rke2/config.ts";
import { bashScript } from "../../../components/host/bash.ts";
import { onHost, type Ended, type Place } from "../hosts/lab-fixture.ts";
import type { Lab } from "../hosts/lab.ts";
import { ADDRESSES, threeHosts, type HostName } from "./three-hosts.ts";

const VERSION = "v1.35.4+rke2r1";
const TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const SCRIPT = new URL("../../../components/rke2/scripts/node.sh", import.meta.url);

let place: Place, lab: Lab;
beforeAll(async () => {
    ({ place, lab } = await threeHosts("sim-rke2", VERSION));
});
afterAll(async () => {
    await place.dispose();
});

interface Change {
    readonly config?: Readonly<Record<string, string>>;
    readonly token?: string;
    readonly secondsMax?: number;
}

/** Runs the script on a host, as the program does. */
function become(role: NodeRole, name: HostName, change: Change = {}): Promise<Ended> {
    const address = ADDRESSES[name];
    const cluster = {
        podCidrs: ["10.101.0.0/16"],
        serviceCidrs: ["10.111.0.0/16"],
        clusterDomain: "cluster.local",
        apiAddress: ADDRESSES["east-1"],
        config: {},
    };
    const config = { ...nodeConfig(role, { name, addresses: [address] }, cluster), ...change.config };
    const script = bashScript(SCRIPT, {
        ROLE: role === "agent" ? "agent" : "server",
        NODE_NAME: name,
        VERSION,
        INSTALL_URL: "https://get.rke2.io",
        CONFIG: configYaml(config),
        TOKEN: change.token ?? TOKEN,
        PEERS: "",
        SECONDS_MAX: String(change.secondsMax ?? 120),
    });
    const [command, ...args] = lab.enterHost(name, ["bash", "-euo", "pipefail", "-s"]);
    const child = spawn(command, args);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (part: Buffer) => (stdout += part.toString()));
    child.stderr.on("data", (part: Buffer) => (stderr += part.toString()));
    child.stdin.end(script);
    return new Promise((resolve) => {
        child.on("close", (code) => {
            resolve({ code: code ?? "?", stdout, stderr });
        });
    });
}

async function uninstall(name: HostName): Promise<void> {
    await onHost(lab, name, "rke2-uninstall.sh");
}

function kubectl(line: string): Promise<string> {
    return onHost(
        lab,
        "east-1",
        `/var/lib/rancher/rke2/bin/kubectl --cache-dir=/tmp/kube --kubeconfig /etc/rancher/rke2/rke2.yaml ${line}`,
    );
}

test("a first server becomes a node, and stays one without a change", async () => {
    expect(await become("first", "east-1")).toMatchObject({ code: 0 });
    expect(await kubectl("get --raw /readyz")).toBe("ok");
    const id = "systemctl show --property=InvocationID --value rke2-server";
    const before = await onHost(lab, "east-1", id);
    expect((await become("first", "east-1")).stdout).toBe("east-1 is a node\n");
    expect(await onHost(lab, "east-1", id)).toBe(before);
});

test("servers and agents join at once, and etcd counts every server", async () => {
    const runs = await Promise.all([become("server", "east-2"), become("agent", "east-3")]);
    expect(runs).toMatchObject([{ code: 0 }, { code: 0 }]);
    const voters =
        '{range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="EtcdIsVoter")].status} {end}';
    expect(await kubectl(`get nodes -o 'jsonpath=${voters}'`)).toBe("east-1=True east-2=True east-3=");
    expect(await kubectl("-n kube-system get secrets -o name")).toBe(
        ["east-1", "east-2", "east-3"].map((name) => `secret/${name}.node-password.rke2`).join("\n"),
    );
});

test("the token is in no argument and in no log", async () => {
    expect(lab.processes().filter(({ argv }) => argv.join(" ").includes(TOKEN))).toEqual([]);
    for (const name of ["east-1", "east-2", "east-3"] as const) {
        const logs = "/var/log /var/lib/rancher/rke2/server/logs /var/lib/rancher/rke2/agent/logs";
        expect(await onHost(lab, name, `grep -rl ${TOKEN} ${logs} 2>/dev/null || true`)).toBe("");
    }
});

test("a server whose plug was pulled comes back, and one that was killed, too", async () => {
    await lab.powerOff("east-1");
    await lab.powerOn("east-1");
    await onHost(lab, "east-2", "kill -KILL $(systemctl show --property=MainPID --value rke2-server)");
    expect((await become("server", "east-2")).code).toBe(0);
    expect((await become("first", "east-1")).code).toBe(0);
    expect(await kubectl("get --raw /readyz")).toBe("ok");
});

test.each<[string, NodeRole, Change, string]>([
    ["another token", "agent", { token: "another" }, "401 Unauthorized"],
    ["another token of a server", "server", { token: "another" }, "401 Unauthorized"],
    ["a node's name that another machine has", "agent", {}, "Node password rejected, duplicate hostname"],
    [
        "a server's name that another one has",
        "server",
        { config: { "node-name": "east-2" } },
        "duplicate node name found, please use a unique name for this node",
    ],
    [
        "other ranges than the other servers'",
        "server",
        { config: { "cluster-cidr": "10.109.0.0/16" } },
        "critical configuration value mismatch between servers: cluster-cidr",
    ],
    [
        "a server that is not there",
        "server",
        { config: { server: "https://10.88.1.99:9345" } },
        "failed to get CA certs",
    ],
    ["a key that RKE2 does not know", "server", { config: { "tls-sans": "a" } }, "Unknown flag --tls-sans"],
])("RKE2 refuses %s", async (_, role, change, message) => {
    await uninstall("east-3");
    const { code, stderr } = await become(role, "east-3", { ...change, secondsMax: 10 });
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain(TOKEN);
});

test("a server is not started again with another token", async () => {
    const line = "echo another >/etc/rancher/rke2/token; systemctl restart rke2-server";
    await expect(onHost(lab, "east-2", line)).rejects.toThrow("Job for rke2-server.service failed");
    expect(await onHost(lab, "east-2", "journalctl -n 20 -u rke2-server")).toContain(
        "bootstrap data already found and encrypted with different token",
    );
    await onHost(lab, "east-2", `echo ${TOKEN} >/etc/rancher/rke2/token`);
    expect((await become("server", "east-2")).code).toBe(0);
});

test("a server that is marked for it leaves etcd, and may come again once its Node is deleted", async () => {
    const removed =
        "get node east-2 -o 'jsonpath={.metadata.annotations.etcd\\.rke2\\.cattle\\.io/removed-node-name}'";
    await kubectl("annotate node east-2 etcd.rke2.cattle.io/remove=true");
    await expect.poll(() => kubectl(removed), { timeout: 30_000 }).toMatch(/^east-2-[0-9a-f]{8}$/);
    await uninstall("east-2");
    await kubectl("delete node east-2");
    expect((await become("server", "east-2")).code).toBe(0);
});

test("a server whose Node was deleted leaves etcd too", async () => {
    await kubectl("delete node east-2");
    const removed = "journalctl -u rke2-server | tail -n 5 | grep 'Removing name=east-2-.* from etcd'";
    await expect.poll(() => onHost(lab, "east-1", `${removed} || true`), { timeout: 30_000 }).not.toBe("");
    await uninstall("east-2");
});

test("uninstalling leaves nothing on a host", async () => {
    for (const name of ["east-1", "east-2", "east-3"] as const) {
        if ((await onHost(lab, name, "ls /usr/local/bin")).includes("rke2-uninstall.sh"))
            await uninstall(name);
        // What kubectl keeps of an administrator's questions is not RKE2's, nor are logs of the machine.
        const left = lab.diskFiles(name).filter((path) => !/\/\.kube\/cache\/|^\/tmp\//.test(path));
        expect(left).toEqual([]);
        const own = lab.processes().filter(({ host }) => host === name);
        expect(own.filter(({ argv }) => /rke2|kube|etcd/.test(argv.join(" ")))).toEqual([]);
    }
});
