/* components/member/scripts/existing.sh with a fake kubectl, and the part before it that keeps the kubeconfig. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { bashScript } from "../../components/host/bash.ts";
import { Machine } from "./machine.ts";

const SCRIPT = new URL("../../components/member/scripts/existing.sh", import.meta.url);
const PART = new URL("../../components/host/parts/local-kubeconfig.sh", import.meta.url);
const PLACE = "-n kube-system get configmap cilium-config --ignore-not-found";

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
    machine.file("kubeconfig", "the kubeconfig\n");
    answer("get --raw /readyz", "ok");
    answer("get --raw /version", '  "minor": "35+",');
    answer("-n kube-system get daemonset kube-proxy --ignore-not-found", "");
    answer("-n kube-system get pods -l component=kube-proxy", "");
    answer("get nodes", "north-1=10.30.0.0/24 north-2=10.30.1.0/24 ");
    answer(PLACE, "");
});
afterEach(() => {
    machine.dispose();
});

function answer(question: string, text: string): void {
    machine.world(`answers/${question.replaceAll("/", "_")}`, text === "" ? "" : `${text}\n`);
}

function look({ ipam = "kubernetes", operators = 1 } = {}) {
    return machine.run(SCRIPT, {
        CLUSTER_NAME: "north",
        KUBERNETES: "1.35",
        OPERATORS: String(operators),
        IPAM: ipam,
        MESH_PLACE: "north 3 255",
        SECONDS_MAX: "0",
        KUBECTL: machine.kubectl,
        KUBECONFIG: join(machine.root, "kubeconfig"),
        ROOT: machine.root,
    });
}

describe("a look at a cluster that was there already", () => {
    test("prints its kubeconfig where nothing is wrong, the second time too", async () => {
        expect(await look()).toMatchObject({ code: 0, stdout: "the kubeconfig\n", stderr: "" });
        answer(PLACE, "north 3 255");
        expect(await look()).toMatchObject({ code: 0, stdout: "the kubeconfig\n", stderr: "" });
    });

    test("tells everything that is wrong at once, and prints no kubeconfig", async () => {
        answer("get --raw /version", '  "minor": "34",');
        answer("-n kube-system get daemonset kube-proxy --ignore-not-found", "daemonset.apps/kube-proxy");
        answer("get nodes", "north-1=10.30.0.0/24 north-2= north-3= ");
        answer(PLACE, "default 0 255");
        const { code, stdout, stderr } = await look();
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(stderr).toMatchInlineSnapshot(`
          "north: runs Kubernetes 1.34, and the description says 1.35
              fix: write it in kubernetes.version
          north: kube-proxy runs in it, whose place Cilium takes
              fix: take it out (kubectl -n kube-system delete daemonset kube-proxy), and restart the nodes, which still have its rules
          north: Kubernetes gives these nodes no range for their pods: north-2 north-3
              fix: set cilium.ipam to "cluster-pool", and Cilium gives them
          north: has a Cilium whose name, id and maxConnectedClusters in a mesh are "default 0 255", and the description says "north 3 255": its pods would keep the old identity, and other clusters would mistake them
              fix: write the old ones again, if that Cilium is this program's; if somebody else has installed it, it has to go before this one comes
          "
        `);
    });

    test("sees the kube-proxy that each node of RKE2 runs, too", async () => {
        answer("-n kube-system get pods -l component=kube-proxy", "pod/kube-proxy-north-1");
        const { code, stdout, stderr } = await look();
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(stderr).toMatchInlineSnapshot(`
          "north: kube-proxy runs on its nodes, whose place Cilium takes
              fix: turn it off where the nodes are made (RKE2: disable-kube-proxy: true in every server's config.yaml), and restart them, as they still have its rules
          "
        `);
    });

    test("wants a node", async () => {
        answer("get nodes", "");
        expect(await look()).toMatchObject({
            code: 1,
            stdout: "",
            stderr: "north: has no node\n    fix: let one join\n",
        });
    });

    test("wants a node for each operator", async () => {
        expect(await look({ operators: 2 })).toMatchObject({ code: 0 });
        answer("get nodes", "north-1=10.30.0.0/24 ");
        const { code, stdout, stderr } = await look({ operators: 2 });
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(stderr).toMatchInlineSnapshot(`
          "north: has 1 node(s) for 2 operators of Cilium, and two never share one
              fix: set cilium.operatorReplicas to 1, or let more nodes join
          "
        `);
    });

    test("does not ask for nodes' ranges where Cilium gives them", async () => {
        answer("get nodes", "north-1= ");
        expect(await look({ ipam: "cluster-pool" })).toMatchObject({ code: 0 });
    });

    test("says what the API says while it is not ready", async () => {
        machine.forget("answers/get --raw _readyz");
        machine.world("answers/get --raw _readyz.fails", "dial tcp: connection refused");
        expect(await look()).toMatchObject({
            code: 1,
            stdout: "",
            stderr: "gave up after 0 s: the API of north is not ready: dial tcp: connection refused\n",
        });
    });
});

describe("what keeps the kubeconfig", () => {
    let top: string;
    beforeEach(() => {
        top = mkdtempSync(join(tmpdir(), "local-"));
        for (const folder of ["bin", "tmp"]) mkdirSync(join(top, folder));
    });
    afterEach(() => {
        rmSync(top, { recursive: true });
    });

    function run(script: string, path = `${join(top, "bin")}:${process.env["PATH"] ?? ""}`) {
        const { status, stdout, stderr } = spawnSync("/bin/bash", ["-euo", "pipefail", "-s"], {
            input: bashScript(PART, { KUBECONFIG_TEXT: "it's\nsecret" }) + script,
            env: { PATH: path, TMPDIR: join(top, "tmp") },
            encoding: "utf8",
        });
        return { status, stdout, stderr, left: readdirSync(join(top, "tmp")) };
    }

    test.each([
        ["ends", "exit 0", 0],
        ["fails", "exit 3", 3],
        ["is ended", "kill -TERM $$; sleep 5", null],
    ])("lets only its owner read it, and takes it away when the script %s", (_, end, status) => {
        writeFileSync(join(top, "bin", "kubectl"), "#!/bin/bash\n");
        chmodSync(join(top, "bin", "kubectl"), 0o755);
        const script = `echo "$KUBECTL"; stat -c %a "$ROOT"; cat "$KUBECONFIG"; ${end}\n`;
        expect(run(script)).toEqual({
            status,
            stdout: `${join(top, "bin", "kubectl")}\n700\nit's\nsecret\n`,
            stderr: "",
            left: [],
        });
    });

    test("says that kubectl is missing", () => {
        expect(run("echo no", join(top, "bin"))).toEqual({
            status: 1,
            stdout: "",
            stderr: "kubectl is not on the PATH of the machine that runs Pulumi, which asks a cluster that was there already with it: install it\n",
            left: [],
        });
    });
});
