import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** The Secret's name in kube-system, as config.yaml has it. */
export const SNAPSHOT_SECRET = "rke2-etcd-s3";

/** A bucket for snapshots of etcd. */
export interface SnapshotBucket {
    /** The service's host, with a port if needed. */
    readonly endpoint: string;
    readonly bucket: string;
    /** @default - the service's own */
    readonly region?: string;
    /** The folder in the bucket. */
    readonly folder: string;
    readonly accessKey: pulumi.Input<string>;
    readonly secretKey: pulumi.Input<string>;
}

/**
 * What RKE2 reads of the bucket, from inside the cluster: config.yaml is shown in previews. A restore cannot read it.
 * https://docs.rke2.io/datastore/backup_restore
 */
export function snapshotSecret(
    name: string,
    { endpoint, bucket, region, folder, accessKey, secretKey }: SnapshotBucket,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): kubernetes.core.v1.Secret {
    return new kubernetes.core.v1.Secret(
        name,
        {
            metadata: { name: SNAPSHOT_SECRET, namespace: "kube-system" },
            type: "etcd.k3s.cattle.io/s3-config-secret",
            stringData: {
                "etcd-s3-endpoint": endpoint,
                "etcd-s3-bucket": bucket,
                ...(region === undefined ? {} : { "etcd-s3-region": region }),
                "etcd-s3-folder": folder,
                "etcd-s3-access-key": accessKey,
                "etcd-s3-secret-key": secretKey,
            },
        },
        opts,
    );
}
