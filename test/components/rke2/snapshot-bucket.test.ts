import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";

import { snapshotSecret, type SnapshotBucket } from "../../../components/rke2/snapshot-bucket.ts";
import { record } from "../../../plan/record.ts";
import { EAST, plan, STACK, URN } from "./cluster-fixture.ts";

const BUCKET: SnapshotBucket = {
    endpoint: "s3.example.net:9000",
    bucket: "etcd",
    region: "eu-north-1",
    folder: "east",
    accessKey: pulumi.secret("the access key"),
    secretKey: pulumi.secret("the secret key"),
};

const STRINGS = {
    "etcd-s3-endpoint": "s3.example.net:9000",
    "etcd-s3-bucket": "etcd",
    "etcd-s3-region": "eu-north-1",
    "etcd-s3-folder": "east",
    "etcd-s3-access-key": "the access key",
    "etcd-s3-secret-key": "the secret key",
};

async function secret(bucket: SnapshotBucket) {
    const { resources } = await record(() => {
        const parent = new pulumi.ComponentResource("test:Cluster", "east");
        const provider = new kubernetes.Provider("east-provider", { kubeconfig: "{}" }, { parent });
        snapshotSecret("east-snapshots", bucket, { parent, provider, dependsOn: provider });
        return {};
    }, STACK);
    return resources.find(({ name }) => name === "east-snapshots");
}

describe("the Secret of a bucket for snapshots", () => {
    test("has what RKE2 reads, all of it secret", async () => {
        const parent = "urn:pulumi:test::multicluster::test:Cluster";
        const provider = `${parent}$pulumi:providers:kubernetes::east-provider`;
        expect(await secret(BUCKET)).toEqual({
            urn: `${parent}$kubernetes:core/v1:Secret::east-snapshots`,
            type: "kubernetes:core/v1:Secret",
            name: "east-snapshots",
            custom: true,
            parent: `${parent}::east`,
            provider,
            dependsOn: [provider],
            protect: false,
            retainOnDelete: false,
            additionalSecretOutputs: ["data", "stringData"],
            ignoreChanges: [],
            inputs: {
                apiVersion: "v1",
                kind: "Secret",
                metadata: { name: "rke2-etcd-s3", namespace: "kube-system" },
                type: "etcd.k3s.cattle.io/s3-config-secret",
                stringData: STRINGS,
            },
            secretPaths: ["stringData"],
        });
    });

    test("names no region where none is described", async () => {
        const { region, ...bucket } = BUCKET;
        const { "etcd-s3-region": left, ...strings } = STRINGS;
        expect(left).toBe(region);
        expect((await secret(bucket))?.inputs["stringData"]).toEqual(strings);
    });
});

describe("a cluster's snapshots", () => {
    test("are described in config.yaml of servers, which names the Secret and nothing of the bucket", async () => {
        const { resources } = await plan({
            ...EAST,
            snapshots: { scheduleCron: "0 */6 * * *", retention: 8, compress: true, bucket: BUCKET },
        });
        const keys = (name: string) =>
            Object.fromEntries(
                Object.entries(
                    resources.find((resource) => resource.name === name)?.inputs["config"] ?? {},
                ).filter(([key]) => key.startsWith("etcd-")),
            );
        for (const server of ["east-a", "east-b", "east-c"]) {
            expect(keys(server)).toEqual({
                "etcd-snapshot-schedule-cron": "0 */6 * * *",
                "etcd-snapshot-retention": 8,
                "etcd-snapshot-compress": true,
                "etcd-s3": true,
                "etcd-s3-config-secret": "rke2-etcd-s3",
            });
        }
        for (const agent of ["east-d", "east-e"]) expect(keys(agent)).toEqual({});
        const shown = JSON.stringify(resources.filter(({ name }) => name !== "east-snapshots"));
        expect(shown).not.toMatch(/the (access|secret) key|s3\.example\.net/);
        expect(resources.find(({ name }) => name === "east-snapshots")).toMatchObject({
            parent: `${URN}::east`,
            provider: `${URN}$pulumi:providers:kubernetes::east-provider`,
        });
    });

    test("stay on the servers without a bucket: there is no Secret", async () => {
        const { resources } = await plan({ ...EAST, snapshots: { retention: 3 } });
        expect(resources.find(({ name }) => name === "east-a")?.inputs["config"]).toMatchObject({
            "etcd-snapshot-retention": 3,
        });
        expect(JSON.stringify(resources)).not.toContain("etcd-s3");
        expect(resources.filter(({ type }) => type === "kubernetes:core/v1:Secret")).toEqual([]);
    });
});
