import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";

import { openMeshApi } from "../../../components/cilium/mesh-api-policy.ts";
import { record } from "../../../plan/record.ts";

test("the policy lets everyone reach the mesh API, and nothing else of its namespace", async () => {
    const { resources } = await record(
        () => {
            const parent = new pulumi.ComponentResource("test:Cluster", "east");
            const provider = new kubernetes.Provider("east-provider", { kubeconfig: "{}" }, { parent });
            openMeshApi("east-mesh-api-open", { parent, provider });
            return {};
        },
        { project: "multicluster", stack: "test" },
    );
    const parent = "urn:pulumi:test::multicluster::test:Cluster";
    expect(resources.slice(2)).toEqual([
        {
            urn: `${parent}$kubernetes:networking.k8s.io/v1:NetworkPolicy::east-mesh-api-open`,
            type: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
            name: "east-mesh-api-open",
            custom: true,
            parent: `${parent}::east`,
            provider: `${parent}$pulumi:providers:kubernetes::east-provider`,
            dependsOn: [],
            protect: false,
            retainOnDelete: false,
            additionalSecretOutputs: [],
            ignoreChanges: [],
            // The SDK's own.
            aliases: ["kubernetes:extensions/v1beta1:NetworkPolicy"],
            inputs: {
                apiVersion: "networking.k8s.io/v1",
                kind: "NetworkPolicy",
                metadata: { name: "multicluster-mesh-api", namespace: "kube-system" },
                spec: {
                    podSelector: { matchLabels: { "k8s-app": "clustermesh-apiserver" } },
                    policyTypes: ["Ingress"],
                    ingress: [{ ports: [{ protocol: "TCP", port: 2379 }] }],
                },
            },
            secretPaths: [],
        },
    ]);
});
