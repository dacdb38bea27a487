import { z } from "zod";

import { aci } from "./aci.ts";
import { announce } from "./announce.ts";
import { ciliumOverride } from "./cilium.ts";
import { egress } from "./egress.ts";
import { kubernetes } from "./kubernetes.ts";
import { loadBalancer, nextLoadBalancer } from "./load-balancer.ts";
import { meshApi } from "./mesh-api.ts";
import { node } from "./node.ts";
import { kubeVip, rke2Override } from "./rke2.ts";
import { cidrs, dnsName, host } from "./scalars.ts";
import { secretRef } from "./secret.ts";
import { ssh } from "./ssh.ts";
import { strict } from "./strict.ts";

const METALLB_OR_IPAM = "write it under loadBalancer";

/** What a cluster that is there already does not have. */
const OF_ITS_MACHINES = ["servers", "agents", "kubeVip", "token", "ssh", "rke2"] as const;
const OF_ITS_NODES = ["egress", "aci"] as const;

/** A cluster is made of machines, or is there already: `when` lets this be said beside what else is wrong. */
function unless(path: string, wrong: (cluster: object) => boolean, error: string, fix: string) {
    return z.refine((value: unknown) => typeof value !== "object" || value === null || !wrong(value), {
        error,
        path: [path],
        params: { fix },
        when: () => true,
    });
}

const has = (cluster: object, key: string) => Reflect.get(cluster, key) !== undefined;

const oneOrigin = [
    unless(
        "servers",
        (cluster) => !has(cluster, "servers") && !has(cluster, "kubernetes"),
        "is missing: a cluster is made of its servers, or is there already",
        "describe them by their names, or name a kubeconfig under kubernetes",
    ),
    unless(
        "apiAddress",
        (cluster) => !has(cluster, "apiAddress") && has(cluster, "kubernetes"),
        "is missing: Cilium on the nodes of a cluster that is there already has to be told where its API answers",
        "name the address or DNS name at which its nodes reach the API, and its port as kubernetes.apiPort where that is not 6443",
    ),
    ...OF_ITS_MACHINES.map((key) =>
        unless(
            key,
            (cluster) => has(cluster, key) && has(cluster, "kubernetes"),
            "does not go with kubernetes: the cluster is there already, and its machines are not this program's",
            "leave one of them out",
        ),
    ),
    ...OF_ITS_NODES.map((key) =>
        unless(
            key,
            (cluster) => has(cluster, key) && has(cluster, "kubernetes"),
            "does not go with kubernetes: it is about single nodes, and those of a cluster that is there already are not described",
            "leave one of them out",
        ),
    ),
];

/** One cluster: machines that this program makes one of, or a Kubernetes that is there already. Its key is its name in the mesh. */
export const cluster = strict(
    {
        /** Its number in the mesh: unique, 1 to 255, or to 511 with `mesh.maxConnectedClusters: 511`. Never changed later. */
        id: z.int(),
        /** Its pods' addresses; one range of each family in dual stack, IPv4 first. */
        podCidr: cidrs,
        /** Its Services' addresses. */
        serviceCidr: cidrs,
        /** The network its nodes are in. */
        nodeCidr: cidrs,
        /** A Kubernetes that is there already, and only gets its network from here. @default - RKE2 on `servers` and `agents` */
        kubernetes: kubernetes.optional(),
        /** The machines of the control plane, by name: one, or an odd number. The first one begins the cluster. @default - none, with `kubernetes` only */
        servers: z.record(z.string(), node).optional(),
        /** The other machines, by name. @default - none */
        agents: z.record(z.string(), node).optional(),
        /** One fixed name or address of the API and of registration, in front of all servers; with `kubernetes`, and needed there, where its nodes reach the API: a loopback address too, if each has a balancer there. @default - the first server's address */
        apiAddress: host.optional(),
        /** Let the servers hold `apiAddress` themselves, one at a time, in their own network. @default - something else has that address */
        kubeVip: kubeVip.optional(),
        /** The DNS suffix of its Services. @default "cluster.local" */
        clusterDomain: dnsName.optional(),
        /** The token that lets nodes join. @default - made here, kept in the stack's state, protected */
        token: secretRef.optional(),
        /** How its hosts are reached, where that differs from the mesh's `ssh`. @default - in nothing */
        ssh: ssh.optional(),
        /** Who gives addresses to Services of type LoadBalancer. */
        loadBalancer,
        /** How those addresses become known outside. */
        announce,
        /** A load balancer to move to, beside the first. @default - none */
        nextLoadBalancer: nextLoadBalancer.optional(),
        /** Fixed addresses under which chosen pods leave the cluster, through chosen nodes. Turns `cilium.egressGateway` on. @default - pods leave under their node's address */
        egress: egress.optional(),
        /** The ACI fabric that its nodes are attached to. @default - another network */
        aci: aci.optional(),
        /** How other clusters reach this one's mesh API. @default - by a LoadBalancer Service at the first address of the first pool */
        meshApi: meshApi.optional(),
        /**
         * None of its hosts answers: nothing in it is looked at, changed or removed, and the others go on as they are. Take this
         * out when it answers again. If it never will, let an `up` reach the others with this, and then leave the cluster out:
         * it is forgotten without a word to its hosts. Describe nothing new in it meanwhile, as that cannot be made.
         * @default false
         */
        lost: z.boolean().optional(),
        /** RKE2, where it differs from the mesh's. @default - in nothing */
        rke2: rke2Override.optional(),
        /** Cilium, where it differs from the mesh's. @default - in nothing */
        cilium: ciliumOverride.optional(),
    },
    {
        pools: METALLB_OR_IPAM,
        metallb: METALLB_OR_IPAM,
        hubble: "write it under cilium",
        name: "a cluster's name is its key under clusters",
        kubeconfig: "write it under kubernetes",
    },
).check(...oneOrigin);

export type ClusterDescription = z.infer<typeof cluster>;
