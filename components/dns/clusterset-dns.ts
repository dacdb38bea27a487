import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { show, type Problem } from "../../model/problem.ts";
import { broughtCoredns, knowsClustersets, type BroughtCoredns } from "../../model/support/rke2-coredns.ts";
import { waitFor, type Gatekeeper } from "../gate/wait-for.ts";
import { refuse } from "../refuse.ts";
import { clustersetConfig, type ClustersetConfig } from "./clusterset-config.ts";

const TYPE = "multicluster:dns:ClustersetDns";
const NAMESPACE = "kube-system";

/** CoreDNS' names in a cluster of RKE2, after which RKE2's chart calls them. */
const SERVICE_ACCOUNT = "coredns";
const DEPLOYMENT = "rke2-coredns-rke2-coredns";

/** What CoreDNS reads to answer for several clusters. */
const KIND = { group: "multicluster.x-k8s.io", plural: "serviceimports" };
const ROLE = "multicluster-coredns";

export interface ClustersetDnsArgs {
    /** The RKE2 release that the cluster runs: it decides what CoreDNS is told. */
    readonly rke2Version: string;
    /** Who waits until CoreDNS answers as told. */
    readonly gatekeeper: Gatekeeper;
}

/**
 * Has RKE2's CoreDNS answer for `<service>.<namespace>.svc.clusterset.local`, the names of the Multi-Cluster Services API.
 * Without the kind it reads, or the right to, CoreDNS is never ready, and fails for names that are not there: so both are there
 * before it is told, and the right stays when it no longer is. It needs the network, the operator of which brings the kind from
 * Cilium 1.19 on.
 * @see https://coredns.io/plugins/kubernetes/
 */
export class ClustersetDns extends pulumi.ComponentResource {
    /** There once CoreDNS runs as told. */
    readonly ready: pulumi.Resource;

    readonly #name: string;

    constructor(name: string, args: ClustersetDnsArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`ClustersetDns ${name}`, problemsOf(args));
        super(TYPE, name, { rke2Version: args.rke2Version }, opts);
        this.#name = name;

        const brought = suitable(args);
        if (brought === undefined) throw new pulumi.ResourceError("CoreDNS is not known", this, true);
        const config = clustersetConfig(brought, NAMESPACE);
        this.ready = this.#deployed(args, brought, config, this.#configure(config, this.#prepare(args)));
        this.registerOutputs({ coredns: brought.coredns });
    }

    /** What CoreDNS will ask the API for, and that it may. */
    #prepare({ gatekeeper }: ClustersetDnsArgs): pulumi.Resource[] {
        const opts = { parent: this, retainOnDelete: true };
        const metadata = { name: ROLE };
        const role = new kubernetes.rbac.v1.ClusterRole(
            `${this.#name}-role`,
            {
                metadata,
                rules: [{ apiGroups: [KIND.group], resources: [KIND.plural], verbs: ["list", "watch"] }],
            },
            opts,
        );
        const binding = new kubernetes.rbac.v1.ClusterRoleBinding(
            `${this.#name}-binding`,
            {
                metadata,
                roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: ROLE },
                subjects: [{ kind: "ServiceAccount", name: SERVICE_ACCOUNT, namespace: NAMESPACE }],
            },
            { ...opts, dependsOn: role },
        );
        const kind = waitFor(
            `${this.#name}-kind`,
            gatekeeper,
            { conditions: [{ kind: "crd", name: `${KIND.plural}.${KIND.group}` }], after: {} },
            { parent: this },
        );
        return [binding, kind];
    }

    /** There is one object of this name; what somebody else has written into it is refused by the API. */
    #configure({ object }: ClustersetConfig, after: pulumi.Resource[]): pulumi.Resource {
        return new kubernetes.apiextensions.CustomResource(`${this.#name}-config`, object, {
            parent: this,
            dependsOn: after,
        });
    }

    #deployed(
        { gatekeeper }: ClustersetDnsArgs,
        { coredns }: BroughtCoredns,
        { object, mark }: ClustersetConfig,
        config: pulumi.Resource,
    ): pulumi.Resource {
        const at = { namespace: NAMESPACE };
        return waitFor(
            `${this.#name}-ready`,
            gatekeeper,
            {
                conditions: [
                    {
                        kind: "deployed",
                        ...at,
                        deployment: DEPLOYMENT,
                        version: coredns,
                        mark,
                        chart: object.metadata.name,
                    },
                    { kind: "rollout", workload: "deployment", ...at, name: DEPLOYMENT },
                ],
                after: { coredns, mark },
            },
            // Nothing flows from the object.
            { parent: this, dependsOn: config },
        );
    }
}

function suitable({ rke2Version }: ClustersetDnsArgs): BroughtCoredns | undefined {
    const brought = broughtCoredns(rke2Version);
    return brought !== undefined && knowsClustersets(brought) ? brought : undefined;
}

function problemsOf(args: ClustersetDnsArgs): Problem[] {
    return suitable(args) !== undefined
        ? []
        : [
              {
                  path: "rke2Version",
                  value: show(args.rke2Version),
                  rule: "must be a release that is known to bring CoreDNS 1.12.2 or later",
                  fix: "use one of model/support/rke2-coredns.ts",
              },
          ];
}
