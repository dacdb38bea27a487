import { describe, expect, test } from "vitest";

import type { JsonValue } from "../../../model/resolved.ts";
import { rke2ConfigProblems, rke2Knows } from "../../../model/support/rke2-keys.ts";

describe("RKE2's keys", () => {
    test.each([
        ["server", "tls-san", true],
        ["agent", "tls-san", false],
        ["server", "kubelet-arg", true],
        ["agent", "kubelet-arg", true],
        ["server", "token-file", true],
        ["agent", "token-file", true],
        ["server", "constructor", false],
        ["server", "kubelet-args", false],
    ] as const)("whether a %s knows %s: %s", (role, key, known) => {
        expect(rke2Knows(role, key)).toBe(known);
    });
});

describe("a user's keys", () => {
    test("that RKE2 knows and this program does not set are right", () => {
        const config = {
            profile: "cis",
            "kubelet-arg": ["max-pods=200"],
            debug: true,
            "etcd-snapshot-retention": 3,
            "tls-san": ["east.example.org"],
            "ingress-controller": "traefik",
            "etcd-s3-config-secret": "s3",
            "cluster-dns": "10.11.0.53",
        };
        expect(rke2ConfigProblems(config, "rke2.config")).toEqual([]);
    });

    test("that no one knows are refused, with the one that was probably meant", () => {
        expect(rke2ConfigProblems({ "kubelet-args": [], xyz: 1, constructor: "x" }, "rke2.config")).toEqual([
            {
                path: "rke2.config.kubelet-args",
                rule: "is no key of RKE2's config.yaml, and RKE2 would go on without it",
                fix: "write kubelet-arg",
            },
            {
                path: "rke2.config.xyz",
                rule: "is no key of RKE2's config.yaml, and RKE2 would go on without it",
                fix: "leave it out",
            },
            {
                path: "rke2.config.constructor",
                rule: "is no key of RKE2's config.yaml, and RKE2 would go on without it",
                fix: "leave it out",
            },
        ]);
    });

    test.each([
        [{ token: "hunter2" }, "this program sets it", "set the cluster's token"],
        [
            { "agent-token": "hunter2" },
            "is a secret, and config.yaml is shown in previews",
            "leave it out: agents join with the cluster's token",
        ],
        [
            { "etcd-s3-secret-key": "hunter2" },
            "is a secret, and config.yaml is shown in previews",
            "put the S3 settings in a Secret of kube-system and name it in etcd-s3-config-secret",
        ],
        [{ cni: "canal" }, "this program sets it", "leave it out: Cilium is installed by its own chart"],
        [
            { "node-external-ip": "203.0.113.1" },
            "differs from node to node, and config.yaml is the same on all of them",
            "leave it out",
        ],
        [
            { "disable-etcd": true },
            "would hold for every server, and then none had that part",
            "leave it out: every server runs the whole control plane",
        ],
        [
            { "datastore-endpoint": "postgres://user:hunter2@db" },
            "is for an external datastore, and this program runs etcd on the servers",
            "leave it out",
        ],
        [
            { "lb-server-port": 7000 },
            "moves the local port of the API, which Cilium finds at localhost:6443",
            "leave it out, or free that port on the hosts",
        ],
    ])("that this program answers for are refused, without their value: %j", (config, rule, fix) => {
        expect(rke2ConfigProblems(config, "config")).toEqual([
            { path: `config.${Object.keys(config).join()}`, rule, fix },
        ]);
    });

    test.each([
        "agent-token-file advertise-address cluster-cidr cluster-domain cluster-reset cluster-reset-restore-path",
        "config data-dir datastore-cafile datastore-certfile datastore-keyfile disable-agent disable-apiserver",
        "disable-controller-manager disable-kube-proxy disable-scheduler enable-servicelb etcd-s3-access-key",
        "etcd-s3-session-token node-external-dns node-internal-dns node-ip node-label node-name",
        "node-name-from-cloud-provider-metadata node-taint server service-cidr token-file with-node-id",
        "write-kubeconfig write-kubeconfig-group write-kubeconfig-mode write-kubeconfig-name",
    ])("that this program answers for are all keys of RKE2: %s", (keys) => {
        for (const key of keys.split(" ")) {
            expect(rke2Knows("server", key), key).toBe(true);
            expect(rke2ConfigProblems({ [key]: "x" }, "config"), key).toHaveLength(1);
        }
    });

    const NESTED: Record<string, JsonValue>[] = [
        { profile: null },
        { "kubelet-arg": { "max-pods": 200 } },
        { "kubelet-arg": [["a=b"]] },
    ];
    test.each(NESTED)("hold settings or lists of settings: not %j", (config) => {
        expect(rke2ConfigProblems(config, "config")).toEqual([
            {
                path: `config.${Object.keys(config).join()}`,
                rule: "must be a string, a number, a boolean or a list of them",
                fix: 'write settings of its own as a list, as ["key=value"]',
            },
        ]);
    });
});
