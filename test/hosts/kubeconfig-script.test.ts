/* components/rke2/scripts/kubeconfig.sh on a machine of fakes. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { Machine } from "./machine.ts";
import { FIRST, SCRIPT as NODE_SCRIPT } from "./node-fixture.ts";

const SCRIPT = new URL("../../components/rke2/scripts/kubeconfig.sh", import.meta.url);
const EAST = { CLUSTER_NAME: "east", API_URL: "https://192.168.10.11:6443", SECONDS_MAX: "1" };

let machine: Machine;
beforeEach(async () => {
    machine = new Machine();
    await machine.run(NODE_SCRIPT, FIRST);
});
afterEach(() => {
    machine.dispose();
});

function kubeconfig(name: string, server: string): unknown {
    return {
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name, cluster: { "certificate-authority-data": "ZGVmYXVsdA==", server } }],
        users: [
            { name, user: { "client-certificate-data": "ZGVmYXVsdA==", "client-key-data": "ZGVmYXVsdA==" } },
        ],
        contexts: [{ name, context: { cluster: name, user: name } }],
        "current-context": name,
    };
}

describe("the kubeconfig of a server", () => {
    test("names the cluster and its address everywhere, and is all that is printed", async () => {
        const before = machine.snapshot();
        const run = await machine.run(SCRIPT, EAST);
        expect(run).toMatchObject({ code: 0, stderr: "" });
        expect(parse(run.stdout)).toEqual(kubeconfig("east", "https://192.168.10.11:6443"));
        expect(machine.snapshot()).toEqual(before);
    });

    test("is the same when it is read again", async () => {
        const one = await machine.run(SCRIPT, EAST);
        const two = await machine.run(SCRIPT, EAST);
        expect(two.stdout).toBe(one.stdout);
    });

    test("is right for an IPv6 address, and where RKE2 has written one", async () => {
        const file = "/etc/rancher/rke2/rke2.yaml";
        machine.file(file, (machine.read(file) ?? "").replace("127.0.0.1", "[::1]"));
        const run = await machine.run(SCRIPT, { ...EAST, API_URL: "https://[fd00::1]:6443" });
        expect(parse(run.stdout)).toEqual(kubeconfig("east", "https://[fd00::1]:6443"));
    });

    test.each(["007", "true", "1e3", "null"])("takes the name %s for a name", async (name) => {
        const run = await machine.run(SCRIPT, { ...EAST, CLUSTER_NAME: name });
        expect(parse(run.stdout)).toEqual(kubeconfig(name, "https://192.168.10.11:6443"));
        // As RKE2's own parser, which knows more words for true.
        expect(parse(run.stdout, { version: "1.1" })).toEqual(kubeconfig(name, "https://192.168.10.11:6443"));
    });
});

test("it waits for the API, and says so when it gives up", async () => {
    machine.world("answers/get --raw _readyz.fails", "refused");
    expect(await machine.run(SCRIPT, EAST)).toMatchObject({
        code: 1,
        stdout: "",
        stderr: "gave up after 1 s: the API of east is not ready\n",
    });
});

test("it waits for a server that has not started yet", async () => {
    machine.remove("/var/lib/rancher/rke2/bin/kubectl");
    expect((await machine.run(SCRIPT, EAST)).stderr).toBe(
        "gave up after 1 s: the API of east is not ready\n",
    );
});
