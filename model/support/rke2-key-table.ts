/*
 * The keys of RKE2's config.yaml: who knows each, and what its value is.
 * https://docs.rke2.io/reference/server_config, https://docs.rke2.io/reference/linux_agent_config
 */

/** What a key's value is. A list may also be written as one text. */
export type Rke2Type = "string" | "int" | "bool" | "duration" | "list";

/** What RKE2 says of a key. */
export interface Rke2Key {
    /** Who knows it: servers alone, or servers and agents. */
    readonly scope: "server" | "both";
    readonly type: Rke2Type;
}

const TABLE: readonly (readonly [Rke2Key["scope"], Rke2Type, string])[] = [
    [
        "server",
        "string",
        `advertise-address agent-token agent-token-file cluster-domain cluster-reset-restore-path
        datastore-cafile datastore-certfile datastore-endpoint datastore-keyfile egress-selector-mode
        etcd-s3-access-key etcd-s3-bucket etcd-s3-bucket-lookup-type etcd-s3-config-secret
        etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-folder etcd-s3-proxy etcd-s3-region
        etcd-s3-secret-key etcd-s3-session-token etcd-snapshot-dir etcd-snapshot-name
        etcd-snapshot-schedule-cron helm-job-image secrets-encryption-provider
        service-node-port-range servicelb-namespace system-default-registry write-kubeconfig
        write-kubeconfig-group write-kubeconfig-mode write-kubeconfig-name`,
    ],
    ["server", "int", "etcd-s3-retention etcd-snapshot-retention"],
    [
        "server",
        "bool",
        `cluster-reset disable-agent disable-apiserver disable-cloud-controller
        disable-controller-manager disable-etcd disable-kube-proxy disable-scheduler embedded-registry
        enable-servicelb etcd-disable-snapshots etcd-expose-metrics etcd-s3 etcd-s3-insecure
        etcd-s3-skip-ssl-verify etcd-snapshot-compress prime secrets-encryption supervisor-metrics
        tls-san-security`,
    ],
    ["server", "duration", "etcd-s3-timeout etcd-snapshot-reconcile-interval"],
    [
        "server",
        "list",
        `cluster-cidr cluster-dns cni disable etcd-arg helm-controller-arg ingress-controller
        kube-apiserver-arg kube-cloud-controller-manager-arg kube-controller-manager-arg
        kube-scheduler-arg service-cidr tls-san`,
    ],
    [
        "both",
        "string",
        `audit-policy-file bind-address cloud-controller-manager-image cloud-provider-config
        cloud-provider-name config container-runtime-endpoint data-dir default-runtime etcd-image
        image-credential-provider-bin-dir image-credential-provider-config kube-apiserver-image
        kube-controller-manager-image kube-proxy-image kube-scheduler-image kubelet-path log node-name
        pause-image pod-security-admission-config-file private-registry profile resolv-conf
        runtime-image server snapshotter token token-file vmodule`,
    ],
    ["both", "int", "lb-server-port v"],
    [
        "both",
        "bool",
        `alsologtostderr debug disable-default-registry-endpoint enable-pprof
        node-name-from-cloud-provider-metadata nonroot-devices protect-kernel-defaults selinux
        with-node-id`,
    ],
    [
        "both",
        "list",
        `airgap-extra-registry cloud-controller-manager-extra-env cloud-controller-manager-extra-mount
        control-plane-probe-configuration control-plane-resource-limits
        control-plane-resource-requests etcd-extra-env etcd-extra-mount kube-apiserver-extra-env
        kube-apiserver-extra-mount kube-controller-manager-extra-env
        kube-controller-manager-extra-mount kube-proxy-arg kube-proxy-extra-env kube-proxy-extra-mount
        kube-scheduler-extra-env kube-scheduler-extra-mount kubelet-arg node-external-dns
        node-external-ip node-internal-dns node-ip node-label node-taint`,
    ],
];

const KEYS: ReadonlyMap<string, Rke2Key> = new Map(
    TABLE.flatMap(([scope, type, keys]) => words(keys).map((key) => [key, { scope, type }] as const)),
);

/** All keys. */
export const RKE2_KEYS: readonly string[] = [...KEYS.keys()];

/** What RKE2 says of a key; `undefined` for one it does not know. */
export function rke2Key(key: string): Rke2Key | undefined {
    return KEYS.get(key);
}

/** Keys that cannot change once the cluster, or the node, is there. */
const FIXED = words(`
    cluster-cidr cluster-dns cluster-domain cni data-dir node-ip node-name service-cidr
`);

/** Whether RKE2 cannot change a key later: its cluster, or its node, would have to be made anew. */
export function rke2FixedAfterBootstrap(key: string): boolean {
    return FIXED.includes(key);
}

/**
 * Keys that decide for the cluster. A server with another value of the first eight cannot join; of the others, servers
 * would undo each other's work.
 */
const SAME = words(`
    agent-token cluster-cidr cluster-dns cluster-domain disable-cloud-controller disable-kube-proxy
    egress-selector-mode service-cidr

    cni disable embedded-registry ingress-controller profile secrets-encryption-provider
    service-node-port-range system-default-registry
`);

/** Whether a key must be the same on all servers of a cluster. */
export function rke2SameOnAllServers(key: string): boolean {
    return SAME.includes(key);
}

/** Keys that say when snapshots are made, how many are kept and where they go. */
export const SNAPSHOT_KEYS: readonly string[] = [
    ...words(`
        etcd-disable-snapshots etcd-snapshot-compress etcd-snapshot-retention etcd-snapshot-schedule-cron
    `),
    ...RKE2_KEYS.filter((key) => key === "etcd-s3" || key.startsWith("etcd-s3-")),
];

function words(text: string): string[] {
    return text.trim().split(/\s+/);
}
