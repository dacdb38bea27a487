import type { AnnounceDescription } from "./description/announce.ts";
import type { CiliumDescription, RoutingDescription } from "./description/cilium.ts";
import type { ClusterDescription } from "./description/cluster.ts";
import type { LoadBalancerDescription } from "./description/load-balancer.ts";
import type { MeshDescription } from "./description/mesh.ts";
import type { NodeDescription } from "./description/node.ts";
import type { Rke2Description } from "./description/rke2.ts";
import { merge } from "./merge.ts";
import { meshApiHosts } from "./mesh-api.ts";
import { formatAddress, parseCidr, parseRange, type Family } from "./net/range.ts";
import { resolveAnnounce, resolvePool } from "./resolve/announce.ts";
import { resolveCertificates } from "./resolve/certificates.ts";
import { resolveEgress } from "./resolve/egress.ts";
import { resolveEncryption } from "./resolve/encryption.ts";
import { resolveUpgrade } from "./resolve/upgrade.ts";
import type {
    Cilium,
    Cluster,
    ExistingKubernetes,
    Install,
    LoadBalancer,
    Mesh,
    MeshApi,
    Node,
    Peer,
    Rke2,
    Routing,
    Ssh,
    Topology,
} from "./resolved.ts";
import { minorOf } from "./support/version.ts";

const CILIUM_REPOSITORY = "https://helm.cilium.io/";
const METALLB_REPOSITORY = "https://metallb.github.io/metallb";
const METALLB_VERSION = "0.16.1";
const INSTALL_URL = "https://get.rke2.io";
const KUBE_VIP_IMAGE = "ghcr.io/kube-vip/kube-vip:v1.2.3";
/** Nobody has said how many nodes a cluster has that is there already. */
const SEVERAL_NODES = 2;
const MESH_API_PORT = 2379;
const MESH_API_NODE_PORT = 32379;

/**
 * A description with every default filled in and everything computed that more than one place needs. It never fails: what
 * makes no sense is carried along as it is, for the rules to name.
 */
export function resolveMesh(description: MeshDescription): Mesh {
    const topology = resolveTopology(description);
    const members = Object.entries(description.clusters).map(([name, cluster]) =>
        resolveCluster(name, cluster, description),
    );
    return {
        name: description.name,
        topology,
        maxConnectedClusters: description.mesh?.maxConnectedClusters ?? 255,
        sharedServiceCidrs: description.mesh?.sharedServiceCidrs ?? false,
        ...optional("domains", description.mesh?.domains),
        certificates: resolveCertificates(description.certificates),
        ...optional("ciliumUpgrade", resolveUpgrade(description)),
        clusters: members.map((member) => ({ ...member, peers: peersOf(member, members, topology) })),
    };
}

function resolveTopology({ mesh }: MeshDescription): Topology {
    return mesh?.topology === "hubs" ? { kind: "hubs", hubs: mesh.hubs } : { kind: "full" };
}

type Member = Omit<Cluster, "peers">;

function resolveCluster(name: string, cluster: ClusterDescription, mesh: MeshDescription): Member {
    const nodes = (described: Record<string, NodeDescription> | undefined, role: Node["role"]) =>
        Object.entries(described ?? {}).map(([node, value]) => resolveNode(node, role, value, cluster, mesh));
    const servers = nodes(cluster.servers, "server");
    const agents = nodes(cluster.agents, "agent");
    const loadBalancers = resolveLoadBalancers(cluster);
    return {
        name,
        id: cluster.id,
        podCidrs: list(cluster.podCidr),
        serviceCidrs: list(cluster.serviceCidr),
        nodeCidrs: list(cluster.nodeCidr),
        clusterDomain: cluster.clusterDomain ?? "cluster.local",
        api: {
            address:
                cluster.apiAddress ?? (servers.find(({ lost }) => !lost) ?? servers[0])?.addresses[0] ?? "",
            ...optional("port", cluster.kubernetes?.apiPort),
            fixed: cluster.apiAddress !== undefined,
            ...(cluster.kubeVip === undefined
                ? {}
                : { kubeVip: { ...cluster.kubeVip, image: cluster.kubeVip.image ?? KUBE_VIP_IMAGE } }),
        },
        ...optional("kubernetes", resolveKubernetes(cluster)),
        ...optional("token", cluster.token),
        rke2: resolveRke2(
            cluster.kubernetes === undefined
                ? {
                      ...override(mesh.rke2, cluster.rke2),
                      config: { ...mesh.rke2.config, ...cluster.rke2?.config },
                  }
                : { version: `v${cluster.kubernetes.version}` },
            Object.values(mesh.clusters).flatMap(({ nodeCidr }) => list(nodeCidr)),
        ),
        servers,
        agents,
        cilium: resolveCilium(
            {
                ...override(mesh.cilium, cluster.cilium),
                values: merge(mesh.cilium.values ?? {}, cluster.cilium?.values ?? {}),
            },
            cluster.kubernetes === undefined ? servers.length + agents.length : SEVERAL_NODES,
            cluster.egress !== undefined,
        ),
        meshApi: resolveMeshApi(cluster, loadBalancers[0]),
        loadBalancers,
        ...optional("egress", resolveEgress(cluster.egress)),
        ...(cluster.aci === undefined
            ? {}
            : { aci: { version: cluster.aci.version, anchored: cluster.aci.anchored ?? [] } }),
        ...optional("lost", cluster.lost),
        overridden: (["cilium", "rke2", "ssh"] as const).flatMap((section) =>
            Object.entries(cluster[section] ?? {})
                .filter(([, value]) => value !== undefined)
                .map(([key]) => `${section}.${key}`),
        ),
    };
}

function resolveKubernetes({ kubernetes }: ClusterDescription): ExistingKubernetes | undefined {
    return kubernetes === undefined
        ? undefined
        : { kubeconfig: kubernetes.kubeconfig, version: kubernetes.version };
}

function resolveRke2(rke2: Rke2Description, nodeCidrs: readonly string[]): Rke2 {
    const { host, rollout } = rke2;
    return {
        version: rke2.version,
        installUrl: rke2.installUrl ?? INSTALL_URL,
        install: resolveInstall(rke2.install),
        config: rke2.config ?? {},
        ...optional("registries", rke2.registries),
        ...optional("proxy", rke2.proxy),
        host: {
            prepare: host?.prepare ?? true,
            firewalld: host?.firewalld ?? "off",
            trustedCidrs: host?.trustedCidrs ?? nodeCidrs,
            ignore: host?.ignore ?? [],
        },
        rollout: {
            agentsAtOnce: rollout?.agentsAtOnce ?? 10,
            evict: rollout?.evict ?? "cordon",
            drainSeconds: rollout?.drainSeconds ?? 600,
        },
        ...optional("snapshots", rke2.snapshots),
        tokenGeneration: rke2.tokenGeneration ?? 1,
        certificateGeneration: rke2.certificateGeneration ?? 1,
        upgradeBy: rke2.upgrade?.by ?? "ssh",
    };
}

function resolveInstall(install: Rke2Description["install"]): Install {
    if (install?.method === "rpm") return { method: "rpm", channel: install.channel ?? "latest" };
    return install ?? { method: "tar" };
}

function resolveNode(
    name: string,
    role: Node["role"],
    node: NodeDescription,
    cluster: ClusterDescription,
    mesh: MeshDescription,
): Node {
    const addresses = list(node.address);
    return {
        name,
        role,
        addresses,
        labels: node.labels ?? {},
        taints: node.taints ?? [],
        config: node.config ?? {},
        lost: node.lost ?? false,
        ssh: resolveSsh(addresses[0] ?? "", node.ssh, override(mesh.ssh ?? {}, cluster.ssh)),
    };
}

function resolveSsh(
    address: string,
    node: NodeDescription["ssh"],
    inherited: NonNullable<MeshDescription["ssh"]>,
): Ssh {
    const auth = inherited.auth ?? { agent: true };
    const { jumpHost } = inherited;
    return {
        host: node?.host ?? address,
        port: node?.port ?? inherited.port ?? 22,
        user: node?.user ?? inherited.user ?? "root",
        auth,
        ...optional("hostKey", node?.hostKey),
        ...(jumpHost === undefined
            ? {}
            : {
                  jumpHost: {
                      host: jumpHost.host,
                      port: jumpHost.port ?? 22,
                      user: jumpHost.user ?? "root",
                      auth: jumpHost.auth ?? auth,
                      ...optional("hostKey", jumpHost.hostKey),
                  },
              }),
    };
}

function resolveCilium(cilium: CiliumDescription, nodes: number, egress: boolean): Cilium {
    return {
        version: cilium.version,
        chart: cilium.chart ?? { repository: CILIUM_REPOSITORY },
        routing: resolveRouting(cilium.routing),
        encryption: resolveEncryption(cilium.encryption),
        ipam: cilium.ipam ?? "kubernetes",
        masquerade: cilium.masquerade ?? "bpf",
        egressGateway: cilium.egressGateway ?? egress,
        ...optional("serviceLoadBalancing", cilium.serviceLoadBalancing),
        ...optional("devices", cilium.devices),
        ...optional("bandwidthManager", cilium.bandwidthManager),
        ...optional("nat46x64", cilium.nat46x64),
        hubble: {
            enabled: cilium.hubble?.enabled ?? false,
            relay: cilium.hubble?.relay ?? false,
            ui: cilium.hubble?.ui ?? false,
            metrics: cilium.hubble?.metrics ?? [],
            ...optional("relayTls", cilium.hubble?.relayTls),
            ...optional("metricsTls", cilium.hubble?.metricsTls),
        },
        operatorReplicas: cilium.operatorReplicas ?? Math.min(nodes, 2),
        endpointSliceSynchronization: cilium.endpointSliceSynchronization ?? false,
        mcsApi: cilium.mcsApi !== undefined && cilium.mcsApi !== false,
        ...(typeof cilium.mcsApi === "object" ? { clustersetDns: cilium.mcsApi.dns } : {}),
        ...optional("policyDefaultLocalCluster", cilium.policyDefaultLocalCluster),
        ...optional("cacheTTL", cilium.cacheTTL),
        authMode: cilium.authMode ?? (minorOf(cilium.version) >= 19 ? "migration" : "legacy"),
        ...optional("upgradeCompatibility", cilium.upgradeCompatibility),
        mutualAuthentication: cilium.mutualAuthentication ?? false,
        values: cilium.values ?? {},
    };
}

function resolveRouting(routing: RoutingDescription | undefined): Routing {
    if (routing?.mode !== "native") return { mode: "tunnel", protocol: routing?.protocol ?? "vxlan" };
    return {
        ...routing,
        autoDirectNodeRoutes: routing.autoDirectNodeRoutes ?? false,
        endpointRoutes: routing.endpointRoutes ?? false,
    };
}

function resolveLoadBalancers(cluster: ClusterDescription): LoadBalancer[] {
    const { loadBalancer, announce, nextLoadBalancer: next } = cluster;
    return [
        resolveLoadBalancer("loadBalancer", loadBalancer, announce),
        ...(next === undefined
            ? []
            : [resolveLoadBalancer("nextLoadBalancer.loadBalancer", next.loadBalancer, next.announce)]),
    ];
}

function resolveLoadBalancer(
    at: LoadBalancer["at"],
    loadBalancer: LoadBalancerDescription,
    announce: AnnounceDescription,
): LoadBalancer {
    return {
        at,
        provider: loadBalancer.provider,
        pools: Object.entries(loadBalancer.pools).map(([name, pool]) => resolvePool(name, pool)),
        announce: resolveAnnounce(announce),
        ...(loadBalancer.provider === "lb-ipam"
            ? {}
            : {
                  metalLb: {
                      version: loadBalancer.version ?? METALLB_VERSION,
                      chart: loadBalancer.chart ?? { repository: METALLB_REPOSITORY },
                  },
                  ...optional("loadBalancerClass", loadBalancer.loadBalancerClass),
              }),
    };
}

function resolveMeshApi(cluster: ClusterDescription, loadBalancer: LoadBalancer | undefined): MeshApi {
    const { meshApi } = cluster;
    const replicas = meshApi?.replicas ?? 1;
    if (meshApi?.type === "NodePort") {
        return {
            type: "NodePort",
            replicas,
            ...optional("names", meshApi.names),
            port: meshApi.nodePort ?? MESH_API_NODE_PORT,
        };
    }
    const pool = meshApi?.pool ?? loadBalancer?.pools[0]?.name ?? "";
    // Its Service has one address, of the family that the cluster names first.
    const [family] = podFamilies(cluster);
    const { addresses = [], reserved } = loadBalancer?.pools.find(({ name }) => name === pool) ?? {};
    // A network of which something is reserved is still one, whose number is passed over.
    const networks = [...list(cluster.nodeCidr), ...(reserved?.of ?? [])];
    const first = addresses.find((text) => parseRange(text)?.family === family) ?? addresses[0];
    return {
        type: "LoadBalancer",
        replicas,
        address: meshApi?.address ?? firstAddress(first, networks) ?? "",
        pool,
        sourceRanges: meshApi?.sourceRanges ?? [],
        annotations: meshApi?.annotations ?? {},
        ...optional("sharing", meshApi?.sharing),
        ...optional("names", meshApi?.names),
        port: MESH_API_PORT,
    };
}

/** The first address of a range that a host can have: a network's own number is passed over. */
function firstAddress(text: string | undefined, networks: readonly string[]): string | undefined {
    const range = text === undefined ? undefined : parseRange(text);
    if (range === undefined) return undefined;
    const isNetworkNumber = [range, ...networks.flatMap((cidr) => parseCidr(cidr) ?? [])].some(
        ({ family, first, last, prefix }) =>
            prefix !== undefined && family === range.family && first === range.first && first !== last,
    );
    const address = isNetworkNumber && range.first < range.last ? range.first + 1n : range.first;
    return formatAddress(address, range.family);
}

function podFamilies({ podCidr }: ClusterDescription): (Family | undefined)[] {
    return list(podCidr).map((text) => parseCidr(text)?.family);
}

function peersOf(member: Member, members: readonly Member[], topology: Topology): Peer[] {
    const isHub = (name: string) => topology.kind === "full" || topology.hubs.includes(name);
    return members
        .filter(({ name }) => name !== member.name && (isHub(name) || isHub(member.name)))
        .map((peer) => ({
            name: peer.name,
            id: peer.id,
            addresses: meshApiHosts(peer),
            port: peer.meshApi.port,
        }));
}

function list(value: string | readonly string[]): readonly string[] {
    return typeof value === "string" ? [value] : value;
}

/** An object with one key, or none where there is no value: an absent key and `undefined` are not the same to YAML and JSON. */
function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value };
function optional(key: string, value: unknown): Record<string, unknown> {
    return value === undefined ? {} : { [key]: value };
}

/** `base` with what `over` says differently; a key that says nothing changes nothing. */
function override<Base extends object>(base: Base, over: Partial<Base> | undefined): Base {
    const result = { ...base };
    for (const [key, value] of Object.entries(over ?? {}))
        if (value !== undefined) Reflect.set(result, key, value);
    return result;
}
