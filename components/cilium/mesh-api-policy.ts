import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Lets everyone reach the mesh API of a cluster whose RKE2 has the CIS profile: RKE2 then puts a NetworkPolicy into
 * kube-system that lets in only pods of that namespace. Who may read is still told by certificates.
 * https://docs.rke2.io/security/hardening_guide
 */
export function openMeshApi(
    name: string,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): kubernetes.networking.v1.NetworkPolicy {
    return new kubernetes.networking.v1.NetworkPolicy(
        name,
        {
            metadata: { name: "multicluster-mesh-api", namespace: "kube-system" },
            spec: {
                podSelector: { matchLabels: { "k8s-app": "clustermesh-apiserver" } },
                policyTypes: ["Ingress"],
                ingress: [{ ports: [{ protocol: "TCP", port: 2379 }] }],
            },
        },
        opts,
    );
}
