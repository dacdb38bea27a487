import { expect, test } from "vitest";

import {
    RKE2_KEYS,
    rke2FixedAfterBootstrap,
    rke2Key,
    rke2SameOnAllServers,
    SNAPSHOT_KEYS,
} from "../../../model/support/rke2-key-table.ts";
import { rke2Knows } from "../../../model/support/rke2-keys.ts";

/** Every key of RKE2: S for servers alone, B for both; then a text, int, bool, list or duration by its first letter. */
const ALL = `
    advertise-address:St agent-token:St agent-token-file:St airgap-extra-registry:Bl
    alsologtostderr:Bb audit-policy-file:Bt bind-address:Bt cloud-controller-manager-extra-env:Bl
    cloud-controller-manager-extra-mount:Bl cloud-controller-manager-image:Bt
    cloud-provider-config:Bt cloud-provider-name:Bt cluster-cidr:Sl cluster-dns:Sl cluster-domain:St
    cluster-reset:Sb cluster-reset-restore-path:St cni:Sl config:Bt container-runtime-endpoint:Bt
    control-plane-probe-configuration:Bl control-plane-resource-limits:Bl
    control-plane-resource-requests:Bl data-dir:Bt datastore-cafile:St datastore-certfile:St
    datastore-endpoint:St datastore-keyfile:St debug:Bb default-runtime:Bt disable:Sl
    disable-agent:Sb disable-apiserver:Sb disable-cloud-controller:Sb disable-controller-manager:Sb
    disable-default-registry-endpoint:Bb disable-etcd:Sb disable-kube-proxy:Sb disable-scheduler:Sb
    egress-selector-mode:St embedded-registry:Sb enable-pprof:Bb enable-servicelb:Sb etcd-arg:Sl
    etcd-disable-snapshots:Sb etcd-expose-metrics:Sb etcd-extra-env:Bl etcd-extra-mount:Bl
    etcd-image:Bt etcd-s3:Sb etcd-s3-access-key:St etcd-s3-bucket:St etcd-s3-bucket-lookup-type:St
    etcd-s3-config-secret:St etcd-s3-endpoint:St etcd-s3-endpoint-ca:St etcd-s3-folder:St
    etcd-s3-insecure:Sb etcd-s3-proxy:St etcd-s3-region:St etcd-s3-retention:Si
    etcd-s3-secret-key:St etcd-s3-session-token:St etcd-s3-skip-ssl-verify:Sb etcd-s3-timeout:Sd
    etcd-snapshot-compress:Sb etcd-snapshot-dir:St etcd-snapshot-name:St
    etcd-snapshot-reconcile-interval:Sd etcd-snapshot-retention:Si etcd-snapshot-schedule-cron:St
    helm-controller-arg:Sl helm-job-image:St image-credential-provider-bin-dir:Bt
    image-credential-provider-config:Bt ingress-controller:Sl kube-apiserver-arg:Sl
    kube-apiserver-extra-env:Bl kube-apiserver-extra-mount:Bl kube-apiserver-image:Bt
    kube-cloud-controller-manager-arg:Sl kube-controller-manager-arg:Sl
    kube-controller-manager-extra-env:Bl kube-controller-manager-extra-mount:Bl
    kube-controller-manager-image:Bt kube-proxy-arg:Bl kube-proxy-extra-env:Bl
    kube-proxy-extra-mount:Bl kube-proxy-image:Bt kube-scheduler-arg:Sl kube-scheduler-extra-env:Bl
    kube-scheduler-extra-mount:Bl kube-scheduler-image:Bt kubelet-arg:Bl kubelet-path:Bt
    lb-server-port:Bi log:Bt node-external-dns:Bl node-external-ip:Bl node-internal-dns:Bl
    node-ip:Bl node-label:Bl node-name:Bt node-name-from-cloud-provider-metadata:Bb node-taint:Bl
    nonroot-devices:Bb pause-image:Bt pod-security-admission-config-file:Bt prime:Sb
    private-registry:Bt profile:Bt protect-kernel-defaults:Bb resolv-conf:Bt runtime-image:Bt
    secrets-encryption:Sb secrets-encryption-provider:St selinux:Bb server:Bt service-cidr:Sl
    service-node-port-range:St servicelb-namespace:St snapshotter:Bt supervisor-metrics:Sb
    system-default-registry:St tls-san:Sl tls-san-security:Sb token:Bt token-file:Bt v:Bi vmodule:Bt
    with-node-id:Bb write-kubeconfig:St write-kubeconfig-group:St write-kubeconfig-mode:St
    write-kubeconfig-name:St
`;

const SCOPES = { S: "server", B: "both" } as const;
const TYPES = { t: "string", i: "int", b: "bool", l: "list", d: "duration" } as const;

function isIn<Letters extends object>(letters: Letters, letter: string): letter is keyof Letters & string {
    return Object.hasOwn(letters, letter);
}

function expected(): (readonly [string, { scope: string; type: string }])[] {
    return ALL.trim()
        .split(/\s+/)
        .map((word) => {
            const [, key = "", scope = "", type = ""] = /^(.+):(.)(.)$/.exec(word) ?? [];
            if (!isIn(SCOPES, scope) || !isIn(TYPES, type)) throw new Error(`misspelt here: ${word}`);
            return [key, { scope: SCOPES[scope], type: TYPES[type] }];
        });
}

test("every key has its scope and its type, and there is no other", () => {
    const known = RKE2_KEYS.map((key) => [key, rke2Key(key)] as const);
    expect(known).toHaveLength(135);
    expect(Object.fromEntries(known)).toEqual(Object.fromEntries(expected()));
    expect(new Set(RKE2_KEYS).size).toBe(RKE2_KEYS.length);
});

test("a server knows every key, and an agent those of both", () => {
    for (const [key, { scope }] of expected()) {
        expect(rke2Knows("server", key), key).toBe(true);
        expect(rke2Knows("agent", key), key).toBe(scope === "both");
    }
});

test.each(["constructor", "kubelet-args", "kubelet-arg+", "Debug", "", "--debug"])("%j is no key", (key) => {
    expect(rke2Key(key)).toBeUndefined();
    expect(rke2Knows("server", key)).toBe(false);
});

test("what cannot change later", () => {
    expect(RKE2_KEYS.filter(rke2FixedAfterBootstrap).sort()).toEqual([
        "cluster-cidr",
        "cluster-dns",
        "cluster-domain",
        "cni",
        "data-dir",
        "node-ip",
        "node-name",
        "service-cidr",
    ]);
});

test("what is the same on all servers", () => {
    expect(RKE2_KEYS.filter(rke2SameOnAllServers).sort()).toEqual([
        "agent-token",
        "cluster-cidr",
        "cluster-dns",
        "cluster-domain",
        "cni",
        "disable",
        "disable-cloud-controller",
        "disable-kube-proxy",
        "egress-selector-mode",
        "embedded-registry",
        "ingress-controller",
        "profile",
        "secrets-encryption-provider",
        "service-cidr",
        "service-node-port-range",
        "system-default-registry",
    ]);
});

test("what is about snapshots", () => {
    expect([...SNAPSHOT_KEYS].sort()).toEqual([
        "etcd-disable-snapshots",
        "etcd-s3",
        "etcd-s3-access-key",
        "etcd-s3-bucket",
        "etcd-s3-bucket-lookup-type",
        "etcd-s3-config-secret",
        "etcd-s3-endpoint",
        "etcd-s3-endpoint-ca",
        "etcd-s3-folder",
        "etcd-s3-insecure",
        "etcd-s3-proxy",
        "etcd-s3-region",
        "etcd-s3-retention",
        "etcd-s3-secret-key",
        "etcd-s3-session-token",
        "etcd-s3-skip-ssl-verify",
        "etcd-s3-timeout",
        "etcd-snapshot-compress",
        "etcd-snapshot-retention",
        "etcd-snapshot-schedule-cron",
    ]);
});
