import { rke2Knows } from "../../../model/support/rke2-keys.ts";
import type { ConfigValues } from "./config-file.ts";
import { Fatal } from "./fatal.ts";

/** What this RKE2 is. */
export type Role = "server" | "agent";

/** Where a token is. */
export interface TokenSource {
    readonly text?: string;
    readonly file?: string;
}

/** What servers and agents are told. */
export interface NodeSettings {
    readonly role: Role;
    /** Whether the host must be hardened. */
    readonly profile?: string;
    readonly nodeName: string;
    /** One address of each family. */
    readonly nodeIps: readonly string[];
    readonly labels: readonly string[];
    readonly taints: readonly string[];
    readonly token: TokenSource;
    /** Where to register, as `https://10.88.1.11:9345`. */
    readonly server?: string;
    /** The local port of an agent's way to the API. */
    readonly apiPort: number;
}

/** What only servers are told. */
export interface ServerSettings extends NodeSettings {
    readonly advertiseAddress: string;
    readonly bindAddress?: string;
    readonly clusterCidr: string;
    readonly serviceCidr: string;
    readonly clusterDns?: string;
    readonly clusterDomain: string;
    readonly nodePortRange: string;
    readonly tlsSans: readonly string[];
    readonly disable: readonly string[];
    readonly disableKubeProxy: boolean;
    readonly disableCloudController: boolean;
    readonly egressSelectorMode: string;
    readonly agentToken: TokenSource;
    readonly kubeconfigFile?: string;
    readonly kubeconfigMode: number;
    /** Whether RKE2 is to make this server the only one of its cluster, and end. */
    readonly clusterReset: boolean;
    /** The snapshot that the cluster begins with again. */
    readonly restorePath?: string;
    readonly etcdArgs: readonly string[];
    readonly apiServerArgs: readonly string[];
    readonly controllerManagerArgs: readonly string[];
    readonly schedulerArgs: readonly string[];
}

/** What the host is, where config.yaml is silent. */
export interface HostDefaults {
    readonly name: string;
    readonly address: string;
}

/** RKE2 has these; the stand-in does not, and going on without them would be another cluster than the one asked for. */
const NOT_SIMULATED = [
    "datastore-endpoint",
    "disable-agent",
    "disable-apiserver",
    "disable-controller-manager",
    "disable-etcd",
    "disable-scheduler",
    "embedded-registry",
    "node-name-from-cloud-provider-metadata",
    "with-node-id",
];

/** The settings of an agent, or an error that says what is wrong. */
export function agentSettings(config: ConfigValues, host: HostDefaults): NodeSettings {
    refuseUnknown("agent", config);
    const settings = nodeSettings("agent", config, host);
    if (settings.token.text === undefined && settings.token.file === undefined) {
        throw new Fatal("--token is required");
    }
    if (settings.server === undefined) throw new Fatal("--server is required");
    return settings;
}

/** The settings of a server, or an error that says what is wrong. */
export function serverSettings(config: ConfigValues, host: HostDefaults): ServerSettings {
    refuseUnknown("server", config);
    const node = nodeSettings("server", config, host);
    const read = reader(config);
    const clusterCidr = read.list("cluster-cidr").join(",");
    const serviceCidr = read.list("service-cidr").join(",");
    return {
        ...node,
        advertiseAddress: read.text("advertise-address") ?? node.nodeIps[0] ?? host.address,
        ...given("bindAddress", read.text("bind-address")),
        clusterCidr: clusterCidr === "" ? "10.42.0.0/16" : clusterCidr,
        serviceCidr: serviceCidr === "" ? "10.43.0.0/16" : serviceCidr,
        ...given("clusterDns", read.text("cluster-dns")),
        clusterDomain: read.text("cluster-domain") ?? "cluster.local",
        nodePortRange: read.text("service-node-port-range") ?? "30000-32767",
        tlsSans: read.list("tls-san"),
        disable: read.list("disable"),
        disableKubeProxy: read.flag("disable-kube-proxy"),
        disableCloudController: read.flag("disable-cloud-controller"),
        egressSelectorMode: read.text("egress-selector-mode") ?? "agent",
        agentToken: tokenSource(config, "agent-token"),
        ...given("kubeconfigFile", read.text("write-kubeconfig")),
        kubeconfigMode: fileMode(read.text("write-kubeconfig-mode") ?? "0600"),
        clusterReset: read.flag("cluster-reset"),
        ...given("restorePath", read.text("cluster-reset-restore-path")),
        etcdArgs: read.arguments("etcd-arg"),
        apiServerArgs: read.arguments("kube-apiserver-arg"),
        controllerManagerArgs: read.arguments("kube-controller-manager-arg"),
        schedulerArgs: read.arguments("kube-scheduler-arg"),
    };
}

function nodeSettings(role: Role, config: ConfigValues, host: HostDefaults): NodeSettings {
    const read = reader(config);
    const server = read.text("server");
    if (server !== undefined && !/^https:\/\/[^/]+$/.test(server.replace(/\/$/, ""))) {
        throw new Fatal(`invalid server url, ${server}: it must be https://ADDRESS:9345`);
    }
    const profile = read.text("profile");
    if (profile !== undefined && !["cis", "etcd"].includes(profile)) {
        throw new Fatal(`invalid value provided for --profile flag: ${profile}`);
    }
    const nodeIps = read.list("node-ip");
    const lbServerPort = Number(read.text("lb-server-port") ?? "6444");
    return {
        role,
        ...given("profile", profile),
        nodeName: (read.text("node-name") ?? host.name).toLowerCase(),
        nodeIps: nodeIps.length > 0 ? nodeIps : [host.address],
        labels: read.list("node-label"),
        taints: read.list("node-taint"),
        token: tokenSource(config, "token"),
        ...given("server", server?.replace(/\/$/, "")),
        apiPort: lbServerPort - 1,
    };
}

/** RKE2 only warns of a key that it does not know. The lab ends there, so that no test passes without what it asked for. */
function refuseUnknown(role: Role, config: ConfigValues): void {
    for (const [key, values] of config) {
        if (!rke2Knows(role, key)) {
            throw new Fatal(
                rke2Knows("server", key)
                    ? `Unknown flag --${key} found in config.yaml: it is a key of servers, and this is an agent (RKE2 would skip it)`
                    : `Unknown flag --${key} found in config.yaml (RKE2 would skip it)`,
            );
        }
        if (NOT_SIMULATED.includes(key) && values.some((value) => value !== "false" && value !== "")) {
            throw new Fatal(`the simulated RKE2 does not do ${key}: leave it out of config.yaml`);
        }
    }
    const dataDir = config.get("data-dir")?.at(-1) ?? "/var/lib/rancher/rke2";
    if (dataDir.replace(/\/$/, "") !== "/var/lib/rancher/rke2") {
        throw new Fatal("the simulated RKE2 does not move data-dir: leave it out of config.yaml");
    }
}

function reader(config: ConfigValues) {
    const all = (key: string): readonly string[] => config.get(key) ?? [];
    const text = (key: string): string | undefined => {
        const value = all(key).at(-1);
        return value === "" ? undefined : value;
    };
    return {
        text,
        /** Values may also be written as one, with commas. */
        list: (key: string): string[] =>
            all(key)
                .flatMap((value) => value.split(","))
                .map((value) => value.trim())
                .filter((value) => value !== ""),
        flag: (key: string): boolean => text(key) === "true",
        /** Flags of Kubernetes' own programs, with the dashes that RKE2 adds. */
        arguments: (key: string): string[] => all(key).map((value) => `--${value.replace(/^-+/, "")}`),
    };
}

function tokenSource(config: ConfigValues, key: string): TokenSource {
    const read = reader(config);
    return { ...given("text", read.text(key)), ...given("file", read.text(`${key}-file`)) };
}

function fileMode(text: string): number {
    if (!/^0?[0-7]{3}$/.test(text)) throw new Fatal(`invalid value for write-kubeconfig-mode: ${text}`);
    return Number.parseInt(text, 8);
}

function given<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
    const result: Partial<Record<K, V>> = {};
    if (value !== undefined) result[key] = value;
    return result;
}
