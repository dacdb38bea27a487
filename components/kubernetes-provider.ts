import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** The provider for everything in a cluster. */
export function kubernetesProvider(
    name: string,
    clusterName: string,
    kubeconfig: pulumi.Input<string>,
    opts: { readonly parent: pulumi.Resource },
): kubernetes.Provider {
    return new kubernetes.Provider(
        name,
        {
            kubeconfig,
            // Without it, a kubeconfig that changes or is not known yet would replace every object in the cluster.
            clusterIdentifier: clusterName,
            // Without them, changed data deletes the object and makes it again.
            enableSecretMutable: true,
            enableConfigMapMutable: true,
            // An `up` that was cut off leaves objects that the state does not have; the next one takes them over.
            upsertExistingObjects: true,
        },
        opts,
    );
}
