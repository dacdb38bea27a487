/* components/cilium/scripts on a machine of fakes. Not shown: that RKE2 applies the file, and uninstalls its chart. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { Machine } from "./machine.ts";

const script = (name: string) => new URL(`../../components/cilium/scripts/${name}.sh`, import.meta.url);
const DATA = "/var/lib/rancher/rke2";
const FILE = `${DATA}/server/manifests/rke2-cilium-config.yaml`;
const EAST = { ROLE: "server", NODE_NAME: "east-1", SECONDS_MAX: "0", MANIFEST: "kind: HelmChartConfig\n" };
const DELETE = "-n kube-system delete helmcharts.helm.cattle.io rke2-cilium --ignore-not-found --wait=false";
const PODS = "-n kube-system get pods --selector k8s-app=cilium";

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

const run = (name: string, variables: Partial<typeof EAST> = {}) =>
    machine.run(script(name), { ...EAST, ...variables });

/** RKE2 has been started, and its kubectl is the fake one. */
function start() {
    machine.file(`${DATA}/server/db/etcd/member/wal/0`, "");
    machine.file(`${DATA}/bin/kubectl`, `#!/bin/bash\nexec ${machine.kubectl} "$@"\n`, 0o755);
    machine.file("/etc/rancher/rke2/rke2.yaml", "");
}

describe("before RKE2 starts for the first time", () => {
    test("the configuration lies where RKE2 looks, for root alone", async () => {
        expect(await run("first")).toMatchObject({ code: 0, stderr: "" });
        expect(machine.read(FILE)).toBe("kind: HelmChartConfig\n");
        expect(machine.mode(FILE)).toBe("600");
        expect([machine.mode(`${DATA}/server`), machine.mode(`${DATA}/server/manifests`)]).toEqual([
            "700",
            "700",
        ]);
    });

    test("the configuration may still change, and a second time nothing does", async () => {
        await run("first");
        expect(await run("first", { MANIFEST: "kind: Other\n" })).toMatchObject({ code: 0, stderr: "" });
        expect(machine.read(FILE)).toBe("kind: Other\n");
        const before = machine.state();
        await run("first", { MANIFEST: "kind: Other\n" });
        expect(machine.state()).toBe(before);
    });

    test("it is taken back without a trace", async () => {
        const before = machine.snapshot();
        await run("first");
        expect(await run("remove-first")).toMatchObject({ code: 0, stderr: "" });
        expect(machine.snapshot()).toEqual(before);
        expect(() => machine.mode("/var/lib/rancher")).toThrow("ENOENT");
    });
});

describe("once RKE2 has started", () => {
    beforeEach(start);

    test("no file is written: RKE2 would bring it back at every start", async () => {
        expect(await run("first")).toMatchObject({
            code: 0,
            stdout: "RKE2 has been started here: its cluster has the configuration as an object\n",
        });
        expect(machine.read(FILE)).toBeUndefined();
    });

    test("the file of the first day goes, once there is an object", async () => {
        machine.file(FILE, "kind: HelmChartConfig\n");
        expect(await run("settle")).toMatchObject({ code: 0, stderr: "" });
        expect(machine.read(FILE)).toBeUndefined();
        expect(await run("settle")).toMatchObject({ code: 0, stderr: "" });
    });

    test("a change waits until RKE2's job is done", async () => {
        machine.world("answers/-n kube-system get job helm-install-rke2-cilium", "\n\n1\n");
        expect(await run("idle", { SECONDS_MAX: "60" })).toMatchObject({
            code: 0,
            stdout: "RKE2 has installed its Cilium as it knows it\n",
        });
    });

    test("a change comes all the same where RKE2's job fails for ever: it may mend that", async () => {
        machine.world("answers/-n kube-system get job helm-install-rke2-cilium", "\n");
        expect(await run("idle")).toMatchObject({
            code: 0,
            stdout: "RKE2's job has not come to an end within 0 s: the change comes all the same\n",
        });
    });

    test("a whole cluster that goes has its network uninstalled first", async () => {
        machine.file(FILE, "kind: HelmChartConfig\n");
        machine.world(`answers/${DELETE}`, "deleted\n");
        machine.world(`answers/${PODS}`, "pod/cilium-1\npod/cilium-1\n\n");
        expect(await run("remove-bundled", { SECONDS_MAX: "60" })).toMatchObject({
            code: 0,
            stdout: "RKE2's Cilium is uninstalled\n",
            stderr: "",
        });
        expect(machine.read(FILE)).toBeUndefined();
    });

    test("says where to look when RKE2 does not come to an end", async () => {
        machine.world(`answers/${DELETE}`, "deleted\n");
        machine.world(`answers/${PODS}`, "pod/cilium-1\n");
        expect(await run("remove-bundled")).toMatchObject({
            code: 1,
            stderr: "east-1: RKE2 has not uninstalled its Cilium within 0 s: pod/cilium-1; see kubectl -n kube-system logs job/helm-delete-rke2-cilium\n",
        });
    });

    test("says what the API says", async () => {
        machine.world(`answers/${DELETE}.fails`, "one\nconnection refused\n");
        expect(await run("remove-bundled")).toMatchObject({
            code: 1,
            stderr: "east-1: RKE2's Cilium cannot be uninstalled: connection refused\n",
        });
    });
});

test("where RKE2 is gone, so is its Cilium", async () => {
    expect(await run("remove-bundled")).toMatchObject({
        code: 0,
        stdout: "RKE2 is not on this host: its Cilium is gone with it\n",
    });
});
