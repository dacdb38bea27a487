import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { LocalGatekeeper } from "../gate/wait-for.ts";
import { localScript } from "../host/local-script.ts";
import { kubernetesProvider } from "../kubernetes-provider.ts";

const TYPE = "multicluster:member:ExistingCluster";

/** An API that is there already answers at once, or somebody has to be asked. */
const API_SECONDS = 120;

/** How long a gate waits: nobody has said how many nodes there are, and each takes its time. */
const GATE_SECONDS = 1800;

export interface ExistingClusterArgs {
    /** What the cluster is called in messages. */
    readonly clusterName: string;
    /** Its administrator's kubeconfig. */
    readonly kubeconfig: pulumi.Input<string>;
    /** The minor version of Kubernetes that it runs, as "1.35". */
    readonly version: string;
    /** How many operators Cilium is to have: each needs a node of its own. */
    readonly operatorReplicas: number;
    /** Who is to give its nodes their pod ranges. */
    readonly ipam: "kubernetes" | "cluster-pool";
    /** The cluster's place in a mesh: the kubeconfig of a cluster that has another place is not handed out, so that nothing in it is touched. */
    readonly meshPlace: { readonly id: number; readonly maxConnectedClusters: number };
}

/**
 * A Kubernetes cluster that somebody else runs, without a network. Nothing but its API is reached: it is looked at, and later
 * waited for, by kubectl on the machine that runs Pulumi.
 */
export class ExistingCluster extends pulumi.ComponentResource {
    /** The administrator's kubeconfig, secret; there once the cluster has been looked at. */
    readonly kubeconfig: pulumi.Output<string>;
    /** For everything in the cluster. */
    readonly provider: kubernetes.Provider;
    /** What is there once the cluster has been looked at. */
    readonly complete: pulumi.Resource;
    /** How to wait for something in the cluster. */
    readonly gatekeeper: LocalGatekeeper;

    constructor(name: string, args: ExistingClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        const { clusterName, version, operatorReplicas, ipam, meshPlace } = args;
        super(TYPE, name, { clusterName, version }, opts);
        const checked = localScript(
            `${name}-checked`,
            {
                kubeconfig: args.kubeconfig,
                file: new URL("scripts/existing.sh", import.meta.url),
                variables: {
                    CLUSTER_NAME: clusterName,
                    KUBERNETES: version,
                    OPERATORS: String(operatorReplicas),
                    IPAM: ipam,
                    MESH_PLACE: `${clusterName} ${meshPlace.id} ${meshPlace.maxConnectedClusters}`,
                    SECONDS_MAX: String(API_SECONDS),
                },
                timeoutSeconds: API_SECONDS + 60,
            },
            { parent: this },
        );
        this.complete = checked;
        this.kubeconfig = pulumi.secret(checked.stdout);
        this.provider = kubernetesProvider(`${name}-provider`, clusterName, this.kubeconfig, {
            parent: this,
        });
        this.gatekeeper = { kubeconfig: this.kubeconfig, timeoutSeconds: GATE_SECONDS };
        this.registerOutputs({ kubeconfig: this.kubeconfig });
    }
}
