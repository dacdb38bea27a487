import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { Announce, ChartSource, Pool } from "../../model/resolved.ts";
import { show, type Problem } from "../../model/problem.ts";
import { OLDEST_METALLB } from "../../model/support/matrix.ts";
import { peersOf } from "../../model/support/bgp-instances.ts";
import { metalLbAnnounceProblems } from "../../model/support/metallb.ts";
import { metalLbAggregationProblems } from "../../model/support/metallb-bgp.ts";
import { metalLbPoolProblems, poolProblems } from "../../model/support/pools.ts";
import { compareVersions } from "../../model/support/version.ts";
import { passwordProblems } from "../announcing/password-problems.ts";
import { waitFor, type Condition, type Gatekeeper } from "../gate/wait-for.ts";
import { sourceProblems } from "../chart-source.ts";
import { chartRelease } from "../helm/chart-release.ts";
import { refuse } from "../refuse.ts";
import { metalLbBgp } from "./metal-lb-bgp.ts";
import { metalLbObject, type MetalLbHome } from "./metal-lb-object.ts";
import { ipAddressPool, l2Advertisement } from "./metal-lb-specs.ts";
import { metalLbValues } from "./metal-lb-values.ts";

const TYPE = "multicluster:load-balancing:MetalLb";
const REPOSITORY = "https://metallb.github.io/metallb";
const NAMESPACE = "metallb-system";

export interface MetalLbArgs {
    /** The chart's version, `0.14.9` or later. */
    readonly version: string;
    /** Where the chart comes from. @default - https://metallb.github.io/metallb */
    readonly chart?: ChartSource;
    /** The pools to give addresses from; at least one. */
    readonly pools: readonly Pool[];
    /** How their addresses become known outside. What this version of MetalLB cannot do is refused. */
    readonly announce: Announce;
    /** Serve only Services of this `spec.loadBalancerClass`. @default - Services without a class */
    readonly loadBalancerClass?: string;
    /** The TCP MD5 passwords of the BGP neighbours that are described with one, by name. @default - none */
    readonly passwords?: Readonly<Record<string, pulumi.Input<string>>>;
    /** The address families of a BGP session that names none. Two families make every session carry both. @default - that of the neighbour's address */
    readonly families?: readonly ("ipv4" | "ipv6")[];
    /** The administrator's, to take over an installation that was cut off. @default - Helm refuses one */
    readonly kubeconfig?: pulumi.Input<string>;
    /** Who tells when MetalLB can take its objects. @default - nobody; the objects then follow the chart at once */
    readonly gatekeeper?: Gatekeeper;
    /** Where MetalLB and all its objects live. @default "metallb-system" */
    readonly namespace?: string;
}

/**
 * MetalLB: gives addresses to Services of type LoadBalancer, and announces them.
 *
 * @see https://metallb.io/
 */
export class MetalLb extends pulumi.ComponentResource {
    /** Everything that is made, in order. */
    readonly resources: readonly pulumi.Resource[];

    readonly #name: string;

    constructor(name: string, args: MetalLbArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`MetalLb ${name}`, problemsOf(args));
        const { version, pools, announce, loadBalancerClass, namespace = NAMESPACE } = args;
        super(TYPE, name, { version, pools, announce, loadBalancerClass, namespace }, opts);
        this.#name = name;

        const space = this.#namespace(namespace);
        const chart = this.#chart(args, namespace, space);
        const ready = args.gatekeeper === undefined ? chart : this.#gate(args, args.gatekeeper, chart);
        const home = { component: this, name, namespace, ready };
        const poolObjects = pools.map((pool) =>
            metalLbObject(home, `pool-${pool.name}`, "IPAddressPool", pool.name, ipAddressPool(pool)),
        );
        const announcement = announceFrom(home, args);

        this.resources = [space, chart, ...(ready === chart ? [] : [ready]), ...poolObjects, ...announcement];
        this.registerOutputs({ namespace });
    }

    /** Speakers share the node's network and send raw packets, which the usual pod security levels refuse. */
    #namespace(name: string): k8s.core.v1.Namespace {
        const labels = Object.fromEntries(
            ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "privileged"]),
        );
        return new k8s.core.v1.Namespace(
            `${this.#name}-namespace`,
            { metadata: { name, labels } },
            { parent: this },
        );
    }

    #chart(args: MetalLbArgs, namespace: string, space: pulumi.Resource): k8s.helm.v3.Release {
        const { version, chart: source = { repository: REPOSITORY } } = args;
        return chartRelease(
            `${this.#name}-chart`,
            {
                name: "metallb",
                version,
                source,
                namespace,
                values: metalLbValues(args),
                kubeconfig: args.kubeconfig,
            },
            // The name alone does not show that the namespace must be there.
            { parent: this, dependsOn: space },
        );
    }

    #gate(args: MetalLbArgs, gatekeeper: Gatekeeper, chart: pulumi.Resource): pulumi.Resource {
        const { version, chart: source, namespace = NAMESPACE } = args;
        return waitFor(
            `${this.#name}-ready`,
            gatekeeper,
            { conditions: conditions(namespace), after: { version, source, values: metalLbValues(args) } },
            // Nothing flows from the chart to what it makes in the cluster.
            { parent: this, dependsOn: chart },
        );
    }
}

function announceFrom(home: MetalLbHome, args: MetalLbArgs): pulumi.Resource[] {
    const { version, pools, announce, families = [], passwords = {} } = args;
    switch (announce.mode) {
        case "none":
            return [];
        case "l2":
            return [metalLbObject(home, "l2", "L2Advertisement", "l2", l2Advertisement(pools, announce))];
        case "bgp":
            return metalLbBgp(home, { version, pools, bgp: announce, families, passwords });
    }
}

function problemsOf({ version, chart, pools, announce, passwords = {} }: MetalLbArgs): Problem[] {
    return [
        ...(chart === undefined ? [] : sourceProblems("chart", chart)),
        ...(compareVersions(version, OLDEST_METALLB) >= 0
            ? []
            : [
                  {
                      path: "version",
                      value: show(version),
                      rule: `is too old: addresses are pinned by annotations that MetalLB has since ${OLDEST_METALLB}`,
                      fix: `use ${OLDEST_METALLB} or later`,
                  },
              ]),
        ...poolProblems(pools, "pools"),
        ...metalLbPoolProblems(pools, "pools"),
        ...metalLbAnnounceProblems(announce, version, "announce"),
        ...metalLbAggregationProblems(pools, announce, "announce"),
        ...passwordProblems(announce.mode === "bgp" ? peersOf(announce) : {}, passwords),
    ];
}

/** The webhook looks at every object, and refuses all while it does not answer. */
function conditions(namespace: string): Condition[] {
    const kinds = [
        "ipaddresspools",
        "l2advertisements",
        "bgpadvertisements",
        "bgppeers",
        "bfdprofiles",
        "communities",
    ];
    return [
        ...kinds.map((kind) => ({ kind: "crd", name: `${kind}.metallb.io` }) as const),
        { kind: "rollout", workload: "deployment", namespace, name: "metallb-controller" },
        { kind: "endpoint", namespace, service: "metallb-webhook-service" },
    ];
}
