/*
 * components/rke2/scripts/parts/evict.sh with a simulated API. Its answers are those that a real API server gives a kubelet;
 * that pods end, and budgets change, is not shown here.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { addNode, addPod, caller, nodeMachine, orders } from "./cluster-fixture.ts";
import type { Machine, Run } from "./machine.ts";

const AGENT = {
    ROLE: "agent",
    NODE_NAME: "east-4",
    SECONDS_MAX: "60",
    DRAIN_SECONDS: "60",
    API_SECONDS_MAX: "60",
};
const HURRY = { ...AGENT, DRAIN_SECONDS: "0" };
const BUDGET = "The disruption budget web needs 2 healthy pods and has 2 currently";
const ADVICE =
    "The node stays cordoned, and the next run goes on. Change what holds them, such as the disruption budget, or raise rollout.drainSeconds. To have the node back as it was, run kubectl uncordon east-4\n";

let machine: Machine;
beforeEach(() => {
    machine = nodeMachine("agent");
    addNode(machine, "east-4");
});
afterEach(() => {
    machine.dispose();
});

function empty(variables: Readonly<Record<string, string>> = AGENT): Promise<Run> {
    return machine.run(caller("evict"), variables);
}

const eviction = (name: string) => `create --raw /api/v1/namespaces/default/pods/${name}/eviction`;

test("the node's pods go, with its kubelet's rights, and nobody else's", async () => {
    addPod(machine, "east-4", "web-1");
    addPod(machine, "east-5", "web-2");
    const run = await empty();
    expect(run).toMatchObject({ code: 0, stdout: "the node is empty\n", stderr: "" });
    expect(orders(run)).toEqual(["cordon east-4", eviction("web-1")]);
    expect(run.calls[0]).toBe(
        `kubectl --kubeconfig ${machine.root}/var/lib/rancher/rke2/agent/kubelet.kubeconfig --request-timeout=10s cordon east-4`,
    );
});

test("pods that belong to the node, and pods that have ended, stay", async () => {
    addPod(machine, "east-4", "cilium", { owners: "DaemonSet" });
    addPod(machine, "east-4", "etcd", { mirror: "1a2b", owners: "Node" });
    addPod(machine, "east-4", "job", { phase: "Succeeded", owners: "Job" });
    addPod(machine, "east-4", "failed", { phase: "Failed", owners: "Job" });
    expect(orders(await empty())).toEqual(["cordon east-4"]);
});

test("a pod that nothing makes anew goes too, and is named", async () => {
    addPod(machine, "east-4", "debug", { owners: "" });
    expect((await empty()).stdout).toBe(
        "default/debug has left east-4 for good: nothing makes it anew\nthe node is empty\n",
    );
});

test("a pod that may not go yet is asked again until it may", async () => {
    addPod(machine, "east-4", "web-1", { refused: `2 ${BUDGET}` });
    const run = await empty();
    expect(run.code).toBe(0);
    expect(orders(run)).toEqual(["cordon east-4", eviction("web-1"), eviction("web-1"), eviction("web-1")]);
});

test("a pod that has gone by itself is no hindrance", async () => {
    addPod(machine, "east-4", "web-1");
    machine.file("/cluster/pods/uid-of-web-1/ending", "");
    expect((await empty()).code).toBe(0);
});

describe("at the end of the time", () => {
    test("every pod that stays is named, with the budget that holds it", async () => {
        addPod(machine, "east-4", "slow", { namespace: "shop", stuck: true });
        addPod(machine, "east-4", "web-1", { refused: `99 ${BUDGET}` });
        addPod(machine, "east-4", "web-2");
        expect(await empty(HURRY)).toMatchObject({
            code: 1,
            stderr: `east-4: gave up after 0 s of draining node east-4, which still has these pods:
  shop/slow: has been asked to end, and has not
  default/web-1: Cannot evict pod as it would violate the pod's disruption budget. ${BUDGET}
${ADVICE}`,
        });
        expect(machine.read("/cluster/nodes/east-4/unschedulable")).toBe("true");
    });

    test("the next run goes on with them", async () => {
        addPod(machine, "east-4", "web-1", { refused: `1 ${BUDGET}` });
        expect((await empty(HURRY)).code).toBe(1);
        expect((await empty(HURRY)).code).toBe(0);
    });
});

describe("an API that is away", () => {
    test("is asked again for a while", async () => {
        addPod(machine, "east-4", "web-1");
        machine.file("/cluster/away", "3");
        expect((await empty()).code).toBe(0);
    });

    test("ends the run in the end", async () => {
        machine.file("/cluster/away", "99");
        expect(await empty({ ...AGENT, API_SECONDS_MAX: "0" })).toMatchObject({
            code: 1,
            stderr: "east-4: node east-4 cannot be cordoned: The connection to the server 127.0.0.1:6443 was refused\n",
        });
    });
});
