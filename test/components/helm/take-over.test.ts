import { createServer, type Server } from "node:http";
import { gzipSync } from "node:zlib";

import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it } from "vitest";

import { takeOverInterrupted } from "../../../components/helm/take-over.ts";
import { twoClusters } from "../../support/mesh.ts";
import { deployed } from "../../support/program.ts";

const wanted = {
    name: "cilium",
    namespace: "kube-system",
    chart: "cilium",
    version: "1.19.6",
    values: { cluster: { name: "east", id: 1 }, ipv6: undefined },
};

interface Recorded {
    readonly status: string;
    readonly revision?: number;
    readonly version?: string;
    readonly config?: object | null;
}

/** A Secret as Helm keeps a revision of a release in it. */
function revision({
    status,
    revision: number = 1,
    version = "1.19.6",
    config = { cluster: { name: "east", id: 1 } },
}: Recorded) {
    const record = {
        name: "cilium",
        version: number,
        info: { status },
        chart: { metadata: { name: "cilium", version } },
        config,
    };
    const helms = gzipSync(JSON.stringify(record)).toString("base64");
    return {
        metadata: { name: `sh.helm.release.v1.cilium.v${number}` },
        data: { release: Buffer.from(helms).toString("base64") },
    };
}

const servers: Server[] = [];

/** An API server that has these Secrets and writes down what is asked of it. */
async function apiWith(secrets: readonly ReturnType<typeof revision>[]) {
    const asked: string[] = [];
    const server = createServer((request, response) => {
        asked.push(`${request.method ?? ""} ${decodeURIComponent(request.url ?? "")}`);
        response.setHeader("content-type", "application/json");
        response.end(
            JSON.stringify(
                request.method === "GET"
                    ? { kind: "SecretList", apiVersion: "v1", metadata: {}, items: secrets }
                    : { kind: "Status", apiVersion: "v1", status: "Success" },
            ),
        );
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const kubeconfig = JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [
            {
                name: "east",
                cluster: { server: `http://127.0.0.1:${address.port}`, "insecure-skip-tls-verify": true },
            },
        ],
        contexts: [{ name: "east", context: { cluster: "east", user: "east" } }],
        users: [{ name: "east", user: {} }],
        "current-context": "east",
    });
    return { asked, hook: takeOverInterrupted(wanted, pulumi.secret(kubeconfig)) };
}

const resource = { urn: "urn:pulumi:test::multicluster::x::y", id: "", name: "y", type: "x" };

const LIST = "GET /api/v1/namespaces/kube-system/secrets?labelSelector=owner=helm,name=cilium";
const remove = (number: number) =>
    `DELETE /api/v1/namespaces/kube-system/secrets/sh.helm.release.v1.cilium.v${number}`;

afterEach(() => {
    for (const server of servers.splice(0)) server.close();
});

describe("before a release is created", () => {
    it("looks, and changes nothing in a cluster without one", async () => {
        const { asked, hook } = await apiWith([]);
        await hook(resource);
        expect(asked).toEqual([LIST]);
    });

    for (const status of ["pending-install", "failed", "deployed"]) {
        it(`forgets one of the same chart and values that is ${status}: an up was cut off`, async () => {
            const { asked, hook } = await apiWith([revision({ status })]);
            await hook(resource);
            expect(asked).toEqual([LIST, remove(1)]);
        });
    }

    it("goes by the newest revision, and forgets all", async () => {
        const { asked, hook } = await apiWith([
            revision({ status: "pending-upgrade", revision: 10 }),
            revision({ status: "superseded", revision: 9, config: null }),
        ]);
        await hook(resource);
        expect(asked).toEqual([LIST, remove(10), remove(9)]);
    });

    it.each([
        {
            why: "values",
            other: revision({ status: "deployed", config: { cluster: { name: "west", id: 2 } } }),
        },
        { why: "version", other: revision({ status: "deployed", version: "1.18.11" }) },
        { why: "values: none", other: revision({ status: "pending-install", config: null }) },
    ])("refuses and leaves alone what somebody else has installed (other $why)", async ({ other }) => {
        const { asked, hook } = await apiWith([other]);
        await expect(hook(resource)).rejects.toThrow(
            /^the cluster has a Helm release cilium in kube-system \(chart cilium 1\.1[89]\.\d+, \S+\) that this stack does not know, .*\n {4}fix: .*helm uninstall cilium --namespace kube-system\n {4}if somebody else/,
        );
        expect(asked).toEqual([LIST]);
    });
});

it("stands before every chart of a mesh", async () => {
    const { resources } = await deployed(twoClusters());
    const charts = resources.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
    expect(charts.map(({ name, beforeCreate }) => [name, beforeCreate]).sort()).toEqual([
        ["east-cilium-chart", true],
        ["east-metallb-chart", true],
        ["west-cilium-chart", true],
        ["west-metallb-chart", true],
    ]);
});
