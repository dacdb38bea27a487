/*
 * components/rke2/scripts/parts/upgrade.sh and membership.sh with a simulated API. Not shown: that RKE2 makes a snapshot, and
 * that a version may follow another.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { addNode, addPod, caller, nodeMachine, orders } from "./cluster-fixture.ts";
import type { Machine, Run } from "./machine.ts";

const OLD = "v1.34.6+rke2r1";
const NEW = "v1.35.7+rke2r1";
const FIRST = {
    ROLE: "server",
    NODE_NAME: "east-1",
    SECONDS_MAX: "60",
    API_SECONDS_MAX: "0",
    FIRST: "yes",
    VERSION: NEW,
    EVICT: "cordon",
    DRAIN_SECONDS: "0",
};
const SERVER = { ...FIRST, FIRST: "" };
const AGENT = { ...SERVER, ROLE: "agent" };
const RKE2 = `#!/bin/bash
. "$FAKES/fake.sh"
[ "$1" != etcd-snapshot ] || [ ! -f "$WORLD/no-snapshot" ] || { printf 'level=info\\nserver is not available\\n' >&2; exit 1; }
`;
const SAVE = "rke2 etcd-snapshot save --name before-v1.35.7-rke2r1";

let machine: Machine;
beforeEach(() => {
    machine = nodeMachine("server");
    machine.file("/usr/local/bin/rke2", RKE2, 0o755);
    for (const unit of ["rke2-server", "rke2-agent"]) machine.world(`units/${unit}/state`, "active\n");
    addNode(machine, "east-1", { version: OLD });
});
afterEach(() => {
    machine.dispose();
});

type Variables = Readonly<Record<string, string>>;
const before = (variables: Variables = FIRST) => run("before", variables);
const after = (variables: Variables = FIRST) => run("after", variables);

function run(STEP: string, variables: Variables): Promise<Run> {
    return machine.run(caller("upgrade"), { ...variables, STEP });
}

const saved = ({ calls }: Run) => calls.filter((call) => call.startsWith("rke2 etcd-snapshot"));
const isCordoned = () => machine.read("/cluster/nodes/east-1/unschedulable") === "true";

/** What the part keeps on the host while an upgrade is under way. */
const marks = () =>
    ["snapshot.before", "cordoned.here"].map((name) => machine.read(`/etc/rancher/rke2/${name}`));

describe("whether a version may follow another", () => {
    const check = (FROM: string, VERSION: string, role: Variables = SERVER) =>
        run("check", { ...role, FROM, VERSION });

    test.each([
        [OLD, NEW],
        ["v1.35.7+rke2r1", "v1.35.7+rke2r2"],
        ["v1.35.7+rke2r2", "v1.35.8+rke2r1"],
        [NEW, NEW],
    ])("%s, then %s: yes", async (from, to) => {
        expect(await check(from, to)).toMatchObject({ code: 0, stdout: "", stderr: "", calls: [] });
    });

    test.each([
        ["v1.35.7+rke2r1", "v1.35.4+rke2r1"],
        ["v1.35.7+rke2r2", "v1.35.7+rke2r1"],
        ["v1.36.1+rke2r1", "v1.35.7+rke2r1"],
    ])("%s, then %s: it does not go back", async (from, to) => {
        expect(await check(from, to)).toMatchObject({
            code: 1,
            stderr: `east-1: RKE2 ${from} runs here, and ${to} is older: neither Kubernetes nor etcd goes back. Set rke2.version to ${from} or a later one; what was before the upgrade can only come back from its snapshot: npm run restore\n`,
            calls: [],
        });
    });

    test("no minor is skipped", async () => {
        expect(await check("v1.33.9+rke2r1", NEW)).toMatchObject({
            code: 1,
            stderr: "east-1: RKE2 v1.33.9+rke2r1 runs here, and v1.35.7+rke2r1 is 2 minors later: Kubernetes allows no minor to be skipped. Set rke2.version to the newest release of v1.34 first, and on from there when all nodes run it\n",
        });
    });

    test("one that nobody can tell is not followed", async () => {
        expect(await check("none", NEW)).toMatchObject({
            code: 1,
            stderr: "east-1: the version of RKE2 on this host cannot be told, and so not whether v1.35.7+rke2r1 may follow it: see what rke2 --version says here\n",
        });
    });

    describe("from 1.33 to 1.34", () => {
        const manifest = (image: string) => {
            machine.file(
                "/var/lib/rancher/rke2/agent/pod-manifests/etcd.yaml",
                `spec:\n  containers:\n  - image: ${image}\n    name: etcd\n`,
            );
        };
        const leap = () => check("v1.33.9+rke2r1", OLD);

        test.each([
            "index.docker.io/rancher/hardened-etcd:v3.5.26-k3s1-build20260126",
            "registry.example.net:5000/rancher/hardened-etcd:v3.6.7-k3s1-build20260126",
        ])("etcd %s is new enough", async (image) => {
            manifest(image);
            expect((await leap()).code).toBe(0);
        });

        test("etcd 3.5.25 is not", async () => {
            manifest("index.docker.io/rancher/hardened-etcd:v3.5.25-k3s1-build20251017");
            expect((await leap()).stderr).toBe(
                "east-1: etcd 3.5.25 runs here with RKE2 v1.33.9+rke2r1, and v1.34.6+rke2r1 needs 3.5.26 or later before it, or removed members may come back. Set rke2.version to the newest release of v1.33 first, and to v1.34.6+rke2r1 when all nodes run it\n",
            );
        });

        test("an etcd that nobody can tell is not", async () => {
            expect((await leap()).stderr).toBe(
                "east-1: which etcd runs here cannot be told, and v1.34.6+rke2r1 needs 3.5.26 or later before it: /var/lib/rancher/rke2/agent/pod-manifests/etcd.yaml names no image with its version\n",
            );
        });

        test("an agent has none", async () => {
            machine.file("/cluster/version", OLD);
            expect((await check("v1.33.9+rke2r1", OLD, AGENT)).code).toBe(0);
        });
    });

    describe("on an agent", () => {
        test("its servers are as new", async () => {
            machine.file("/cluster/version", "v1.35.4");
            expect((await check(OLD, NEW, AGENT)).code).toBe(0);
        });

        test("it follows servers that it has lost sight of over more than one minor", async () => {
            machine.file("/cluster/version", NEW);
            expect((await check("v1.32.1+rke2r1", NEW, AGENT)).code).toBe(0);
        });

        test("it is never ahead of them", async () => {
            machine.file("/cluster/version", OLD);
            expect(await check(OLD, NEW, AGENT)).toMatchObject({
                code: 1,
                stderr: "east-1: the cluster's API is of v1.34, and v1.35.7+rke2r1 is later: an agent must not be ahead of its servers. Bring all servers to v1.35.7+rke2r1 first\n",
            });
        });

        test("it does not go on where they do not say", async () => {
            machine.file("/cluster/away", "99");
            expect((await check(OLD, NEW, AGENT)).stderr).toBe(
                "east-1: whether the cluster's servers run v1.35.7+rke2r1 already cannot be told, and an agent must not be ahead of them: The connection to the server 127.0.0.1:6443 was refused\n",
            );
        });
    });
});

describe("before and after", () => {
    test("the first server takes one snapshot, is cordoned, and is not any more", async () => {
        const first = await before();
        expect(first).toMatchObject({
            code: 0,
            stdout: "etcd has the snapshot before-v1.35.7-rke2r1\neast-1 is cordoned\n",
            stderr: "",
        });
        expect(saved(first)).toEqual([SAVE]);
        expect(marks()).toEqual([`${NEW}\n`, `${NEW}\n`]);
        expect(isCordoned()).toBe(true);
        const again = await before();
        expect(again).toMatchObject({ code: 0, stdout: "" });
        expect(saved(again)).toEqual([]);
        expect(await after()).toMatchObject({ code: 0, stdout: "east-1 is not cordoned any more\n" });
        expect(isCordoned()).toBe(false);
        expect(marks()).toEqual([undefined, undefined]);
    });

    test("other nodes take none", async () => {
        expect(saved(await before(SERVER))).toEqual([]);
        expect(saved(await before(AGENT))).toEqual([]);
    });

    test("nothing happens where the version is there already, whatever is installed", async () => {
        machine.file("/cluster/nodes/east-1/version", NEW);
        const run = await before();
        expect(run).toMatchObject({ code: 0, stdout: "" });
        expect([saved(run), orders(run), marks()]).toEqual([[], [], [undefined, undefined]]);
    });

    test("nothing happens on a host that is no node yet", async () => {
        machine.remove("/var/lib/rancher/rke2/server");
        expect(await before()).toMatchObject({ code: 0, stdout: "", calls: [] });
    });

    test("a version that was noted at the last start counts where the API is away", async () => {
        machine.file("/cluster/away", "1");
        machine.file(
            "/etc/rancher/rke2/config.yaml.started",
            `profile: "cis"\n# version: ${NEW}\n# token: 1\n`,
        );
        expect(saved(await before())).toEqual([]);
    });

    test("a node that someone else has cordoned stays so", async () => {
        machine.file("/cluster/nodes/east-1/unschedulable", "true");
        await before();
        await after();
        expect(isCordoned()).toBe(true);
    });

    test("by choice it is not cordoned", async () => {
        expect(orders(await before({ ...FIRST, EVICT: "none" }))).toEqual([]);
    });

    test("by choice it is drained, and what stays is named", async () => {
        addPod(machine, "east-1", "web-1");
        expect((await before({ ...SERVER, EVICT: "drain" })).code).toBe(0);
        addPod(machine, "east-1", "web-2", { stuck: true });
        const run = await before({ ...SERVER, EVICT: "drain" });
        expect(run.code).toBe(1);
        expect(run.stderr).toContain("  default/web-2: has been asked to end, and has not\n");
    });

    test("without a snapshot nothing is upgraded", async () => {
        machine.world("no-snapshot", "");
        expect(await before()).toMatchObject({
            code: 1,
            stderr: "east-1: rke2 etcd-snapshot save has failed, without which nothing is upgraded: server is not available. RKE2 must run on this host for it: see journalctl -u rke2-server\n",
        });
        expect([marks(), isCordoned()]).toEqual([[undefined, undefined], false]);
    });

    test("a node whose RKE2 does not run is upgraded as it is", async () => {
        machine.world("units/rke2-agent/state", "failed\n");
        expect(await before(AGENT)).toMatchObject({
            code: 0,
            stdout: "rke2-agent does not run: the node is upgraded without being cordoned\n",
        });
    });

    test("a node whose API does not answer is not", async () => {
        machine.file("/cluster/away", "99");
        expect((await before(SERVER)).stderr).toBe(
            "east-1: whether the node is cordoned cannot be told: The connection to the server 127.0.0.1:6443 was refused\n",
        );
    });

    test("an upgrade that is given up leaves the node open again", async () => {
        await before();
        // The description has the old version again, and this run finds nothing to upgrade.
        await before({ ...FIRST, VERSION: OLD });
        await after({ ...FIRST, VERSION: OLD });
        expect([isCordoned(), marks()]).toEqual([false, [undefined, undefined]]);
    });

    test("an interruption at any command is made good by the next run", async () => {
        const whole = machine.copy();
        const { calls } = await whole.run(caller("upgrade"), { ...FIRST, STEP: "before" });
        whole.dispose();
        for (const [index] of calls.entries()) {
            for (const kind of ["before", "after"] as const) {
                const on = machine.copy();
                await on.run(
                    caller("upgrade"),
                    { ...FIRST, STEP: "before" },
                    { fault: { kind, at: index + 1 } },
                );
                expect((await on.run(caller("upgrade"), { ...FIRST, STEP: "before" })).code).toBe(0);
                expect(on.read("/cluster/nodes/east-1/unschedulable")).toBe("true");
                expect((await on.run(caller("upgrade"), { ...FIRST, STEP: "after" })).code).toBe(0);
                expect(on.read("/cluster/nodes/east-1/unschedulable")).toBeUndefined();
                on.dispose();
            }
        }
    });
});

describe("a node says that it was made by this program", () => {
    const note = () => machine.run(caller("membership"), FIRST);

    test("once, and again where its Node is another one", async () => {
        const first = await note();
        expect(orders(first)).toEqual(["annotate node east-1 multicluster/member=yes --overwrite"]);
        expect(machine.read("/etc/rancher/rke2/node.uid")).toBe("uid-of-east-1\n");
        expect(orders(await note())).toEqual([]);
        machine.file("/cluster/nodes/east-1/uid", "another");
        expect(orders(await note())).toHaveLength(1);
    });

    test("or the run fails", async () => {
        machine.file("/cluster/away", "99");
        expect((await note()).stderr).toBe(
            "east-1: the API does not give this node's object: The connection to the server 127.0.0.1:6443 was refused\n",
        );
    });
});
