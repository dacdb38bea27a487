import { stringify } from "yaml";

import type { Problem } from "../../model/problem.ts";
import type { JsonValue, Taint } from "../../model/resolved.ts";
import { rke2Knows, unknownKey } from "../../model/support/rke2-keys.ts";
import { supervisorUrl } from "./url.ts";

/** A config.yaml as an object. It holds no secret: the token has a file of its own. */
export type Rke2Config = Readonly<Record<string, JsonValue>>;

/** What config.yaml says of a node. */
export interface ConfiguredNode {
    /** Its name in Kubernetes. */
    readonly name: string;
    /** The addresses other nodes reach it at, one of each family, IPv4 first. */
    readonly addresses: readonly string[];
    /** Kubernetes labels. A later change restarts the node's RKE2 and gives it the new ones. @default - none */
    readonly labels?: Readonly<Record<string, string>>;
    /** Keys of config.yaml for this node alone. @default - none */
    readonly config?: Rke2Config;
    /** Kubernetes taints, given when the node registers; a later change does nothing. @default - none */
    readonly taints?: readonly Taint[];
}

/** What config.yaml says of a cluster, the same on all its servers. */
export interface ConfiguredCluster {
    /** Pod ranges, one of each family, IPv4 first. */
    readonly podCidrs: readonly string[];
    /** Service ranges, one of each family, IPv4 first. */
    readonly serviceCidrs: readonly string[];
    /** The DNS suffix of Services. */
    readonly clusterDomain: string;
    /** The network that RKE2 installs itself. @default "none" */
    readonly cni?: "none" | "cilium";
    /** The name or address at which nodes register and the API is reached. */
    readonly apiAddress: string;
    /** Keys that the user gives. Those that only servers know land on servers only. */
    readonly config: Rke2Config;
    /** When snapshots of etcd are taken, and where they go. @default - RKE2's own */
    readonly snapshots?: ConfiguredSnapshots;
}

/** What config.yaml says of snapshots. The bucket and its credentials are in a Secret. */
export interface ConfiguredSnapshots {
    readonly scheduleCron?: string;
    readonly retention?: number;
    readonly compress?: boolean;
    /** The Secret of kube-system that names the bucket. @default - they stay on the servers */
    readonly secretName?: string;
}

/** `first` begins the cluster; everyone else registers at the cluster's address. */
export type NodeRole = "first" | "server" | "agent";

/** The config.yaml of one node. */
export function nodeConfig(role: NodeRole, node: ConfiguredNode, cluster: ConfiguredCluster): Rke2Config {
    return {
        ...(role === "agent" ? agentPart(cluster) : serverPart(node, cluster)),
        ...without(node.config ?? {}, "tls-san"),
        ...(role === "first" ? {} : { server: supervisorUrl(cluster.apiAddress) }),
        // A file for root alone: config.yaml itself is shown in previews.
        "token-file": "/etc/rancher/rke2/token",
        "node-name": node.name,
        "node-ip": node.addresses.join(","),
        ...listed(
            "node-label",
            Object.entries(node.labels ?? {}).map(([key, value]) => `${key}=${value}`),
        ),
        ...listed("node-taint", (node.taints ?? []).map(formatTaint)),
    };
}

/** The labels of a config.yaml, one a line. */
export function labelLines({ "node-label": labels }: Rke2Config): string {
    return Array.isArray(labels) ? labels.filter((label) => typeof label === "string").join("\n") : "";
}

function agentPart({ config }: ConfiguredCluster): Rke2Config {
    return Object.fromEntries(Object.entries(config).filter(([key]) => rke2Knows("agent", key)));
}

function serverPart(node: ConfiguredNode, cluster: ConfiguredCluster): Rke2Config {
    const { "tls-san": names = [], ...config } = cluster.config;
    const { "tls-san": ownNames = [] } = node.config ?? {};
    return {
        // RKE2's default is another one from 1.36 on; a cluster without one is the same on every version.
        "ingress-controller": "none",
        ...config,
        ...snapshotPart(cluster.snapshots ?? {}),
        cni: cluster.cni ?? "none",
        "disable-kube-proxy": true,
        "cluster-cidr": cluster.podCidrs.join(","),
        "service-cidr": cluster.serviceCidrs.join(","),
        "cluster-domain": cluster.clusterDomain,
        // Its own addresses only: a server more must not restart the others.
        "tls-san": [
            ...new Set([cluster.apiAddress, ...node.addresses, ...several(names), ...several(ownNames)]),
        ],
        "write-kubeconfig-mode": "0600",
    };
}

function snapshotPart({ scheduleCron, retention, compress, secretName }: ConfiguredSnapshots): Rke2Config {
    return {
        ...(scheduleCron === undefined ? {} : { "etcd-snapshot-schedule-cron": scheduleCron }),
        ...(retention === undefined ? {} : { "etcd-snapshot-retention": retention }),
        ...(compress === undefined ? {} : { "etcd-snapshot-compress": compress }),
        // Any further etcd-s3 key would make RKE2 pass over the Secret.
        ...(secretName === undefined ? {} : { "etcd-s3": true, "etcd-s3-config-secret": secretName }),
    };
}

function formatTaint({ key, value, effect }: Taint): string {
    return value === undefined ? `${key}:${effect}` : `${key}=${value}:${effect}`;
}

/** A value that may be one or a list. */
function several(value: JsonValue): JsonValue[] {
    return Array.isArray(value) ? value : [value];
}

function without(config: Rke2Config, key: string): Rke2Config {
    return Object.fromEntries(Object.entries(config).filter(([name]) => name !== key));
}

/** A key with a sorted list, as the order means nothing and a change of it would restart the node; or no key for no items. */
function listed(key: string, items: readonly string[]): Rke2Config {
    return items.length === 0 ? {} : { [key]: [...items].sort() };
}

/** The text of config.yaml: keys sorted, every string in quotes, so that no parser takes `on` or `0600` for something else. */
export function configYaml(config: Rke2Config): string {
    return stringify(config, {
        sortMapEntries: true,
        lineWidth: 0,
        defaultStringType: "QUOTE_DOUBLE",
        defaultKeyType: "PLAIN",
    });
}

/** What is wrong with a whole config.yaml, for a node of this role. */
export function nodeConfigProblems(role: "server" | "agent", config: Rke2Config): Problem[] {
    return Object.keys(config).flatMap((key) => {
        const path = `config.${key}`;
        if (key === "token" || key === "agent-token") {
            return [
                { path, rule: "is a secret, and config.yaml is shown in previews", fix: "pass it as token" },
            ];
        }
        if (rke2Knows(role, key)) return [];
        return rke2Knows("server", key)
            ? [
                  {
                      path,
                      rule: "is a key of servers, and RKE2 would go on without it",
                      fix: "leave it out on agents",
                  },
              ]
            : [unknownKey(path, key)];
    });
}
