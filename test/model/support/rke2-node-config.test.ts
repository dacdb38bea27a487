import { describe, expect, test } from "vitest";

import type { JsonValue } from "../../../model/resolved.ts";
import { RKE2_KEYS, rke2Key, rke2SameOnAllServers } from "../../../model/support/rke2-key-table.ts";
import { rke2NodeConfigProblems } from "../../../model/support/rke2-keys.ts";
import { refusedAnywhere, refusedForAllNodes } from "../../../model/support/rke2-refused.ts";

const AT = "clusters.east.servers.east-1.config";

describe("the keys of one node", () => {
    const OWN: Record<string, JsonValue>[] = [
        { "node-external-ip": "203.0.113.11" },
        { "node-external-ip": ["203.0.113.11", "2001:db8::11"] },
        { "node-external-ip": "203.0.113.11,2001:db8::11" },
        { "node-external-dns": "east-1.example.net" },
        { "node-internal-dns": ["east-1.internal"] },
        { "kubelet-arg": ["max-pods=200"], debug: true, "resolv-conf": "/run/resolv.conf" },
    ];
    test.each(OWN)("may be given to servers and agents: %j", (config) => {
        expect(rke2NodeConfigProblems("server", config, AT)).toEqual([]);
        expect(rke2NodeConfigProblems("agent", config, AT)).toEqual([]);
    });

    test.each<Record<string, JsonValue>>([
        { "advertise-address": "192.168.10.11" },
        { "tls-san": ["east-1.example.net"] },
        { "etcd-snapshot-dir": "/backup" },
        { "kube-apiserver-arg": "v=2" },
    ])("may be given to servers: %j", (config) => {
        expect(rke2NodeConfigProblems("server", config, AT)).toEqual([]);
    });

    test("that are of servers are refused on an agent", () => {
        const ofServers = RKE2_KEYS.filter(
            (key) => rke2Key(key)?.scope === "server" && refusedAnywhere(key) === undefined,
        );
        for (const key of ofServers) {
            expect(rke2NodeConfigProblems("agent", { [key]: "hunter2" }, AT)).toEqual([
                {
                    path: `${AT}.${key}`,
                    rule: "is a key of servers, and RKE2 would go on without it",
                    fix: "leave it out on agents",
                },
            ]);
        }
    });

    test("that decide for the cluster are refused on a server", () => {
        const ofClusters = RKE2_KEYS.filter(
            (key) => rke2SameOnAllServers(key) && refusedAnywhere(key) === undefined,
        );
        expect(ofClusters.sort()).toEqual([
            "cluster-dns",
            "disable",
            "disable-cloud-controller",
            "egress-selector-mode",
            "embedded-registry",
            "ingress-controller",
            "profile",
            "secrets-encryption-provider",
            "service-node-port-range",
            "system-default-registry",
        ]);
        for (const key of ofClusters) {
            expect(rke2NodeConfigProblems("server", { [key]: "x" }, AT)).toEqual([
                {
                    path: `${AT}.${key}`,
                    rule: "must be the same on all servers",
                    fix: "set it in rke2.config, for all nodes",
                },
            ]);
        }
    });

    test("may be the profile of an agent", () => {
        expect(rke2NodeConfigProblems("agent", { profile: "cis" }, AT)).toEqual([]);
    });

    test("that this program answers for are refused here too, and unknown ones", () => {
        const config = {
            token: "hunter2",
            "node-ip": "10.0.0.1",
            "disable-etcd": true,
            "private-registry": "/x",
            "kubelet-args": [],
        };
        expect(rke2NodeConfigProblems("server", config, AT)).toEqual([
            { path: `${AT}.token`, rule: "this program sets it", fix: "set the cluster's token" },
            { path: `${AT}.node-ip`, rule: "this program sets it", fix: "set the node's address" },
            {
                path: `${AT}.disable-etcd`,
                rule: "takes a part away that this program counts on",
                fix: "leave it out: every server runs the whole control plane",
            },
            {
                path: `${AT}.private-registry`,
                rule: "names another file than the registries.yaml of this program",
                fix: "leave it out: rke2.registries writes that file",
            },
            {
                path: `${AT}.kubelet-args`,
                rule: "is no key of RKE2's config.yaml, and RKE2 would go on without it",
                fix: "write kubelet-arg",
            },
        ]);
    });

    test("have values that RKE2 takes", () => {
        const config = { "node-external-ip": ["203.0.113.11", "east-1"], selinux: "yes" };
        expect(rke2NodeConfigProblems("agent", config, AT)).toEqual([
            {
                path: `${AT}.node-external-ip`,
                value: '"east-1"',
                rule: "must be one IPv4 or IPv6 address",
                fix: 'write it as "203.0.113.11" or "2001:db8::11"',
            },
            {
                path: `${AT}.selinux`,
                value: '"yes"',
                rule: "must be true or false",
                fix: "write true or false",
            },
        ]);
        expect(rke2NodeConfigProblems("server", { "advertise-address": "east-1" }, AT)).toEqual([
            {
                path: `${AT}.advertise-address`,
                value: '"east-1"',
                rule: "must be one IPv4 or IPv6 address",
                fix: 'write it as "203.0.113.11" or "2001:db8::11"',
            },
        ]);
    });
});

test("what a node alone may say is refused for all of them", () => {
    expect(
        RKE2_KEYS.filter(
            (key) => refusedAnywhere(key) === undefined && refusedForAllNodes(key) !== undefined,
        ).map((key) => [key, refusedForAllNodes(key)]),
    ).toEqual(
        ["advertise-address", "node-external-dns", "node-external-ip", "node-internal-dns"].map((key) => [
            key,
            {
                rule: "differs from node to node, and stands here for all of them",
                fix: "set it in the node's config",
            },
        ]),
    );
});
