import { nearest } from "../description/strict.ts";
import type { Problem } from "../problem.ts";
import type { JsonValue } from "../resolved.ts";
import { rke2ValueProblems } from "./rke2-config.ts";

/*
 * The keys of RKE2's config.yaml. RKE2 itself only logs a warning about a key it does not know, and goes on without it, so
 * a misspelt key must be found here.
 * https://docs.rke2.io/reference/server_config, https://docs.rke2.io/reference/linux_agent_config
 */

/** Keys that only a server knows. */
const SERVER = words(`
    advertise-address agent-token agent-token-file cluster-cidr cluster-dns cluster-domain cluster-reset
    cluster-reset-restore-path cni datastore-cafile datastore-certfile datastore-endpoint datastore-keyfile
    disable disable-agent disable-apiserver disable-cloud-controller disable-controller-manager disable-etcd
    disable-kube-proxy disable-scheduler egress-selector-mode embedded-registry enable-servicelb etcd-arg
    etcd-disable-snapshots etcd-expose-metrics etcd-s3 etcd-s3-access-key etcd-s3-bucket
    etcd-s3-bucket-lookup-type etcd-s3-config-secret etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-folder
    etcd-s3-insecure etcd-s3-proxy etcd-s3-region etcd-s3-retention etcd-s3-secret-key etcd-s3-session-token
    etcd-s3-skip-ssl-verify etcd-s3-timeout etcd-snapshot-compress etcd-snapshot-dir etcd-snapshot-name
    etcd-snapshot-reconcile-interval etcd-snapshot-retention etcd-snapshot-schedule-cron helm-controller-arg
    helm-job-image ingress-controller kube-apiserver-arg kube-cloud-controller-manager-arg
    kube-controller-manager-arg kube-scheduler-arg prime secrets-encryption secrets-encryption-provider
    service-cidr service-node-port-range servicelb-namespace supervisor-metrics system-default-registry
    tls-san tls-san-security write-kubeconfig write-kubeconfig-group write-kubeconfig-mode
    write-kubeconfig-name
`);

/** Keys that servers and agents know. */
const BOTH = words(`
    airgap-extra-registry alsologtostderr audit-policy-file bind-address cloud-controller-manager-extra-env
    cloud-controller-manager-extra-mount cloud-controller-manager-image cloud-provider-config
    cloud-provider-name config container-runtime-endpoint control-plane-probe-configuration
    control-plane-resource-limits control-plane-resource-requests data-dir debug default-runtime
    disable-default-registry-endpoint enable-pprof etcd-extra-env etcd-extra-mount etcd-image
    image-credential-provider-bin-dir image-credential-provider-config kube-apiserver-extra-env
    kube-apiserver-extra-mount kube-apiserver-image kube-controller-manager-extra-env
    kube-controller-manager-extra-mount kube-controller-manager-image kube-proxy-arg kube-proxy-extra-env
    kube-proxy-extra-mount kube-proxy-image kube-scheduler-extra-env kube-scheduler-extra-mount
    kube-scheduler-image kubelet-arg kubelet-path lb-server-port log node-external-dns node-external-ip
    node-internal-dns node-ip node-label node-name node-name-from-cloud-provider-metadata node-taint
    nonroot-devices pause-image pod-security-admission-config-file private-registry profile
    protect-kernel-defaults resolv-conf runtime-image selinux server snapshotter token token-file v vmodule
    with-node-id
`);

const HERE = "this program sets it";
const PER_NODE = "differs from node to node, and config.yaml is the same on all of them";
const NO_SECRET = "is a secret, and config.yaml is shown in previews";

/** Keys that a user cannot give: why not, and what to do instead. */
const REFUSED = new Map<string, readonly [rule: string, fix: string]>(
    Object.entries<readonly [string, string]>({
        token: [HERE, "set the cluster's token"],
        "token-file": [HERE, "set the cluster's token"],
        "agent-token": [NO_SECRET, "leave it out: agents join with the cluster's token"],
        "agent-token-file": [HERE, "leave it out: agents join with the cluster's token"],
        server: [HERE, "set apiAddress"],
        "node-name": [HERE, "rename the node: its name is its key"],
        "node-name-from-cloud-provider-metadata": [HERE, "name the node by its key"],
        "with-node-id": [HERE, "name the node by its key"],
        "node-ip": [HERE, "set the node's address"],
        "node-label": [HERE, "set the node's labels"],
        "node-taint": [HERE, "set the node's taints"],
        "advertise-address": [PER_NODE, "leave it out: it is the node's address"],
        "node-external-ip": [PER_NODE, "leave it out"],
        "node-external-dns": [PER_NODE, "leave it out"],
        "node-internal-dns": [PER_NODE, "leave it out"],
        cni: [HERE, "leave it out: Cilium is installed by its own chart"],
        "disable-kube-proxy": [HERE, "leave it out: Cilium replaces kube-proxy"],
        "cluster-cidr": [HERE, "set podCidr"],
        "service-cidr": [HERE, "set serviceCidr"],
        "cluster-domain": [HERE, "set clusterDomain"],
        "lb-server-port": [
            "moves the local port of the API, which Cilium finds at localhost:6443",
            "leave it out, or free that port on the hosts",
        ],
        "enable-servicelb": [
            "starts a second owner of the addresses of LoadBalancer Services",
            "leave it out: loadBalancer gives them addresses",
        ],
        config: ["is not read from config.yaml", "leave it out"],
        "data-dir": [
            "moves the directory in which this program looks for RKE2's state",
            "leave it out, or mount a disk there",
        ],
        "write-kubeconfig": [HERE, "leave it out"],
        "write-kubeconfig-group": [HERE, "leave it out: the kubeconfig is for root alone"],
        "write-kubeconfig-mode": [HERE, "leave it out: the kubeconfig is for root alone"],
        "write-kubeconfig-name": [HERE, "leave it out: the kubeconfig is named after the cluster"],
        "cluster-reset": [
            "is for one run by hand; in config.yaml it would run at every start",
            "run: rke2 server --cluster-reset",
        ],
        "cluster-reset-restore-path": [
            "is for one run by hand; in config.yaml it would run at every start",
            "run: rke2 server --cluster-reset --cluster-reset-restore-path=SNAPSHOT",
        ],
        ...each(words("datastore-endpoint datastore-cafile datastore-certfile datastore-keyfile"), [
            "is for an external datastore, and this program runs etcd on the servers",
            "leave it out",
        ]),
        ...each(
            words(
                "disable-agent disable-apiserver disable-controller-manager disable-etcd disable-scheduler",
            ),
            [
                "would hold for every server, and then none had that part",
                "leave it out: every server runs the whole control plane",
            ],
        ),
        ...each(words("etcd-s3-access-key etcd-s3-secret-key etcd-s3-session-token"), [
            NO_SECRET,
            "put the S3 settings in a Secret of kube-system and name it in etcd-s3-config-secret",
        ]),
    }),
);

/** Whether a server, or an agent, knows a key of config.yaml. */
export function rke2Knows(role: "server" | "agent", key: string): boolean {
    return BOTH.includes(key) || (role === "server" && SERVER.includes(key));
}

/** What is wrong with the keys of config.yaml, and with their values, that a user gives for all nodes of a cluster. `at` is where they stand. */
export function rke2ConfigProblems(config: Readonly<Record<string, JsonValue>>, at: string): Problem[] {
    return Object.entries(config).flatMap(([key, value]) => {
        const path = `${at}.${key}`;
        const refused = REFUSED.get(key);
        // No value here: a token may stand there.
        if (refused !== undefined) return [{ path, rule: refused[0], fix: refused[1] }];
        if (!rke2Knows("server", key)) return [unknownKey(path, key)];
        return (Array.isArray(value) ? value : [value]).every(isPlain)
            ? rke2ValueProblems(key, value, path)
            : [
                  {
                      path,
                      rule: "must be a string, a number, a boolean or a list of them",
                      fix: 'write settings of its own as a list, as ["key=value"]',
                  },
              ];
    });
}

/** A key that RKE2 would skip with no more than a warning in its log. */
export function unknownKey(path: string, key: string): Problem {
    const meant = nearest(key, [...SERVER, ...BOTH]);
    return {
        path,
        rule: "is no key of RKE2's config.yaml, and RKE2 would go on without it",
        fix: meant === undefined ? "leave it out" : `write ${meant}`,
    };
}

function isPlain(value: JsonValue): boolean {
    return ["string", "number", "boolean"].includes(typeof value);
}

function words(text: string): string[] {
    return text.trim().split(/\s+/);
}

function each(
    keys: readonly string[],
    refusal: readonly [string, string],
): Record<string, readonly [string, string]> {
    return Object.fromEntries(keys.map((key) => [key, refusal]));
}
