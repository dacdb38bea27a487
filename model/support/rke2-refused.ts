/** Why a user cannot give a key, and what to do instead. */
export interface Refusal {
    readonly rule: string;
    readonly fix: string;
}

const HERE = "this program sets it";
const NO_SECRET = "is a secret, and config.yaml is shown in previews";
const ONE_RUN = "is for one run by hand; in config.yaml it would run at every start";
const JOIN_TOKEN = "leave it out: agents join with the cluster's token";
const ROOT_ONLY = "leave it out: the kubeconfig is for root alone";

const NOWHERE: readonly (readonly [keys: string, rule: string, fix: string])[] = [
    ["token token-file", HERE, "set the cluster's token"],
    ["agent-token", NO_SECRET, JOIN_TOKEN],
    ["agent-token-file", HERE, JOIN_TOKEN],
    ["server", HERE, "set apiAddress"],
    ["node-name", HERE, "rename the node: its name is its key"],
    ["node-name-from-cloud-provider-metadata with-node-id", HERE, "name the node by its key"],
    ["node-ip", HERE, "set the node's address"],
    ["node-label", HERE, "set the node's labels"],
    ["node-taint", HERE, "set the node's taints"],
    ["cni", HERE, "leave it out: cilium.chart decides who installs Cilium"],
    ["disable-kube-proxy", HERE, "leave it out: Cilium replaces kube-proxy"],
    ["cluster-cidr", HERE, "set podCidr"],
    ["service-cidr", HERE, "set serviceCidr"],
    ["cluster-domain", HERE, "set clusterDomain"],
    [
        "lb-server-port",
        "moves the local port of the API, which Cilium finds at localhost:6443",
        "leave it out, or free that port on the hosts",
    ],
    [
        "enable-servicelb",
        "starts a second owner of the addresses of LoadBalancer Services",
        "leave it out: loadBalancer gives them addresses",
    ],
    [
        "private-registry",
        "names another file than the registries.yaml of this program",
        "leave it out: rke2.registries writes that file",
    ],
    ["config", "is not read from config.yaml", "leave it out"],
    [
        "data-dir",
        "moves the directory in which this program looks for RKE2's state",
        "leave it out, or mount a disk there",
    ],
    ["write-kubeconfig", HERE, "leave it out"],
    ["write-kubeconfig-group write-kubeconfig-mode", HERE, ROOT_ONLY],
    ["write-kubeconfig-name", HERE, "leave it out: the kubeconfig is named after the cluster"],
    ["cluster-reset", ONE_RUN, "run: rke2 server --cluster-reset"],
    [
        "cluster-reset-restore-path",
        ONE_RUN,
        "run: rke2 server --cluster-reset --cluster-reset-restore-path=SNAPSHOT",
    ],
    [
        "datastore-endpoint datastore-cafile datastore-certfile datastore-keyfile",
        "is for an external datastore, and this program runs etcd on the servers",
        "leave it out",
    ],
    [
        "disable-agent disable-apiserver disable-controller-manager disable-etcd disable-scheduler",
        "takes a part away that this program counts on",
        "leave it out: every server runs the whole control plane",
    ],
    ["etcd-s3-access-key etcd-s3-secret-key etcd-s3-session-token", NO_SECRET, "set rke2.snapshots.s3"],
];

const REFUSED = new Map<string, Refusal>(
    NOWHERE.flatMap(([keys, rule, fix]) => keys.split(" ").map((key) => [key, { rule, fix }] as const)),
);

/** Why a key cannot be given at all; `undefined` for one that can. */
export function refusedAnywhere(key: string): Refusal | undefined {
    return REFUSED.get(key);
}

const OF_ONE_NODE = ["advertise-address", "node-external-dns", "node-external-ip", "node-internal-dns"];

/** Why a key cannot be given for all nodes of a cluster together; `undefined` for one that can. */
export function refusedForAllNodes(key: string): Refusal | undefined {
    return OF_ONE_NODE.includes(key)
        ? {
              rule: "differs from node to node, and stands here for all of them",
              fix: "set it in the node's config",
          }
        : refusedAnywhere(key);
}
