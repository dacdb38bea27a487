import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { Gatekeeper } from "../gate/wait-for.ts";
import { hostScript } from "../host/host-script.ts";
import { refuse } from "../refuse.ts";
import { clusterProblems } from "./cluster-problems.ts";
import { nodeConfig, type ConfiguredCluster, type NodeRole, type Rke2Config } from "./config.ts";
import type { NodeArgs } from "./node-args.ts";
import { Rke2Node } from "./rke2-node.ts";
import { apiUrl } from "./url.ts";

const TYPE = "multicluster:rke2:Rke2Cluster";

/** How many agents RKE2's servers should have to admit at once. https://docs.rke2.io/install/requirements */
const AGENTS_AT_ONCE = 50;

/** How long the API may take after its server has become a node. */
const KUBECONFIG_SECONDS = 600;

/** `token` may be an output or secret; everything else decides which resources there are, and is plain. */
export interface Rke2ClusterArgs {
    /** A DNS label. It is also what the cluster is called in its kubeconfig. */
    readonly clusterName: string;
    /** The RKE2 release of all nodes, as `v1.35.7+rke2r1`. */
    readonly version: string;
    /** Where RKE2's install script comes from. @default "https://get.rke2.io" */
    readonly installUrl?: string;
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
 * A Kubernetes cluster of RKE2, without a network: nodes are not Ready until something installs one. The first server begins
 * it; the other servers join one after the other, as etcd takes one new member at a time; then the agents, by fifties.
 */
export class Rke2Cluster extends pulumi.ComponentResource {
    /** The administrator's kubeconfig, secret. */
    readonly kubeconfig: pulumi.Output<string>;
    /** For everything in the cluster. It can be used as soon as the first server answers. */
    readonly provider: kubernetes.Provider;
    /** Servers, then agents, each in the order given. */
    readonly nodes: readonly Rke2Node[];
    /** Where to ask the cluster's API from inside. */
    readonly gatekeeper: Gatekeeper;

    constructor(name: string, args: Rke2ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`Rke2Cluster ${name}`, clusterProblems(args));
        const { clusterName, version, apiAddress, podCidrs, serviceCidrs } = args;
        super(TYPE, name, { clusterName, version, apiAddress, podCidrs, serviceCidrs }, opts);
        const [first] = args.servers;
        if (first === undefined) throw new pulumi.ResourceError("a cluster needs a server", this, true);

        const servers = this.#createServers(name, args);
        const agents = this.#createAgents(name, args, servers.slice(-1));
        this.kubeconfig = this.#readKubeconfig(name, args, first, servers.slice(0, 1));
        this.provider = new kubernetes.Provider(
            `${name}-provider`,
            {
                kubeconfig: this.kubeconfig,
                // Without it, a kubeconfig that changes or is not known yet would replace every object in the cluster.
                clusterIdentifier: clusterName,
                // Without them, changed data deletes the object and makes it again.
                enableSecretMutable: true,
                enableConfigMapMutable: true,
                // An `up` that was cut off leaves objects that the state does not have; the next one takes them over.
                upsertExistingObjects: true,
            },
            { parent: this },
        );

        this.nodes = [...servers, ...agents];
        this.gatekeeper = { ssh: first.ssh, timeoutSeconds: gateSeconds(this.nodes.length) };
        this.registerOutputs({ kubeconfig: this.kubeconfig });
    }

    #createServers(name: string, args: Rke2ClusterArgs): Rke2Node[] {
        const servers: Rke2Node[] = [];
        for (const [index, node] of args.servers.entries()) {
            const role = index === 0 ? "first" : "server";
            servers.push(this.#createNode(name, role, node, args, servers.slice(-1)));
        }
        return servers;
    }

    #createAgents(name: string, args: Rke2ClusterArgs, lastServer: readonly Rke2Node[]): Rke2Node[] {
        const agents: Rke2Node[] = [];
        let before = lastServer;
        for (let start = 0; start < args.agents.length; start += AGENTS_AT_ONCE) {
            const after = before;
            before = args.agents
                .slice(start, start + AGENTS_AT_ONCE)
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
        after: readonly Rke2Node[],
    ): Rke2Node {
        const { clusterName, version, installUrl, token } = args;
        return new Rke2Node(
            `${name}-${node.name}`,
            {
                clusterName,
                role: role === "agent" ? "agent" : "server",
                first: role === "first",
                node,
                version,
                ...(installUrl === undefined ? {} : { installUrl }),
                config: nodeConfig(role, node, configuredCluster(args)),
                token,
                peers: args.servers
                    .filter((server) => server !== node)
                    .flatMap(({ addresses }) => addresses.slice(0, 1)),
            },
            // Nothing flows from node to node, but etcd admits one member at a time, and agents need a whole control plane.
            { parent: this, dependsOn: after.map(({ install }) => install) },
        );
    }

    #readKubeconfig(
        name: string,
        { clusterName, apiAddress, meshPlace }: Rke2ClusterArgs,
        { ssh }: NodeArgs,
        firstServer: readonly Rke2Node[],
    ): pulumi.Output<string> {
        const command = hostScript(
            `${name}-kubeconfig`,
            {
                ssh,
                file: new URL("scripts/kubeconfig.sh", import.meta.url),
                variables: {
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
            { parent: this, dependsOn: firstServer.map(({ install }) => install) },
        );
        return pulumi.secret(command.stdout);
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
    apiAddress,
    config = {},
}: Rke2ClusterArgs): ConfiguredCluster {
    return { podCidrs, serviceCidrs, clusterDomain, apiAddress, config };
}
