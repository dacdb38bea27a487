/* components/rke2/scripts/remove-node.sh on a machine of fakes. Not shown: what RKE2's own uninstall script takes away. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import { Machine } from "./machine.ts";
import { AGENT, CONFIG_FILE, FIRST } from "./node-fixture.ts";
import { forgetInstalled, installOn, leftOn, PODS_OF, REMOVE, removeFrom } from "./remove-fixture.ts";

const SERVERS = "get nodes --selector node-role.kubernetes.io_etcd=true";
/** Two servers, neither of which has left etcd. */
const BOTH = "east-1= east-2= ";

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});
afterAll(forgetInstalled);

const install = (node: typeof FIRST) => installOn(machine, node);
const remove = (node: Pick<typeof FIRST, "ROLE" | "NODE_NAME">, ASK_SECONDS_MAX = "0") =>
    removeFrom(machine, node, { ASK_SECONDS_MAX });

function answer(question: string, ...lines: string[]): void {
    machine.world(`answers/${question}`, lines.map((line) => `${line}\n`).join(""));
}

const left = () => leftOn(machine);

describe("a cluster whose network is gone", () => {
    test("has its agents uninstalled, with what the network left", async () => {
        await install(AGENT);
        answer(PODS_OF("east-4"), "");
        const run = await remove(AGENT);
        expect(run).toMatchObject({ code: 0, stdout: "east-4 is removed\n", stderr: "" });
        expect(run.calls.filter((call) => call.startsWith("rke2-uninstall"))).toHaveLength(1);
        expect(left()).toEqual([]);
    });

    test("has its last server uninstalled without a word to etcd", async () => {
        await install(FIRST);
        answer(PODS_OF("east-1"), "");
        answer(SERVERS, "east-1= east-2=east-2-9f8e7d6c ");
        const run = await remove(FIRST);
        expect(run).toMatchObject({ code: 0, stdout: "east-1 is removed\n" });
        expect(run.calls.filter((call) => call.includes("annotate"))).toEqual([]);
    });

    test("waits for pods that are still ending", async () => {
        await install(AGENT);
        answer(PODS_OF("east-4"), "pod/cilium-x7k2p", "");
        const run = await machine.run(REMOVE, { ...AGENT, ASK_SECONDS_MAX: "60" });
        expect(run).toMatchObject({ code: 0, stdout: "east-4 is removed\n" });
    });

    test("is asked for only once: the host is clean then", async () => {
        await install(AGENT);
        answer(PODS_OF("east-4"), "");
        await remove(AGENT);
        expect(await remove(AGENT)).toMatchObject({
            code: 0,
            stdout: "east-4 is not on this host: nothing to remove\n",
            calls: [],
        });
    });

    test("has the rest removed by the next run where RKE2's script failed", async () => {
        await install(AGENT);
        answer(PODS_OF("east-4"), "");
        machine.world("uninstall-fails", "");
        expect(await remove(AGENT)).toMatchObject({
            code: 1,
            stderr: "east-4: rke2-uninstall.sh failed\n",
        });
        machine.forget("uninstall-fails");
        expect(await remove(AGENT)).toMatchObject({ code: 0, stdout: "east-4 is removed\n" });
        expect(left()).toEqual([]);
    });
});

describe("what is left alone", () => {
    test("a node of a cluster that goes on", async () => {
        await install(AGENT);
        const before = machine.snapshot();
        machine.world(`answers/${PODS_OF("east-4")}`, "pod/cilium-x7k2p\n");
        expect(await remove(AGENT)).toMatchObject({
            code: 0,
            stdout: "east-4 is left as it is, as its cluster goes on with it. A node is removed by leaving it out of the description: then the step of the cluster's members takes it out first\n",
        });
        expect(machine.snapshot()).toEqual(before);
    });

    test("a host that has become another node", async () => {
        await install(AGENT);
        machine.file(CONFIG_FILE, 'node-name: "east-9"\n');
        const before = machine.snapshot();
        expect(await remove(AGENT)).toMatchObject({ code: 0, calls: [] });
        expect(machine.snapshot()).toEqual(before);
    });

    test("a host without RKE2", async () => {
        expect(await remove(AGENT)).toMatchObject({ code: 0, calls: [] });
    });

    test("a node whose cluster does not say whether it goes on", async () => {
        await install(AGENT);
        const before = machine.snapshot();
        machine.world(`answers/${PODS_OF("east-4")}.fails`, "The connection was refused\n");
        const { code, stderr } = await remove(AGENT);
        expect(code).toBe(1);
        expect(stderr).toMatch(
            /^east-4: whether the cluster goes on without this node cannot be told: The connection was refused\. .*rke2-uninstall\.sh.*pulumi state delete\n$/,
        );
        expect(machine.snapshot()).toEqual(before);
    });
});

describe("one of several servers", () => {
    const ANNOTATE = "annotate node east-1 etcd.rke2.cattle.io_remove=true --overwrite";

    beforeEach(async () => {
        await install(FIRST);
        answer(PODS_OF("east-1"), "");
    });

    test("leaves etcd first, and waits until RKE2 says so", async () => {
        answer(ANNOTATE, "node/east-1 annotated");
        answer(SERVERS, BOTH, BOTH, BOTH, "east-1=east-1-0a1b2c3d east-2= ");
        const run = await remove(FIRST, "60");
        expect(run).toMatchObject({ code: 0, stdout: "east-1 is removed\n" });
        const order = run.calls.filter((call) => /annotate|removed-node-name|uninstall/.test(call));
        expect(order.map((call) => /annotate|removed-node-name|uninstall/.exec(call)?.[0])).toEqual([
            "removed-node-name",
            "annotate",
            "removed-node-name",
            "removed-node-name",
            "uninstall",
        ]);
    });

    test("waits for nobody where all others have had their turn, whoever could still say so", async () => {
        answer(SERVERS, BOTH, "east-1= east-2=true ");
        const run = await remove(FIRST, "60");
        expect(run).toMatchObject({ code: 0, stdout: "east-1 is removed\n" });
        expect(run.calls.filter((call) => call.includes("annotate"))).toEqual([]);
    });

    test("has left when its own API no longer answers", async () => {
        machine.world(`answers/${ANNOTATE}.fails`, "etcdserver: server stopped\n");
        answer(SERVERS, BOTH);
        expect(await remove(FIRST)).toMatchObject({ code: 0, stdout: "east-1 is removed\n" });
    });

    test("stays as it is where RKE2 does not let it go", async () => {
        answer(ANNOTATE, "node/east-1 annotated");
        answer(SERVERS, BOTH);
        const before = machine.snapshot();
        expect(await remove(FIRST, "1")).toMatchObject({
            code: 1,
            stderr: "east-1: RKE2 has not taken this server out of etcd within 1 s\n",
        });
        expect(machine.snapshot()).toEqual(before);
    });
});
