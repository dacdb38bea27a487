/* components/gate/wait-for.sh with a fake kubectl. Not shown: that a real API answers these questions as it does. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { Machine, type Run } from "./machine.ts";

const SCRIPT = new URL("../../components/gate/wait-for.sh", import.meta.url);
const CRD = "get crd ciliumnodes.cilium.io";
const ROLLOUT = "-n kube-system rollout status daemonset_cilium --timeout=10s";
const ENDPOINT = "-n metallb-system get endpointslices -l kubernetes.io_service-name=webhook";

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

function waitFor(...conditions: string[]): Promise<Run> {
    return wait(0, conditions);
}

function wait(seconds: number, conditions: readonly string[]): Promise<Run> {
    return machine.run(SCRIPT, {
        CONDITIONS: conditions.join("\n"),
        SECONDS_MAX: String(seconds),
        REFUSED_SECONDS_MAX: "0",
        KUBECTL: machine.kubectl,
        KUBECONFIG: "/etc/rancher/rke2/rke2.yaml",
    });
}

function answer(question: string, ...lines: string[]): void {
    machine.world(`answers/${question}`, lines.map((line) => `${line}\n`).join(""));
}

const HOLDS = { code: 0, stdout: "all conditions hold\n", stderr: "" };

function missing(...lines: string[]) {
    return { code: 1, stdout: "", stderr: `gave up after 0 s; still missing:\n${lines.join("\n")}\n` };
}

test("all conditions are asked for, and all that are missing are told", async () => {
    answer(CRD, "False");
    answer("get nodes", "east-1=True east-2=False east-3=Unknown ");
    answer(ENDPOINT, "false ");
    machine.world(
        `answers/${ROLLOUT}.fails`,
        "Waiting for daemon set\nerror: timed out waiting for the condition",
    );
    const run = await waitFor(
        "crd ciliumnodes.cilium.io",
        "rollout daemonset kube-system cilium",
        "nodes",
        "endpoint metallb-system webhook",
    );
    expect(run).toMatchObject(
        missing(
            "CRD ciliumnodes.cilium.io is not established: False",
            "daemonset kube-system/cilium: error: timed out waiting for the condition",
            "nodes not Ready: east-2 east-3",
            "Service metallb-system/webhook has no ready endpoint",
        ),
    );
});

test("what RKE2 has installed is asked, and keeps what it has learnt below the same root", async () => {
    const said = ["KUBECONFIG", "KUBECACHEDIR"].map((name) => `${name}=$${name}`).join(" ");
    machine.file("/var/lib/rancher/rke2/bin/kubectl", `#!/bin/sh\necho "${said}"\nexit 1\n`, 0o755);
    const run = await machine.run(SCRIPT, { CONDITIONS: "crd x", SECONDS_MAX: "0" });
    expect(run.stderr).toContain(
        `KUBECONFIG=${machine.root}/etc/rancher/rke2/rke2.yaml KUBECACHEDIR=${machine.root}/run/multicluster-kubectl`,
    );
});

describe("what RKE2 installs by itself", () => {
    const OPERATOR = "-n kube-system get deployment cilium-operator";
    const see = "see kubectl -n kube-system logs job/helm-install-rke2-cilium";
    const condition = "deployed kube-system cilium-operator 1.19.6 abc rke2-cilium";

    test.each([
        "operator:v1.19.6",
        "r.example.net:5000/x/operator:v1.19.6",
        "operator:v1.19.6@sha256:1",
        "o:v1.19.6-b1",
    ])("is there with the image %s and the values", async (image) => {
        answer(OPERATOR, `abc|side:v2 ${image}`);
        expect(await waitFor(condition)).toMatchObject(HOLDS);
    });

    test.each([
        ["def|operator:v1.19.6", "does not yet have the values abc, but def"],
        ["|operator:v1.19.6", "does not yet have the values abc, but others"],
        ["abc|operator:v1.19.60", "has no image of 1.19.6, but operator:v1.19.60"],
        ["abc|operator:v1.18.6", "has no image of 1.19.6, but operator:v1.18.6"],
        ["abc|", "has no image of 1.19.6, but none"],
    ])("is waited for while it is %j", async (says, lacks) => {
        answer(OPERATOR, says);
        expect(await waitFor(condition)).toMatchObject(
            missing(`deployment kube-system/cilium-operator ${lacks}; ${see}`),
        );
    });

    test("is waited for while it is not there", async () => {
        machine.world(`answers/${OPERATOR}.fails`, "Error: not found");
        expect(await waitFor(condition)).toMatchObject(
            missing(`deployment kube-system/cilium-operator: Error: not found; ${see}`),
        );
    });
});

describe("the address of a Service", () => {
    const SERVICE = "-n kube-system get service clustermesh-apiserver";
    const EVENTS =
        "-n kube-system get events --sort-by=.lastTimestamp --field-selector involvedObject.kind=Service,involvedObject.name=clustermesh-apiserver,type=Warning";
    const condition = "address kube-system clustermesh-apiserver 10.0.0.200";
    const lacks = "Service kube-system/clustermesh-apiserver has not got the address 10.0.0.200, but ";

    test("is there when it is among those given", async () => {
        answer(SERVICE, "fd00::200 10.0.0.200 ");
        expect(await waitFor(condition)).toMatchObject(HOLDS);
    });

    test("is waited for while nobody refuses it", async () => {
        answer(SERVICE, "");
        answer(EVENTS, "");
        expect(await waitFor(condition)).toMatchObject(missing(`${lacks}none`));
    });

    test("may come after a while", async () => {
        answer(SERVICE, "", "", "10.0.0.200 ");
        answer(EVENTS, "");
        expect(await wait(60, [condition])).toMatchObject(HOLDS);
    });

    test.each([
        {
            who: "LB-IPAM",
            says: [SERVICE, "10.0.0.201 ", "already_allocated: The IP is in use"],
            given: "10.0.0.201 ",
        },
        { who: "MetalLB", says: [EVENTS, "AllocationFailed: no available IPs"], given: "none" },
    ])("is given up at once where $who refuses it: waiting would not help", async ({ says, given }) => {
        const [question = "", ...lines] = says;
        answer(SERVICE, "");
        answer(question, ...lines);
        expect(await wait(60, [condition])).toMatchObject({
            code: 1,
            stderr: `waiting is of no use; still missing:\n${lacks}${given}; ${lines.at(-1) ?? ""}\n`,
        });
    });
});

describe("the versions of nodes", () => {
    const NODES = "get nodes";
    const SERVERS = "get nodes -l node-role.kubernetes.io_control-plane=true";
    const PODS =
        "get pods --all-namespaces -l upgrade.cattle.io_version=v1.35.4-rke2r1 --sort-by=.metadata.creationTimestamp";
    const condition = "versions v1.35.4+rke2r1";
    const behind = "nodes not at v1.35.4+rke2r1: east-2 (v1.34.3+rke2r1) east-3 (not Ready) east-4 (unknown)";

    /** A try of a job on a node, as the fake kubectl tells of it. */
    function tries(
        ...pods: { at: string; name: string; node: string; phase: string; waits?: string }[]
    ): void {
        const text = pods.map(
            ({ at, name, node, phase, waits = " " }) =>
                `${at}|system-upgrade|${name}|apply-${node}|${node}|${phase}|${waits}\n`,
        );
        machine.world(`answers/${PODS}.all`, text.join(""));
    }

    const EARLIER = "2000-01-01T00:00:00Z";
    const SINCE = "2999-01-01T00:00:00Z";

    test("hold when each runs it and is Ready", async () => {
        answer(NODES, "east-1=v1.35.4+rke2r1=True east-2=v1.35.4+rke2r1=True ");
        const run = await waitFor(condition);
        expect(run).toMatchObject(HOLDS);
        expect(run.calls).toHaveLength(1);
    });

    test("are asked of selected nodes only", async () => {
        answer(SERVERS, "east-1=v1.35.4+rke2r1=True ");
        expect(await waitFor(`${condition} node-role.kubernetes.io/control-plane=true`)).toMatchObject(HOLDS);
    });

    test("do not hold where no node is selected", async () => {
        answer(SERVERS, "");
        expect(await waitFor(`${condition} node-role.kubernetes.io/control-plane=true`)).toMatchObject(
            missing("no node is there with node-role.kubernetes.io/control-plane=true"),
        );
    });

    test("are waited for while an API that restarts does not answer", async () => {
        machine.world(`answers/${NODES}.fails`, "one line\nThe connection was refused");
        expect(await waitFor(condition)).toMatchObject(missing("nodes: The connection was refused"));
    });

    describe("that are not there", () => {
        beforeEach(() => {
            answer(
                NODES,
                "east-1=v1.35.4+rke2r1=True east-2=v1.34.3+rke2r1=True east-3=v1.35.4+rke2r1=False east-4==Unknown ",
            );
        });

        test("are told, with what runs there", async () => {
            answer(PODS, "");
            expect(await waitFor(condition)).toMatchObject(missing(behind));
        });

        test("are waited for after a first try, and after tries of an earlier run", async () => {
            tries(
                { at: EARLIER, name: "a", node: "east-2", phase: "Failed" },
                { at: EARLIER, name: "b", node: "east-2", phase: "Failed" },
                { at: SINCE, name: "c", node: "east-2", phase: "Failed" },
                { at: SINCE, name: "d", node: "east-3", phase: "Failed" },
                { at: SINCE, name: "e", node: "east-2", phase: "Running" },
            );
            expect(await waitFor(condition)).toMatchObject(missing(behind));
        });

        test("are given up when the tries on one of them fail again", async () => {
            tries(
                { at: SINCE, name: "a", node: "east-2", phase: "Failed" },
                { at: SINCE, name: "b", node: "east-2", phase: "Failed" },
                { at: SINCE, name: "c", node: "east-2", phase: "Pending", waits: "PodInitializing " },
            );
            answer(
                "-n system-upgrade logs b --all-containers --tail=1",
                "gave up after 600 s: servers not Ready: east-3",
            );
            expect(await wait(60, [condition])).toMatchObject({
                code: 1,
                stdout: "",
                stderr: `waiting is of no use; still missing:
${behind}
Job apply-east-2 has failed on node east-2, 2 times: gave up after 600 s: servers not Ready: east-3; see kubectl -n system-upgrade logs b --all-containers
`,
            });
        });

        test("are given up without a log, too", async () => {
            tries(
                { at: SINCE, name: "a", node: "east-2", phase: "Failed" },
                { at: SINCE, name: "b", node: "east-2", phase: "Failed" },
            );
            machine.world("answers/-n system-upgrade logs b --all-containers --tail=1.fails", "no such pod");
            expect((await wait(60, [condition])).stderr).toContain(
                "has failed on node east-2, 2 times: its log is not to be had; see",
            );
        });

        test("are told with an image that cannot be pulled", async () => {
            tries({
                at: SINCE,
                name: "a",
                node: "east-2",
                phase: "Pending",
                waits: "ImagePullBackOff PodInitializing",
            });
            expect(await waitFor(condition)).toMatchObject(
                missing(behind, "Job apply-east-2 cannot begin on node east-2: ImagePullBackOff"),
            );
        });
    });
});

test("it ends as soon as all hold", async () => {
    answer(CRD, "True");
    answer("get nodes", "east-1=True east-2=True ");
    answer(ENDPOINT, "false true ");
    answer(ROLLOUT, "daemon set successfully rolled out");
    const run = await waitFor(
        "crd ciliumnodes.cilium.io",
        "rollout daemonset kube-system cilium",
        "nodes",
        "endpoint metallb-system webhook",
    );
    expect(run).toMatchObject(HOLDS);
    expect(run.calls).toHaveLength(4);
});

test("it asks again until what was missing is there", async () => {
    answer("get nodes", "east-1=False ", "east-1=Unknown ", "east-1=True ");
    const run = await wait(60, ["nodes"]);
    expect(run).toMatchObject(HOLDS);
    expect(run.calls).toHaveLength(3);
});

describe("what does not count", () => {
    test("a CRD that is not there", async () => {
        machine.world(`answers/${CRD}.fails`, "Error from server (NotFound)");
        expect(await waitFor("crd ciliumnodes.cilium.io")).toMatchObject(
            missing("CRD ciliumnodes.cilium.io is not established: Error from server (NotFound)"),
        );
    });

    test("a CRD without a status yet", async () => {
        answer(CRD, "");
        expect(await waitFor("crd ciliumnodes.cilium.io")).toMatchObject(
            missing("CRD ciliumnodes.cilium.io is not established: no status"),
        );
    });

    test("no nodes at all", async () => {
        answer("get nodes", "");
        expect(await waitFor("nodes")).toMatchObject(missing("no node has registered"));
    });

    test("an API that does not answer", async () => {
        machine.world("answers/get nodes.fails", "one line\nThe connection was refused");
        expect(await waitFor("nodes")).toMatchObject(missing("nodes: The connection was refused"));
    });

    test("a Service without endpoints", async () => {
        answer(ENDPOINT, "");
        expect(await waitFor("endpoint metallb-system webhook")).toMatchObject(
            missing("Service metallb-system/webhook has no ready endpoint"),
        );
    });
});

test.each(["pods", "crd", "rollout daemonset cilium", "nodes now", "versions", ""])(
    "a condition that it does not know ends it before it waits: %j",
    async (condition) => {
        const run = await waitFor("nodes", condition, "nodes");
        expect(run).toMatchObject({
            code: 2,
            stdout: "",
            stderr: `unknown condition: ${condition}\n`,
            calls: [],
        });
    },
);

test("what it needs must be given", async () => {
    expect((await waitFor()).code).not.toBe(0);
});
