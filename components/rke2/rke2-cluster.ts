import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ServerGatekeeper } from "../gate/wait-for.ts";
import { hostScript } from "../host/host-script.ts";
import { kubernetesProvider } from "../kubernetes-provider.ts";
import { refuse } from "../refuse.ts";
import { onceMade, refuseChanges } from "../refuse-changes.ts";
import { clusterChangeProblems } from "./changes.ts";
import { clusterProblems } from "./cluster-problems.ts";
import {
    nodeConfig,
    type ConfiguredCluster,
    type ConfiguredSnapshots,
    type NodeRole,
    type Rke2Config,
} from "./config.ts";
import { members } from "./members.ts";
import type { NodeArgs } from "./node-args.ts";
import { ROLLOUT, type NodeSettings } from "./node-settings.ts";
import { Rke2Node } from "./rke2-node.ts";
import { SNAPSHOT_SECRET, snapshotSecret, type SnapshotBucket } from "./snapshot-bucket.ts";
import { apiUrl } from "./url.ts";

const TYPE = "multicluster:rke2:Rke2Cluster";

/** How long the API may take after its server has become a node. */
const KUBECONFIG_SECONDS = 600;

/** `token` may be an output or secret; everything else decides which resources there are, and is plain. */
export interface Rke2ClusterArgs {
    /** A DNS label. It is also what the cluster is called in its kubeconfig. */
    readonly clusterName: string;
    /** The RKE2 release of all nodes, as `v1.35.7+rke2r1`. */
    readonly version: string;
    /** How hosts are prepared, RKE2 installed and changed. @default - see `NodeSettings` */
    readonly settings?: NodeSettings;
    /** When snapshots of etcd are taken, and the bucket they are copied to. @default - RKE2's own, on the servers alone */
    readonly snapshots?: Omit<ConfiguredSnapshots, "secretName"> & { readonly bucket?: SnapshotBucket };
    /** What must be there before any host is changed. @default - nothing */
    readonly checked?: readonly pulumi.Resource[];
    /** The machines of the control plane: an odd number, the first of which begins the cluster. */
    readonly servers: readonly NodeArgs[];
    /** The other machines. */
    readonly agents: readonly NodeArgs[];
    /** Pod ranges, one of each family, IPv4 first. They cannot be changed later. */
    readonly podCidrs: readonly string[];
    /** Service ranges, of the same families. They cannot be changed later. */
    readonly serviceCidrs: readonly string[];
    /** The DNS suffix of Services. It cannot be changed later. @default "cluster.local" */
    readonly clusterDomain?: string;
    /** The network that RKE2 installs itself, with what lies in its manifests: see BundledCilium. It cannot be changed later. @default "none" */
    readonly cni?: "none" | "cilium";
    /** The name or address at which nodes register (port 9345) and the API is reached (port 6443). */
    readonly apiAddress: string;
    /**
     * The cluster's place in a mesh. It is never changed: the kubeconfig of a cluster that runs with another place is not
     * handed out, so that nothing in it is touched. @default - it is in none
     */
    readonly meshPlace?: { readonly id: number; readonly maxConnectedClusters: number };
    /** The token with which nodes join. */
    readonly token: pulumi.Input<string>;
    /**
     * Further keys of config.yaml, for all nodes; keys of servers land on servers only. Unknown keys are refused, and those
     * that this program sets. `tls-san` adds to the names it sets. @default - none
     * @see https://docs.rke2.io/reference/server_config
     */
    readonly config?: Rke2Config;
}

/**
 * A Kubernetes cluster of RKE2, without a network but by `cni`: nodes are not Ready until something installs one. The first server begins
 * it; the other servers join one after the other, as etcd takes one new member at a time; then the agents, by fifties.
 */
export class Rke2Cluster extends pulumi.ComponentResource {
    /** The administrator's kubeconfig, secret. */
    readonly kubeconfig: pulumi.Output<string>;
    /** For everything in the cluster. It can be used as soon as the first server answers. */
    readonly provider: kubernetes.Provider;
    /** Servers, then agents, each in the order given. */
    readonly nodes: readonly Rke2Node[];
    /** What is there once the cluster has the nodes that it is described with, and no others. */
    readonly complete: pulumi.Resource;
    /** Where to ask the cluster's API from inside. */
    readonly gatekeeper: ServerGatekeeper;

    constructor(name: string, args: Rke2ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`Rke2Cluster ${name}`, clusterProblems(args));
        const { clusterName, version, apiAddress, podCidrs, serviceCidrs, clusterDomain } = args;
        const servers = args.servers.map((server) => server.name);
        const shown = { clusterName, version, apiAddress, podCidrs, serviceCidrs, clusterDomain, servers };
        const guard = refuseChanges(
            name,
            `clusters.${clusterName}`,
            onceMade("kubeconfig", clusterChangeProblems),
        );
        super(TYPE, name, shown, pulumi.mergeOptions(opts, guard));
        const first = args.servers.find(({ lost }) => lost !== true);
        if (first === undefined) throw new pulumi.ResourceError("a cluster needs a server", this, true);

        const serverNodes = this.#createServers(name, args, first);
        const agentNodes = this.#createAgents(name, args, serverNodes);
        this.nodes = [...serverNodes, ...agentNodes];
        this.complete = this.#letGo(name, args, first);
        this.kubeconfig = this.#readKubeconfig(name, args, first, serverNodes[args.servers.indexOf(first)]);
        this.provider = kubernetesProvider(`${name}-provider`, clusterName, this.kubeconfig, {
            parent: this,
        });
        this.#createSnapshotSecret(name, args);

        this.gatekeeper = { ssh: first.ssh, timeoutSeconds: gateSeconds(this.nodes.length) };
        this.registerOutputs({ kubeconfig: this.kubeconfig });
    }

    #createServers(name: string, args: Rke2ClusterArgs, first: NodeArgs): Rke2Node[] {
        const servers: Rke2Node[] = [];
        for (const node of args.servers) {
            const role = node === first ? "first" : "server";
            const before = servers.slice(-1).map(({ install }) => install);
            servers.push(
                this.#createNode(name, role, node, args, node === first ? (args.checked ?? []) : before),
            );
        }
        return servers;
    }

    #createAgents(name: string, args: Rke2ClusterArgs, servers: readonly Rke2Node[]): Rke2Node[] {
        const { agentsAtOnce } = args.settings?.rollout ?? ROLLOUT;
        const agents: Rke2Node[] = [];
        let before = servers.slice(-1);
        for (let start = 0; start < args.agents.length; start += agentsAtOnce) {
            const after = before.map(({ install }) => install);
            before = args.agents
                .slice(start, start + agentsAtOnce)
                .map((node) => this.#createNode(name, "agent", node, args, after));
            agents.push(...before);
        }
        return agents;
    }

    #createNode(
        name: string,
        role: NodeRole,
        node: NodeArgs,
        args: Rke2ClusterArgs,
        after: readonly pulumi.Resource[],
    ): Rke2Node {
        const { clusterName, version, settings = {}, token } = args;
        return new Rke2Node(
            `${name}-${node.name}`,
            {
                clusterName,
                role: role === "agent" ? "agent" : "server",
                first: role === "first",
                node,
                version,
                settings,
                config: nodeConfig(role, node, configuredCluster(args)),
                token,
                ...(node.lost === undefined ? {} : { lost: node.lost }),
                peers: args.servers
                    .filter((server) => server !== node && server.lost !== true)
                    .flatMap(({ addresses }) => addresses.slice(0, 1)),
            },
            // Nothing flows from node to node, but etcd admits one member at a time, and agents need a whole control plane.
            { parent: this, dependsOn: [...after] },
        );
    }

    /** Nodes that are no longer described leave the cluster before their hosts are cleaned. */
    #letGo(name: string, { servers, agents, settings }: Rke2ClusterArgs, { ssh }: NodeArgs): pulumi.Resource {
        const { evict, drainSeconds } = settings?.rollout ?? ROLLOUT;
        const named = (wanted: boolean) =>
            [...servers, ...agents].filter(({ lost = false }) => lost === wanted).map((node) => node.name);
        return members(
            `${name}-members`,
            { ssh, nodes: named(false), lost: named(true), evict, drainSeconds },
            { parent: this, dependsOn: this.nodes.map(({ install }) => install) },
        );
    }

    #readKubeconfig(
        name: string,
        { clusterName, apiAddress, meshPlace, version, settings }: Rke2ClusterArgs,
        { ssh }: NodeArgs,
        firstServer: Rke2Node | undefined,
    ): pulumi.Output<string> {
        const command = hostScript(
            `${name}-kubeconfig`,
            {
                ssh,
                file: new URL("scripts/kubeconfig.sh", import.meta.url),
                variables: {
                    // RKE2 makes its certificate anew when it starts late in the year: it is read again after each of these.
                    AFTER: `${version} ${settings?.certificateGeneration ?? 1}`,
                    CLUSTER_NAME: clusterName,
                    API_URL: apiUrl(apiAddress),
                    ...(meshPlace === undefined
                        ? {}
                        : { MESH_PLACE: `${clusterName} ${meshPlace.id} ${meshPlace.maxConnectedClusters}` }),
                    SECONDS_MAX: String(KUBECONFIG_SECONDS),
                },
                timeoutSeconds: KUBECONFIG_SECONDS + 60,
            },
            // There is a kubeconfig once the first server runs; no data comes from that step.
            { parent: this, dependsOn: firstServer === undefined ? [] : [firstServer.install] },
        );
        return pulumi.secret(command.stdout);
    }

    #createSnapshotSecret(name: string, { snapshots }: Rke2ClusterArgs): void {
        if (snapshots?.bucket === undefined) return;
        snapshotSecret(`${name}-snapshots`, snapshots.bucket, {
            ...{ parent: this, provider: this.provider },
            // A server that goes may take the API's address with it for a moment.
            dependsOn: [this.complete],
        });
    }
}

/** Cilium's chart replaces its pods two by two, and a node with cold images takes a minute. */
function gateSeconds(nodes: number): number {
    return 900 + 30 * nodes;
}

function configuredCluster({
    podCidrs,
    serviceCidrs,
    clusterDomain = "cluster.local",
    cni,
    apiAddress,
    config = {},
    snapshots: { bucket, ...snapshots } = {},
}: Rke2ClusterArgs): ConfiguredCluster {
    return {
        podCidrs,
        serviceCidrs,
        clusterDomain,
        ...(cni === undefined ? {} : { cni }),
        apiAddress,
        config,
        snapshots: { ...snapshots, ...(bucket === undefined ? {} : { secretName: SNAPSHOT_SECRET }) },
    };
}
