/* components/rke2/scripts/kubeconfig.sh on a machine of fakes. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { Machine } from "./machine.ts";
import { FIRST, SCRIPT as NODE_SCRIPT } from "./node-fixture.ts";

const SCRIPT = new URL("../../components/rke2/scripts/kubeconfig.sh", import.meta.url);
const EAST = { CLUSTER_NAME: "east", API_URL: "https://192.168.10.11:6443", SECONDS_MAX: "1" };

/** A server, as its script has made it. */
let server: Machine;
beforeAll(async () => {
    server = new Machine();
    expect((await server.run(NODE_SCRIPT, FIRST)).code).toBe(0);
});
afterAll(() => {
    server.dispose();
});

let machine: Machine;
beforeEach(() => {
    machine = server.copy();
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

describe("a cluster that has a place in a mesh already", () => {
    const place = (text: string) => {
        machine.world("answers/-n kube-system get configmap cilium-config --ignore-not-found", text);
    };
    const MESH_PLACE = "east 1 255";

    test.each([
        ["without Cilium", ""],
        ["in the place it is to have", "east 1 255"],
    ])("gives its kubeconfig %s", async (_, text) => {
        place(text);
        expect((await machine.run(SCRIPT, { ...EAST, MESH_PLACE })).code).toBe(0);
    });

    test.each(["east 5 255", "ost 1 255", "east 1 511", "default 0 255"])(
        "gives none where the cluster runs as %s, and says what to do",
        async (text) => {
            place(text);
            const run = await machine.run(SCRIPT, { ...EAST, MESH_PLACE });
            expect(run).toMatchObject({ code: 1, stdout: "" });
            expect(run.stderr)
                .toBe(`east: the cluster's name, id and maxConnectedClusters in the mesh are "${text}", and the description says "east 1 255".
    They are never changed on a cluster that runs: its pods would keep the old identity, and other clusters would mistake them.
    fix: write the old ones again. Or, to change them all the same: take the cluster out of the description of the others and
    run pulumi up; change Cilium's release on this cluster by hand (helm upgrade --reuse-values, with the new values); restart
    every pod of the cluster; then run pulumi up with the new description.
`);
        },
    );

    test("gives none where the API does not say", async () => {
        machine.world(
            "answers/-n kube-system get configmap cilium-config --ignore-not-found.fails",
            "refused",
        );
        expect(await machine.run(SCRIPT, { ...EAST, MESH_PLACE })).toMatchObject({ stdout: "" });
        expect((await machine.run(SCRIPT, { ...EAST, MESH_PLACE })).code).not.toBe(0);
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
    expect((await machine.run(SCRIPT, { ...EAST, SECONDS_MAX: "0" })).stderr).toBe(
        "gave up after 0 s: the API of east is not ready\n",
    );
});
