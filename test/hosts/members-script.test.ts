/*
 * components/rke2/scripts/members.sh with a simulated API. Not shown: that RKE2 takes servers out of etcd, and that Kubernetes
 * ends pods.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { addNode, addPod, addServer, nodeMachine, orders } from "./cluster-fixture.ts";
import { interrupt } from "./interruptions.ts";
import type { Machine, Run } from "./machine.ts";

const SCRIPT = new URL("../../components/rke2/scripts/members.sh", import.meta.url);
const ALL = ["east-1", "east-2", "east-3", "east-4", "east-5"];
const DONE = "the cluster has the nodes that are described\n";
const RESTORE = "a cluster that has lost its majority comes back from a snapshot: npm run restore";

let machine: Machine;
beforeEach(() => {
    machine = nodeMachine("server");
    for (const name of ALL.slice(0, 3)) addServer(machine, name);
    for (const name of ALL.slice(3)) addNode(machine, name);
    machine.file("/cluster/record", ALL.join("\n"));
});
afterEach(() => {
    machine.dispose();
});

interface Described {
    readonly lost?: readonly string[];
    readonly evict?: string;
    readonly patience?: string;
}

function variables(
    nodes: readonly string[],
    { lost = [], evict = "cordon", patience = "0" }: Described = {},
) {
    return {
        ROLE: "server",
        NODE_NAME: "east-1",
        SECONDS_MAX: "60",
        NODES: nodes.join("\n"),
        LOST: lost.join("\n"),
        EVICT: evict,
        DRAIN_SECONDS: patience,
        ETCD_SECONDS_MAX: patience,
        DELETE_SECONDS_MAX: patience,
        API_SECONDS_MAX: patience,
    };
}

function members(nodes: readonly string[], described: Described = {}): Promise<Run> {
    return machine.run(SCRIPT, variables(nodes, described));
}

function without(...gone: string[]): string[] {
    return ALL.filter((name) => !gone.includes(name));
}

/** What the cluster has: its nodes, those that are known as made here, and the password Secrets. */
function cluster(on: Machine = machine) {
    const files = Object.keys(on.snapshot()).filter((path) => path.startsWith("cluster/"));
    const names = (pattern: RegExp) => [...new Set(files.flatMap((path) => pattern.exec(path)?.[1] ?? []))];
    return {
        nodes: names(/^cluster\/nodes\/([^/]+)/),
        record: on.read("/cluster/record")?.split("\n"),
        secrets: names(/^cluster\/secrets\/(.+)\.node-password\.rke2$/),
    };
}

const only = (...names: string[]) => ({ nodes: names, record: names, secrets: names });

function set(name: string, file: string, text: string): void {
    machine.file(`/cluster/nodes/${name}/${file}`, text);
}

/** Nothing may have been asked of the cluster but questions. */
async function refused(run: Promise<Run>, message: string): Promise<void> {
    const before = cluster();
    const done = await run;
    expect(done).toMatchObject({ code: 1, stdout: "", stderr: `east-1: ${message}\n` });
    expect(orders(done)).toEqual([]);
    expect(cluster()).toEqual(before);
}

describe("a cluster with exactly its nodes", () => {
    test("is only noted, and only once", async () => {
        machine.remove("/cluster/record");
        const run = await members(ALL);
        expect(run).toMatchObject({ code: 0, stdout: DONE, stderr: "" });
        expect(cluster()).toEqual(only(...ALL));
        const again = await members(ALL);
        expect(again).toMatchObject({ code: 0, stdout: DONE, stderr: "" });
        expect(orders(again)).toEqual([]);
    });

    test("keeps a node that nobody has described: this program has not made it", async () => {
        addNode(machine, "of-others");
        expect(orders(await members(ALL))).toEqual([]);
    });

    test("notes a node that has come", async () => {
        addNode(machine, "east-6");
        await members([...ALL, "east-6"]);
        expect(cluster()).toEqual(only(...ALL, "east-6"));
    });
});

describe("a node that is no longer described", () => {
    test("is cordoned, drained and deleted, with its password, and forgotten", async () => {
        addPod(machine, "east-4", "web-1");
        const run = await members(without("east-4"));
        expect(run).toMatchObject({
            code: 0,
            stdout: `east-4 is taken out of the cluster\n${DONE}`,
            stderr: "",
        });
        expect(orders(run)).toEqual([
            "cordon east-4",
            "create --raw /api/v1/namespaces/default/pods/web-1/eviction",
            "delete node east-4 --ignore-not-found --wait=false",
            "delete secret east-4.node-password.rke2 --ignore-not-found",
            String.raw`patch configmap multicluster-members --type=merge --patch {"data":{"nodes":"east-1\neast-2\neast-3\neast-5"}}`,
        ]);
        expect(cluster()).toEqual(only(...without("east-4")));
    });

    test("is not drained by choice", async () => {
        addPod(machine, "east-4", "web-1");
        const run = await members(without("east-4"), { evict: "none" });
        expect(orders(run).filter((order) => order.startsWith("create"))).toEqual([]);
        expect(cluster().nodes).toEqual(without("east-4"));
    });

    test("stays, cordoned, while its pods do, and the next run goes on", async () => {
        addPod(machine, "east-4", "web-1", { stuck: true });
        const run = await members(without("east-4"));
        expect(run.code).toBe(1);
        expect(run.stderr).toContain(
            "east-1: gave up after 0 s of draining node east-4, which still has these pods:\n  default/web-1: has been asked to end, and has not\n",
        );
        expect(cluster()).toEqual(only(...ALL));
        machine.remove("/cluster/pods/uid-of-web-1/stuck");
        expect((await members(without("east-4"))).code).toBe(0);
        expect(cluster()).toEqual(only(...without("east-4")));
    });

    test("is known by its own word where the run that made it was cut off", async () => {
        addNode(machine, "east-6", { made: "yes" });
        expect((await members(ALL)).stdout).toContain("east-6 is taken out of the cluster\n");
        expect(cluster()).toEqual(only(...ALL));
    });

    test("that somebody has deleted already is forgotten, with its password", async () => {
        machine.remove("/cluster/nodes/east-4");
        expect((await members(without("east-4"))).code).toBe(0);
        expect(cluster()).toEqual(only(...without("east-4")));
    });

    test("is not Ready: its kubelet is there, and can end its pods", async () => {
        set("east-4", "ready", "False");
        expect((await members(without("east-4"))).code).toBe(0);
    });
});

describe("a server that is no longer described", () => {
    test("leaves etcd before its Node goes, after the agents", async () => {
        const run = await members(without("east-2", "east-5"));
        expect(run).toMatchObject({
            code: 0,
            stdout: `east-5 is taken out of the cluster\neast-2 is out of etcd\neast-2 is taken out of the cluster\n${DONE}`,
        });
        expect(orders(run).filter((order) => /^(cordon|annotate|delete node)/.test(order))).toEqual([
            "cordon east-5",
            "delete node east-5 --ignore-not-found --wait=false",
            "cordon east-2",
            "annotate node east-2 etcd.rke2.cattle.io/remove=true --overwrite",
            "delete node east-2 --ignore-not-found --wait=false",
        ]);
        expect(cluster()).toEqual(only("east-1", "east-3", "east-4"));
    });

    test("is replaced by another one", async () => {
        addServer(machine, "east-6");
        expect((await members([...without("east-2"), "east-6"])).code).toBe(0);
        expect(cluster()).toEqual(only("east-1", "east-3", "east-4", "east-5", "east-6"));
    });

    test("is deleted at once where RKE2 has taken it out of etcd before", async () => {
        set("east-2", "left", "east-2-0a1b2c3d");
        set("east-2", "ready", "Unknown");
        const run = await members(without("east-2"));
        expect(orders(run).slice(0, 2)).toEqual([
            "delete node east-2 --ignore-not-found --wait=false",
            "delete secret east-2.node-password.rke2 --ignore-not-found",
        ]);
    });

    test("stays where RKE2 does not let it go", async () => {
        set("east-2", "stuck", "");
        machine.file("/etc/rancher/rke2/token", "0a1b");
        expect(await members(without("east-2"))).toMatchObject({
            code: 1,
            stderr: `east-1: RKE2 has not taken server east-2 out of etcd within 0 s. See journalctl -u rke2-server on the servers that stay; the next run goes on. The last lines here:
level=fatal msg="starting kubernetes: token 0a1b was refused"
`,
        });
        expect(cluster()).toEqual(only(...ALL));
    });

    test("is not forgotten while RKE2 holds its Node", async () => {
        set("east-2", "held", '["wrangler.cattle.io/managed-etcd-controller"]');
        expect((await members(without("east-2"))).stderr).toBe(
            'east-1: the Node east-2 is not gone 0 s after it was deleted, held by ["wrangler.cattle.io/managed-etcd-controller"]: see journalctl -u rke2-server on the servers. The next run goes on\n',
        );
        expect(cluster()).toEqual(only(...ALL));
    });
});

describe("a node whose host is lost", () => {
    test("goes without being drained, although it is described", async () => {
        set("east-4", "ready", "Unknown");
        addPod(machine, "east-4", "web-1", { stuck: true });
        const run = await members(without("east-4"), { lost: ["east-4"] });
        expect(run.code).toBe(0);
        expect(orders(run)[0]).toBe("delete node east-4 --ignore-not-found --wait=false");
        expect(cluster()).toEqual(only(...without("east-4")));
    });

    test("leaves etcd too, if it was a server", async () => {
        set("east-2", "ready", "Unknown");
        const run = await members(without("east-2"), { lost: ["east-2"] });
        expect(orders(run)[0]).toBe("annotate node east-2 etcd.rke2.cattle.io/remove=true --overwrite");
        expect(cluster()).toEqual(only(...without("east-2")));
    });

    test("goes before a server that can be drained, which needs a majority without it", async () => {
        set("east-2", "ready", "Unknown");
        addServer(machine, "east-6");
        addServer(machine, "east-7");
        machine.file("/cluster/record", [...ALL, "east-6", "east-7"].join("\n"));
        const run = await members(["east-1", "east-4", "east-5", "east-6", "east-7"], { lost: ["east-2"] });
        expect(run.stdout).toBe(
            `east-2 is out of etcd\neast-2 is taken out of the cluster\neast-3 is out of etcd\neast-3 is taken out of the cluster\n${DONE}`,
        );
    });

    test("is one of this program's, as the description says so", async () => {
        machine.remove("/cluster/record");
        set("east-4", "ready", "Unknown");
        await members(without("east-4"), { lost: ["east-4"] });
        expect(cluster()).toEqual(only(...without("east-4")));
    });

    test("and is gone already: nothing happens", async () => {
        await members(without("east-4"), { lost: ["east-4"] });
        const again = await members(without("east-4"), { lost: ["east-4"] });
        expect(again).toMatchObject({ code: 0 });
        expect(cluster()).toEqual(only(...without("east-4")));
    });
});

describe("refused before anything is changed", () => {
    test("a node that does not report, and is not said to be lost", async () => {
        set("east-4", "ready", "Unknown");
        set("east-5", "ready", "");
        await refused(
            members(without("east-4", "east-5")),
            "these nodes are no longer described, and do not report to their cluster, so that they cannot be taken out in order: east-4 east-5. No node has been taken out. Start their hosts; or describe them again and say lost: true for each whose host no longer answers",
        );
    });

    test("a server without which those that stay have no majority", async () => {
        set("east-3", "ready", "Unknown");
        await refused(
            members(without("east-2")),
            `etcd would have no majority without east-2: of the 2 servers that stay (east-1 east-3), 2 must report and vote, and only these do: east-1. No node has been taken out. Start the others first, or say lost: true for each whose host no longer answers; ${RESTORE}`,
        );
    });

    test("a server while another one does not vote yet", async () => {
        set("east-3", "voter", "False");
        await refused(
            members(without("east-2", "east-4")),
            `etcd would have no majority without east-2: of the 2 servers that stay (east-1 east-3), 2 must report and vote, and only these do: east-1. No node has been taken out. Start the others first, or say lost: true for each whose host no longer answers; ${RESTORE}`,
        );
    });

    test("the second of two servers, where the first is well", async () => {
        addServer(machine, "east-6", { ready: "Unknown" });
        addServer(machine, "east-7", { ready: "Unknown" });
        await refused(
            members(without("east-2", "east-3")),
            `etcd would have no majority without east-2: of the 4 servers that stay (east-1 east-3 east-6 east-7), 3 must report and vote, and only these do: east-1 east-3. No node has been taken out. Start the others first, or say lost: true for each whose host no longer answers; ${RESTORE}`,
        );
    });

    test("every server", async () => {
        set("east-1", "etcd", "");
        await refused(
            members(without("east-2", "east-3")),
            "every server of the cluster would go (east-2 east-3), and its data with them. No node has been taken out. Describe new servers next to one of these, and leave it out in a change of its own",
        );
    });

    test.each([
        ["that is not described", without("east-1"), []],
        ["that is said to be lost", ALL, ["east-1"]],
    ])("the server it runs on, %s", async (_, nodes, lost) => {
        await refused(
            members(nodes, { lost }),
            "this server would have to take itself out of its cluster: describe a server first that stays in it",
        );
    });

    test("a cluster that does not answer", async () => {
        machine.file("/cluster/away", "99");
        await refused(
            members(without("east-4")),
            "the ConfigMap kube-system/multicluster-members cannot be read: The connection to the server 127.0.0.1:6443 was refused",
        );
    });

    test("no nodes at all", async () => {
        const run = await members([]);
        expect(run.code).not.toBe(0);
        expect(run.calls).toEqual([]);
    });
});

describe("allowed", () => {
    test("three servers become one", async () => {
        expect((await members(without("east-2", "east-3"))).code).toBe(0);
        expect(cluster().nodes).toEqual(["east-1", "east-4", "east-5"]);
    });

    test("an API that is away for a moment", async () => {
        machine.file("/cluster/away", "2");
        expect((await members(without("east-4"), { patience: "60" })).code).toBe(0);
    });
});

test("an interruption at any command is made good by the next run", async () => {
    addPod(machine, "east-4", "web-1");
    const wanted = variables(without("east-2", "east-4"), { patience: "60" });
    const { interrupted } = await interrupt(machine, {
        run: (on, how) => on.run(SCRIPT, wanted, how),
        kinds: (call) => (/ get /.test(call) ? ["before"] : ["before", "after"]),
        look: () => undefined,
        next: async (on) => ({ second: await on.run(SCRIPT, wanted), is: cluster(on) }),
    });
    expect(interrupted.length).toBeGreaterThan(25);
    for (const { fault, after } of interrupted) {
        const { code, stderr } = after.second;
        expect({ fault, code, stderr }).toEqual({ fault, code: 0, stderr: "" });
        expect(after.is).toEqual(only("east-1", "east-3", "east-5"));
    }
});
