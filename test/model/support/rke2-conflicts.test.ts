import { expect, test } from "vitest";

import type { JsonValue } from "../../../model/resolved.ts";
import { rke2ConfigProblems, rke2NodeConfigProblems } from "../../../model/support/rke2-keys.ts";

const CONFLICTS: readonly [Record<string, JsonValue>, string, string][] = [
    [
        { "cloud-provider-config": "/etc/cloud.conf" },
        "cloud-provider-config needs cloud-provider-name: RKE2 would stop",
        "set both, or leave both out",
    ],
    [
        { profile: "cis", "protect-kernel-defaults": "false" },
        "protect-kernel-defaults cannot be false with profile cis: RKE2 would stop",
        "leave protect-kernel-defaults out",
    ],
    [
        {
            "etcd-s3": true,
            "etcd-s3-config-secret": "s3",
            "etcd-s3-bucket": "backup",
            "etcd-s3-folder": "east",
        },
        "etcd-s3-config-secret is not read next to other settings of S3 (etcd-s3-bucket, etcd-s3-folder)",
        "move them into the Secret, or leave etcd-s3-config-secret out",
    ],
];
test.each(CONFLICTS)("keys that are wrong together are refused: %j", (config, rule, fix) => {
    expect(rke2ConfigProblems(config, "rke2.config")).toEqual([{ path: "rke2.config", rule, fix }]);
});

test.each<Record<string, JsonValue>>([
    { "cloud-provider-config": "/etc/cloud.conf", "cloud-provider-name": "external" },
    { "cloud-provider-config": "" },
    { profile: "cis", "protect-kernel-defaults": true },
    { profile: "etcd", "protect-kernel-defaults": false },
    { "etcd-s3": true, "etcd-s3-config-secret": "s3" },
    { "etcd-s3": true, "etcd-s3-bucket": "backup", "etcd-s3-config-secret": "" },
])("others are not: %j", (config) => {
    expect(rke2ConfigProblems(config, "rke2.config")).toEqual([]);
});

const EXTERNAL = { "node-external-ip": "203.0.113.11" };

test.each(["cloud-provider-name", "cloud-provider-config"])(
    "a node's external address does not go with %s, its own or that of all nodes",
    (key) => {
        const cloud = { [key]: "external", "cloud-provider-name": "external" };
        const names = Object.keys(cloud).sort().reverse();
        const problems = names.map((name) => ({
            path: "at",
            rule: `node-external-ip does not go with ${name}: RKE2 would stop`,
            fix: "leave one of them out: a cloud provider gives nodes their addresses",
        }));
        expect(rke2NodeConfigProblems("agent", { ...EXTERNAL, ...cloud }, "at")).toEqual(problems);
        expect(rke2NodeConfigProblems("server", EXTERNAL, "at", cloud)).toEqual(problems);
    },
);

test("what is wrong for all nodes is not said again of each", () => {
    const everywhere = { "cloud-provider-config": "/etc/cloud.conf" };
    expect(rke2NodeConfigProblems("agent", { debug: true }, "at", everywhere)).toEqual([]);
});

test("what one node says against all others is", () => {
    expect(
        rke2NodeConfigProblems("agent", { "protect-kernel-defaults": false }, "at", { profile: "cis" }),
    ).toEqual([
        {
            path: "at",
            rule: "protect-kernel-defaults cannot be false with profile cis: RKE2 would stop",
            fix: "leave protect-kernel-defaults out",
        },
    ]);
});
