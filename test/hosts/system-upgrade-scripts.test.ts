/*
 * What runs around the Plans of the system-upgrade-controller, with a fake kubectl and a fake rke2. Not shown: that the real
 * controller obeys the labels.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { Machine, type Fault, type Run } from "./machine.ts";

const VERSION = "v1.35.4+rke2r1";
const SERVERS = "get nodes -l node-role.kubernetes.io_control-plane=true";

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

function answer(question: string, text: string): void {
    machine.world(`answers/${question}`, `${text}\n`);
}

describe("system-upgrade-nodes.sh", () => {
    const SCRIPT = new URL("../../components/rke2/scripts/system-upgrade-nodes.sh", import.meta.url);
    const AGENTS = "get nodes -l !node-role.kubernetes.io_control-plane";

    beforeEach(() => {
        machine.file(
            "usr/local/bin/rke2",
            '#!/bin/bash\n. "$FAKES/fake.sh"\n[ ! -f "$WORLD/rke2-fails" ] || { printf "one\\nno space left\\n"; exit 1; }\n',
            0o755,
        );
    });

    function nodes(servers: string, agents: string): void {
        answer(SERVERS, servers);
        answer(AGENTS, agents);
    }

    function run(fault?: Fault): Promise<Run> {
        return machine.run(
            SCRIPT,
            { VERSION, NODES: "east-1\neast-2", KUBECTL: machine.kubectl },
            fault === undefined ? {} : { fault },
        );
    }

    function changes({ calls }: Run): string[] {
        return calls.filter((call) => !call.includes(" get nodes "));
    }

    const SAVE = "rke2 etcd-snapshot save --name before-v1.35.4-rke2r1";
    const label = (name: string, ...labels: string[]) =>
        `kubectl --request-timeout=15s label node ${name} --overwrite ${labels.join(" ")}`;
    const TO = "multicluster/upgrade-to=v1.35.4-rke2r1";

    test("does nothing to a cluster that has just been made at the release", async () => {
        nodes(`east-1=${VERSION}== east-2=${VERSION}== `, `east-3=${VERSION}== `);
        const done = await run();
        expect(done).toMatchObject({ code: 0, stdout: "", stderr: "" });
        expect(changes(done)).toEqual([]);
    });

    test("saves etcd, then names the nodes that the Plans are for, and takes back what they were before", async () => {
        nodes(
            "east-1=v1.34.3+rke2r1=v1.34.3-rke2r1=0a1b east-2=v1.34.3+rke2r1== ",
            `east-3=v1.34.3+rke2r1== east-4=${VERSION}== `,
        );
        const done = await run();
        expect(done).toMatchObject({
            code: 0,
            stdout: `etcd is saved as before-v1.35.4-rke2r1
east-1 runs v1.34.3+rke2r1: ${TO} plan.upgrade.cattle.io/servers-
east-2 runs v1.34.3+rke2r1: ${TO}
east-3 runs v1.34.3+rke2r1: ${TO}
`,
            stderr: "",
        });
        expect(changes(done)).toEqual([
            SAVE,
            label("east-1", TO, "plan.upgrade.cattle.io/servers-"),
            label("east-2", TO),
            label("east-3", TO),
        ]);
    });

    test("does nothing the second time, and does not save etcd again", async () => {
        nodes("east-1=v1.34.3+rke2r1=v1.35.4-rke2r1= ", "east-3=v1.34.3+rke2r1=v1.35.4-rke2r1= ");
        const again = await run();
        expect(again).toMatchObject({ code: 0, stdout: "", stderr: "" });
        expect(changes(again)).toEqual([]);
    });

    test("does not save etcd once a server has been upgraded", async () => {
        nodes(`east-1=${VERSION}=v1.35.4-rke2r1=0a1b east-2=v1.34.3+rke2r1== `, "");
        expect(changes(await run())).toEqual([
            label("east-1", "multicluster/upgrade-to-"),
            label("east-2", TO),
        ]);
    });

    test("lets a node be done again that was done and has fallen back", async () => {
        nodes(`east-1=${VERSION}== `, "east-3=v1.34.3+rke2r1=v1.35.4-rke2r1=0a1b ");
        expect(changes(await run())).toEqual([label("east-3", "plan.upgrade.cattle.io/agents-")]);
    });

    test("leaves out a node that someone has left out, and says so", async () => {
        nodes(`east-1=${VERSION}== `, "east-3=v1.34.3+rke2r1=v1.35.4-rke2r1=disabled ");
        const done = await run();
        expect(done).toMatchObject({
            code: 0,
            stdout: "east-3 is left out of the upgrade: someone has labelled it plan.upgrade.cattle.io/agents=disabled\n",
        });
        expect(changes(done)).toEqual([]);
    });

    test.each([1, 2, 3, 4, 5])("goes on after an interruption at command %i", async (at) => {
        nodes("east-1=v1.34.3+rke2r1== ", "east-3=v1.34.3+rke2r1== ");
        expect((await run({ kind: "before", at })).code).toBeNull();
        expect(changes(await run())).toEqual([SAVE, label("east-1", TO), label("east-3", TO)]);
    });

    test("upgrades nothing when etcd cannot be saved", async () => {
        nodes("east-1=v1.34.3+rke2r1== ", "");
        machine.world("rke2-fails", "");
        const failed = await run();
        expect(failed).toMatchObject({
            code: 1,
            stderr: `etcd could not be saved before the upgrade to ${VERSION}, so nothing was upgraded: no space left\n`,
        });
        expect(changes(failed)).toEqual([SAVE]);
    });

    test.each([
        {
            what: "an API that does not answer",
            fails: true,
            says: "the API does not tell the nodes of the cluster: is it well? kubectl get nodes\n",
        },
        {
            what: "a cluster without servers",
            fails: false,
            says: "no node of the cluster has the label node-role.kubernetes.io/control-plane=true, so nothing would be upgraded\n",
        },
    ])("fails on $what", async ({ fails, says }) => {
        if (fails) machine.world(`answers/${SERVERS}.fails`, "refused");
        else answer(SERVERS, "");
        expect(await run()).toMatchObject({ code: 1, stdout: "", stderr: says });
    });

    test("fails on a node that does not take its labels", async () => {
        nodes(`east-1=${VERSION}=old= `, "");
        expect(await run({ kind: "fail", at: 3 })).toMatchObject({
            code: 1,
            stderr: "the node east-1 does not take its labels: multicluster/upgrade-to-\n",
        });
    });
});

describe("system-upgrade-prepare.sh", () => {
    const SCRIPT = new URL("../../components/rke2/scripts/system-upgrade-prepare.sh", import.meta.url);
    const UPGRADED = "get nodes -l plan.upgrade.cattle.io_servers=0a1b";
    const PODS = "-n kube-system get pods -l component in (etcd,kube-apiserver)";
    const WELL = "etcd-east-1=True kube-apiserver-east-1=True etcd-east-2=True kube-apiserver-east-2=True ";

    beforeEach(() => {
        answer(UPGRADED, `east-1=${VERSION}=True `);
        answer(SERVERS, "east-1=True=true east-2=True=true ");
        answer(PODS, WELL);
    });

    const prepare = (seconds = 0) =>
        machine.run(
            SCRIPT,
            { VERSION, SECONDS_MAX: String(seconds) },
            {
                environment: {
                    SYSTEM_UPGRADE_PLAN_NAME: "servers",
                    SYSTEM_UPGRADE_PLAN_LATEST_HASH: "0a1b",
                },
            },
        );

    test("lets the upgrade begin when all has been well three times", async () => {
        const done = await prepare();
        expect(done).toMatchObject({
            code: 0,
            stdout: "all that was upgraded before is well\n",
            stderr: "",
        });
        expect(done.calls.filter((call) => call.includes(" get pods "))).toHaveLength(3);
    });

    test("lets the first upgrade begin", async () => {
        answer(UPGRADED, "");
        expect((await prepare()).code).toBe(0);
    });

    test("counts again from the beginning after a bad moment", async () => {
        machine.world(
            `answers/${SERVERS}`,
            "a=True= b=True= \na=True= b=True= \na=True= b=False= \na=True= b=True= \n",
        );
        machine.world(`answers/${PODS}`, "kube-apiserver-a=True kube-apiserver-b=True \n");
        const done = await prepare(60);
        expect(done).toMatchObject({
            code: 0,
            stdout: "waiting: servers not Ready: b\nall that was upgraded before is well\n",
        });
        expect(done.calls.filter((call) => call.includes(" get pods "))).toHaveLength(5);
    });

    test.each([
        {
            what: "a node that is done has not come back",
            question: UPGRADED,
            text: `east-1=v1.34.3+rke2r1=True east-2=${VERSION}=False `,
            says: `upgraded before, and not back at ${VERSION}: east-1 (v1.34.3+rke2r1) east-2 (not Ready)`,
        },
        {
            what: "a server is away, done or not",
            question: SERVERS,
            text: "east-1=True=true east-2=Unknown=true ",
            says: "servers not Ready: east-2",
        },
        {
            what: "etcd is being replaced",
            question: PODS,
            text: WELL.replace("etcd-east-2=True", "etcd-east-2=False"),
            says: "not Ready: etcd-east-2",
        },
        {
            what: "etcd is not there",
            question: PODS,
            text: WELL.replace("etcd-east-2=True ", ""),
            says: "etcd or an API server of 1 more is not there",
        },
    ])("does not begin while $what", async ({ question, text, says }) => {
        answer(question, text);
        expect(await prepare()).toMatchObject({ code: 1, stderr: `gave up after 0 s: ${says}\n` });
    });

    test.each([
        { question: UPGRADED, who: "nodes" },
        { question: SERVERS, who: "servers" },
        { question: PODS, who: "etcd and the API servers" },
    ])("does not begin while the API does not answer about $who", async ({ question, who }) => {
        machine.forget(`answers/${question}`);
        machine.world(`answers/${question}.fails`, "one line\nrefused");
        expect(await prepare()).toMatchObject({ code: 1, stderr: `gave up after 0 s: ${who}: refused\n` });
    });
});
