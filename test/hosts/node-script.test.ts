/*
 * components/rke2/scripts/node.sh on a machine of fakes. Not shown: that RKE2's install script, systemd and RKE2 itself do
 * what the fakes do.
 */
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import { Machine, type Run } from "./machine.ts";
import { AGENT, changes, CONFIG_FILE, FIRST, MadeNodes, SCRIPT, SERVER, TOKEN } from "./node-fixture.ts";

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

const nodes = new MadeNodes();
afterAll(() => nodes.dispose());

/** The host is a node already. */
function isNode(node: Readonly<Record<string, string>>): Promise<void> {
    return nodes.make(machine, node);
}

function up(variables: Readonly<Record<string, string>>): Promise<Run> {
    return machine.run(SCRIPT, variables);
}

describe("on an empty host", () => {
    test("a server is configured, installed, started and awaited, in this order", async () => {
        const run = await up(FIRST);
        expect(run).toMatchObject({ code: 0, stdout: "east-1 is a node\n", stderr: "" });
        expect(run.calls).toEqual([
            "systemctl is-active --quiet rke2-agent",
            "systemctl is-enabled --quiet rke2-agent",
            "curl -gks --noproxy * --max-time 3 https://10.0.0.2:9345/ping",
            "curl -gks --noproxy * --max-time 3 https://[fd00::3]:9345/ping",
            `curl -fsSL --proto =https --connect-timeout 15 --max-time 120 --retry 3 -o ${machine.root}/etc/rancher/rke2/install.sh.new https://get.rke2.io`,
            "install.sh ",
            "rke2 --version",
            "systemctl is-active rke2-server",
            "systemctl start --no-block rke2-server",
            "systemctl is-enabled --quiet rke2-server",
            "systemctl enable --quiet rke2-server",
            "systemctl is-active rke2-server",
            "systemctl is-active rke2-server",
            `kubectl --kubeconfig ${machine.root}/etc/rancher/rke2/rke2.yaml --request-timeout=10s get --raw /readyz`,
            `kubectl --kubeconfig ${machine.root}/etc/rancher/rke2/rke2.yaml --request-timeout=10s get node east-1 -o jsonpath={.status.nodeInfo.kubeletVersion} {range .status.conditions[*]}{.type}={.status} {end}`,
            `kubectl --kubeconfig ${machine.root}/etc/rancher/rke2/rke2.yaml --request-timeout=10s get node east-1 -o jsonpath={.metadata.uid}`,
            `kubectl --kubeconfig ${machine.root}/etc/rancher/rke2/rke2.yaml --request-timeout=10s annotate node east-1 multicluster/member=yes --overwrite`,
        ]);
        expect(machine.service("rke2-server")).toEqual({
            state: "active",
            enabled: true,
            config: FIRST.CONFIG.trim(),
        });
    });

    test("configuration and token are for root alone, and nothing is left of the installation", async () => {
        await isNode(FIRST);
        expect(machine.read(CONFIG_FILE)).toBe(FIRST.CONFIG);
        expect(machine.read("/etc/rancher/rke2/token")).toBe(`${TOKEN}\n`);
        expect(
            ["config.yaml", "config.yaml.started", "token"].map((name) =>
                machine.mode(`/etc/rancher/rke2/${name}`),
            ),
        ).toEqual(["600", "600", "600"]);
        expect(Object.keys(machine.snapshot()).filter((path) => /install\.sh|\.new$/.test(path))).toEqual([]);
    });

    test("an agent asks no one whether the cluster exists, and its API with its own kubelet's right", async () => {
        const run = await up(AGENT);
        expect(run).toMatchObject({ code: 0, stdout: "east-4 is a node\n" });
        expect(run.calls.filter((call) => call.startsWith("kubectl"))).toEqual([
            `kubectl --kubeconfig ${machine.root}/var/lib/rancher/rke2/agent/kubelet.kubeconfig --request-timeout=10s get node east-4 -o jsonpath={.status.nodeInfo.kubeletVersion} {range .status.conditions[*]}{.type}={.status} {end}`,
            `kubectl --kubeconfig ${machine.root}/var/lib/rancher/rke2/agent/kubelet.kubeconfig --request-timeout=10s get node east-4 -o jsonpath={.metadata.uid}`,
            `kubectl --kubeconfig ${machine.root}/var/lib/rancher/rke2/agent/kubelet.kubeconfig --request-timeout=10s annotate node east-4 multicluster/member=yes --overwrite`,
            `kubectl --kubeconfig ${machine.root}/var/lib/rancher/rke2/agent/kubelet.kubeconfig --request-timeout=10s label node east-4 --overwrite disk=ssd rack=`,
        ]);
        expect(run.calls.filter((call) => call.includes("ping"))).toEqual([]);
        expect(machine.service("rke2-agent")).toEqual({
            state: "active",
            enabled: true,
            config: AGENT.CONFIG.trim(),
        });
        expect(machine.service("rke2-server").state).toBe("");
    });

    test("an agent need not be a member of etcd", async () => {
        machine.world("answers/get node east-4", "v1.35.7+rke2r1 MemoryPressure=False Ready=False \n");
        expect((await up(AGENT)).code).toBe(0);
    });

    test("it is not started when the install script has left another version, and nothing is started", async () => {
        const run = await up({ ...FIRST, VERSION: "v1.35.7+rke2r1 " });
        expect(run.code).toBe(1);
        expect(changes(run).filter((call) => call.startsWith("systemctl"))).toEqual([]);
        expect(run.stderr).toBe(
            "east-1: the install script has left RKE2 v1.35.7+rke2r1, not v1.35.7+rke2r1 \n",
        );
    });
});

describe("run again", () => {
    test.each([
        ["the first server", FIRST],
        ["another server", SERVER],
        ["an agent", AGENT],
    ])("%s changes nothing", async (_, variables) => {
        await isNode(variables);
        const before = machine.snapshot();
        const run = await up(variables);
        expect(run.code).toBe(0);
        expect(changes(run)).toEqual([]);
        expect(machine.snapshot()).toEqual(before);
    });

    test("a changed configuration restarts the service once, and waits for the new process", async () => {
        await isNode(FIRST);
        const changed = { ...FIRST, CONFIG: `${FIRST.CONFIG}profile: "cis"\n` };
        const run = await up(changed);
        expect(run.code).toBe(0);
        expect(changes(run)).toEqual(["systemctl restart --no-block rke2-server"]);
        expect(machine.service("rke2-server").config).toBe(changed.CONFIG.trim());
        expect(changes(await up(changed))).toEqual([]);
    });

    test("a stopped service is started and not restarted", async () => {
        await isNode(FIRST);
        machine.world("units/rke2-server/state", "inactive\n");
        expect(changes(await up(FIRST))).toEqual(["systemctl start --no-block rke2-server"]);
    });

    test("a service that was disabled is enabled", async () => {
        await isNode(FIRST);
        machine.forget("units/rke2-server/enabled");
        expect(changes(await up(FIRST))).toEqual(["systemctl enable --quiet rke2-server"]);
    });

    test("permissions that were widened are narrowed", async () => {
        await isNode(FIRST);
        machine.file("/etc/rancher/rke2/token", `${TOKEN}\n`, 0o644);
        await up(FIRST);
        expect(machine.mode("/etc/rancher/rke2/token")).toBe("600");
    });
});

describe("the labels of a node", () => {
    const labelled = (run: Run) =>
        run.calls.flatMap((call) => (call.includes(" label node ") ? call.replace(/^.* label /, "") : []));

    test("are given once, and again when they change, without those that were taken away", async () => {
        expect(labelled(await up(AGENT))).toEqual(["node east-4 --overwrite disk=ssd rack="]);
        expect(labelled(await up(AGENT))).toEqual([]);
        const changed = { ...AGENT, LABELS: "disk=hdd\nrackrow=4" };
        expect(labelled(await up(changed))).toEqual(["node east-4 --overwrite rack- disk=hdd rackrow=4"]);
        expect(labelled(await up({ ...AGENT, LABELS: "" }))).toEqual([
            "node east-4 --overwrite disk- rackrow-",
        ]);
        expect(labelled(await up({ ...AGENT, LABELS: "" }))).toEqual([]);
    });

    test("are tried again where the API refuses them", async () => {
        machine.world("answers/label node east-4 --overwrite disk=ssd rack=.fails", "forbidden");
        expect(await up(AGENT)).toMatchObject({
            code: 1,
            stderr: "east-4: the node does not take its labels: disk=ssd\nrack=\n",
        });
        machine.forget("answers/label node east-4 --overwrite disk=ssd rack=.fails");
        expect(await up(AGENT)).toMatchObject({ code: 0 });
    });
});

describe("what a run may not change", () => {
    test.each([
        [
            "an older version",
            { VERSION: "v1.34.3+rke2r1" },
            /RKE2 v1.35.7\+rke2r1 runs here, and v1.34.3\+rke2r1 is older/,
        ],
        ["two minors at once", { VERSION: "v1.37.0+rke2r1" }, /v1.37.0\+rke2r1 is 2 minors later/],
        [
            "its name",
            { CONFIG: 'node-ip: "10.0.0.1"\nnode-name: "other"\n' },
            /RKE2 runs here with node-name "east-1", is now to have "other", and cannot change it/,
        ],
        ["its address", { CONFIG: 'node-name: "east-1"\n' }, /node-ip "10.0.0.1", is now to have none/],
    ])("%s", async (_, change, message) => {
        await isNode(FIRST);
        const before = machine.snapshot();
        const run = await up({ ...FIRST, ...change });
        expect(run.code).toBe(1);
        expect(run.stderr).toMatch(message);
        expect(changes(run)).toEqual([]);
        expect(machine.snapshot()).toEqual(before);
    });

    test("another version that was installed by hand and has never run", async () => {
        machine.file("/usr/local/bin/rke2", "#!/bin/sh\necho 'rke2 version v1.31.1+rke2r1 (abc)'\n", 0o755);
        const run = await up(FIRST);
        expect(run.code).toBe(1);
        expect(run.stderr).toContain("RKE2 v1.31.1+rke2r1 is installed here");
        expect(machine.read(CONFIG_FILE)).toBeUndefined();
    });

    test("that it runs, where its binary is broken: it is installed again", async () => {
        await isNode(FIRST);
        machine.world("kubelet-version", "v1.35.7+rke2r1");
        machine.file("/usr/local/bin/rke2", "#!/bin/sh\nexit 1\n", 0o755);
        const run = await up(FIRST);
        expect(run.code).toBe(0);
        expect(run.calls).toContain("install.sh ");
    });

    test("the token of a node, which is not printed", async () => {
        await isNode(FIRST);
        const before = machine.snapshot();
        const run = await up({ ...FIRST, TOKEN: "another" });
        expect(run).toMatchObject({
            code: 1,
            stderr: "east-1: this host is a node of a cluster with another token. If it is the wrong host, name the right one; if the token is to change, raise the cluster's rke2.tokenGeneration by one\n",
        });
        expect(machine.snapshot()).toEqual(before);
    });

    test("a token that no node has used yet is replaced", async () => {
        machine.file("/etc/rancher/rke2/token", "left over\n");
        expect((await up(FIRST)).code).toBe(0);
        expect(machine.read("/etc/rancher/rke2/token")).toBe(`${TOKEN}\n`);
    });

    test("a node that this program has not made", async () => {
        machine.file("/var/lib/rancher/rke2/server/db/etcd/member/wal/0.wal", "");
        const run = await up(FIRST);
        expect(run).toMatchObject({
            code: 1,
            stderr: "east-1: RKE2 is at work on this host, and this program has not put it there: name another host, or run rke2-uninstall.sh here\n",
        });
        expect(machine.read(CONFIG_FILE)).toBeUndefined();
    });

    test.each([
        [AGENT, FIRST, "east-1: this host runs rke2-agent and cannot run rke2-server too"],
        [FIRST, AGENT, "east-4: this host runs rke2-server and cannot run rke2-agent too"],
    ])("the role of a node", async (before, after, message) => {
        await isNode(before);
        const run = await up(after);
        expect(run.code).toBe(1);
        expect(run.stderr).toContain(message);
        expect(changes(run)).toEqual([]);
    });

    test("a service whose state systemd does not tell", async () => {
        const run = await machine.run(SCRIPT, FIRST, { environment: { SYSTEMD_SILENT: "yes" } });
        expect(run).toMatchObject({
            code: 1,
            stderr: "east-1: systemd does not say how rke2-server is, but: nothing\n",
        });
    });

    test("a missing variable ends the run before anything", async () => {
        const run = await up({ ...FIRST, TOKEN: "" });
        expect(run.code).not.toBe(0);
        expect(run.calls).toEqual([]);
    });
});

describe("a first server without data", () => {
    const JOINED = `${FIRST.CONFIG}server: "https://[fd00::3]:9345"\n`;

    test("joins the cluster that another server is in, and stays with that", async () => {
        machine.world("answering", "https://[fd00::3]:9345/ping\n");
        expect((await up(FIRST)).code).toBe(0);
        expect(machine.read(CONFIG_FILE)).toBe(JOINED);
        expect(machine.service("rke2-server").config).toBe(JOINED.trim());
        const again = await up(FIRST);
        expect(changes(again)).toEqual([]);
        expect(again.calls.filter((call) => call.includes("ping"))).toEqual([]);
        expect(machine.read(CONFIG_FILE)).toBe(JOINED);
    });

    test("keeps to the server it has found while that one answers, whoever else does too", async () => {
        machine.file(CONFIG_FILE, JOINED);
        machine.world("answering", "https://10.0.0.2:9345/ping\nhttps://[fd00::3]:9345/ping\n");
        await up(FIRST);
        expect(machine.read(CONFIG_FILE)).toBe(JOINED);
    });

    test("turns to another server when that one has gone", async () => {
        machine.file(CONFIG_FILE, JOINED);
        machine.world("answering", "https://10.0.0.2:9345/ping\n");
        await up(FIRST);
        expect(machine.read(CONFIG_FILE)).toBe(`${FIRST.CONFIG}server: "https://10.0.0.2:9345"\n`);
    });

    test("does not begin a second cluster because no one answers any more", async () => {
        machine.file(CONFIG_FILE, JOINED);
        await up(FIRST);
        expect(machine.read(CONFIG_FILE)).toBe(JOINED);
    });

    test("that has become the first one described, instead of another, goes on as it is", async () => {
        const address = {
            CONFIG: 'node-ip: "10.0.0.1"\nserver: "https://[fd00::3]:9345"\nnode-name: "east-1"\n',
        };
        await up({ ...SERVER, ...address, NODE_NAME: "east-1" });
        expect(changes(await up(FIRST))).toEqual([]);
        expect(machine.read(CONFIG_FILE)).toBe(JOINED);
    });

    test("asks no one once it has data", async () => {
        await isNode(FIRST);
        machine.world("answering", "https://10.0.0.2:9345/ping\n");
        const run = await up(FIRST);
        expect(run.calls.filter((call) => call.includes("ping"))).toEqual([]);
        expect(machine.read(CONFIG_FILE)).toBe(FIRST.CONFIG);
    });

    test("is the only server there is: it asks no one", async () => {
        const run = await up({ ...FIRST, PEERS: "" });
        expect(run.code).toBe(0);
        expect(run.calls.filter((call) => call.includes("ping"))).toEqual([]);
    });
});

describe("a node that does not become one", () => {
    // On a machine on which everything else is done, so that the only second is spent on waiting.
    const IMPATIENT = { ...FIRST, SECONDS_MAX: "1" };
    const JOURNAL = 'level=fatal msg="starting kubernetes: token [token] was refused"\n';

    beforeEach(async () => {
        await isNode(FIRST);
    });

    test("ends the run at the deadline with the journal, in which the token is covered", async () => {
        machine.world("never-starts", "");
        machine.world("units/rke2-server/state", "inactive\n");
        const run = await up(IMPATIENT);
        expect(run).toMatchObject({
            code: 1,
            stdout: "",
            stderr: `east-1: gave up after 1 s: rke2-server is activating. The last lines of rke2-server:\n${JOURNAL}`,
        });
    });

    test.each([
        ["answers/get --raw _readyz.fails", "the API is not ready"],
        ["answers/get node east-1.fails", "the node has not registered"],
    ])("says what is missing (%s)", async (answer, missing) => {
        machine.world(answer, "refused");
        expect((await up(IMPATIENT)).stderr).toBe(
            `east-1: gave up after 1 s: ${missing}. The last lines of rke2-server:\n${JOURNAL}`,
        );
    });

    test.each([
        ["Ready=False MemoryPressure=Unknown EtcdIsVoter=True ", "the kubelet reports nothing"],
        ["MemoryPressure=False EtcdIsVoter=False ", "etcd does not count this server yet"],
        ["MemoryPressure=False ", "etcd does not count this server yet"],
    ])("says what is missing (%s)", async (conditions, missing) => {
        machine.world("answers/get node east-1", `v1.35.7+rke2r1 ${conditions}\n`);
        expect((await up(IMPATIENT)).stderr).toContain(`gave up after 1 s: ${missing}. `);
    });

    test("is waited for until it has all it needs", async () => {
        machine.world(
            "answers/get node east-1",
            [
                "",
                "v1.34.3+rke2r1 MemoryPressure=False EtcdIsVoter=True ",
                "v1.35.7+rke2r1 MemoryPressure=Unknown ",
                "v1.35.7+rke2r1 MemoryPressure=False EtcdIsVoter=False ",
                "v1.35.7+rke2r1 MemoryPressure=False EtcdIsVoter=True \n",
            ].join("\n"),
        );
        expect((await up(FIRST)).code).toBe(0);
    });
});
