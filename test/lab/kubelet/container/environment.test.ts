import { describe, expect, test } from "vitest";

import { podObject } from "../pod/pod-fixture.ts";
import { environment } from "./environment.ts";
import { hostsFile } from "./etc-files.ts";
import { expand } from "./expansion.ts";
import { knownImage, programPath } from "./images.ts";

describe("$(NAME)", () => {
    const variables = new Map([["A", "1"]]);
    test.each([
        ["--x=$(A)", "--x=1"],
        ["$(A)$(A)", "11"],
        ["$(B)", "$(B)"],
        ["$$(A)", "$(A)"],
        ["$A ${A}", "$A ${A}"],
    ])("in %s", (text, expanded) => {
        expect(expand(text, variables)).toBe(expanded);
    });
});

describe("the variables of a container", () => {
    const read = (kind: string, name: string) =>
        Promise.resolve(name === `${kind}-1` ? new Map([["key", Buffer.from(`of ${kind}`)]]) : undefined);
    async function variables(container: Readonly<Record<string, unknown>>) {
        const pod = podObject({ containers: [{ name: "one", ...container }] });
        const [spec] = pod.spec.containers;
        if (spec === undefined) throw new Error("a pod has a container");
        const place = { podIp: "10.101.0.2", nodeIp: "10.88.1.11" };
        return Object.fromEntries(await environment(spec, { pod, place, apiAddress: "10.88.1.11", read }));
    }

    test("say where the API is, unless the pod says so itself", async () => {
        expect(await variables({})).toMatchObject({
            KUBERNETES_SERVICE_HOST: "10.88.1.11",
            KUBERNETES_SERVICE_PORT: "6443",
            HOSTNAME: "mesh-0",
        });
        const env = [{ name: "KUBERNETES_SERVICE_HOST", value: "127.0.0.1" }];
        expect(await variables({ env })).toMatchObject({ KUBERNETES_SERVICE_HOST: "127.0.0.1" });
    });

    test("come from the pod, from its limits, from Secrets and ConfigMaps, and from each other", async () => {
        const env = [
            { name: "UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
            { name: "APP", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
            { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
            { name: "MEMORY", valueFrom: { resourceFieldRef: { resource: "limits.memory" } } },
            { name: "S", valueFrom: { secretKeyRef: { name: "secret-1", key: "key" } } },
            { name: "C", valueFrom: { configMapKeyRef: { name: "configmap-1", key: "key" } } },
            { name: "NONE", valueFrom: { configMapKeyRef: { name: "other", key: "key", optional: true } } },
            { name: "BOTH", value: "$(UID)-$(LATER)" },
        ];
        const envFrom = [{ prefix: "P_", secretRef: { name: "secret-1" } }];
        const found = await variables({ env, envFrom, resources: { limits: { memory: "64Mi" } } });
        expect(found).toMatchObject({
            UID: "u-1",
            APP: "mesh",
            IP: "10.101.0.2",
            MEMORY: "67108864",
            S: "of secret",
            C: "of configmap",
            P_key: "of secret",
            BOTH: "u-1-$(LATER)",
        });
        expect(found).not.toHaveProperty("NONE");
    });

    test.each([
        [{ secretKeyRef: { name: "other", key: "key" } }, 'secret "other" not found'],
        [
            { secretKeyRef: { name: "secret-1", key: "x" } },
            "couldn't find key x in secret kube-system/secret-1",
        ],
    ])("are missing with %j", async (valueFrom, message) => {
        await expect(variables({ env: [{ name: "A", valueFrom }] })).rejects.toThrow(message);
    });
});

describe("an image", () => {
    test.each([
        ["quay.io/cilium/operator-generic:v1.19.6@sha256:abc", true],
        ["registry.example:5000/cilium/clustermesh-apiserver", true],
        ["quay.io/metallb/controller:v0.16.2", true],
        ["quay.io/other/controller:v1", false],
        ["quay.io/cilium/cilium:v1.19.6", false],
    ])("%s is known: %s", (reference, known) => {
        expect(knownImage(reference) !== undefined).toBe(known);
    });

    test("has its programs where it says", () => {
        expect(["etcd", "/usr/bin/etcd", "/controller"].map(programPath)).toEqual([
            "/usr/bin/etcd",
            "/usr/bin/etcd",
            "/controller",
        ]);
    });
});

describe("/etc/hosts of a pod", () => {
    const hostAliases = [{ ip: "10.88.2.200", hostnames: ["west.mesh.cilium.io"] }];

    test("has the pod itself and what it asks for", () => {
        const lines = hostsFile(podObject({ hostAliases }), "10.101.0.2", "of the host\n").split("\n");
        expect(lines).toContain("10.101.0.2\tmesh-0");
        expect(lines).toContain("10.88.2.200\twest.mesh.cilium.io");
        expect(lines).not.toContain("of the host");
    });

    test("is the host's where the network is", () => {
        const lines = hostsFile(podObject({ hostNetwork: true }), "10.88.1.11", "of the host\n").split("\n");
        expect(lines).toEqual(["of the host", ""]);
    });
});
