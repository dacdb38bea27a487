import * as pulumi from "@pulumi/pulumi";

import { BgpControlPlane } from "../components/announcing/bgp-control-plane.ts";
import { L2Announcements } from "../components/announcing/l2-announcements.ts";
import { Cilium } from "../components/cilium/cilium.ts";
import { openMeshApi } from "../components/cilium/mesh-api-policy.ts";
import { ClustersetDns } from "../components/dns/clusterset-dns.ts";
import { EgressAddresses } from "../components/egress/egress-addresses.ts";
import { EgressGateway } from "../components/egress/egress-gateway.ts";
import { waitFor, type Condition } from "../components/gate/wait-for.ts";
import { LbIpam } from "../components/load-balancing/lb-ipam.ts";
import { MetalLb } from "../components/load-balancing/metal-lb.ts";
import { SystemUpgrade } from "../components/rke2/system-upgrade.ts";
import { ClusterCa } from "../components/tls/cluster-ca.ts";
import { ClusterCertificates } from "../components/tls/cluster-certificates.ts";
import type { HubbleParts } from "../components/tls/leaf.ts";
import type { SharedCa } from "../components/tls/shared-ca.ts";
import { parseCidr } from "../model/net/range.ts";
import type { Bgp, Cluster as ClusterModel, Hubble, LoadBalancer, MeshApi } from "../model/resolved.ts";
import { peersOf } from "../model/support/bgp-instances.ts";
import { warnBeforeKubeconfigEnds, warnBeforeLeavesEnd } from "./certificate-end.ts";
import { ciliumArgs, serverNames, trustArgs } from "./cilium-args.ts";
import { memberKubernetes, type Kubernetes, type KubernetesSources } from "./member-kubernetes.ts";
import { refuseMemberChanges, shownMember } from "./shown-member.ts";
import { sshArgs } from "./ssh.ts";

const TYPE = "multicluster:mesh:Cluster";

export interface ClusterArgs extends KubernetesSources {
    /** The CA of the mesh. */
    readonly ca: SharedCa;
}

/**
 * One member of a mesh: Kubernetes, then its certificates, the network, and the load balancers with their announcements. It
 * waits for no other member: all it must know of them was decided while planning.
 */
export class Cluster extends pulumi.ComponentResource {
    /** The administrator's kubeconfig, secret. */
    readonly kubeconfig: pulumi.Output<string>;

    /** What is there once the network runs as described, and the mesh API answers at its address. */
    readonly healthy: pulumi.Resource;
    /** When its certificates end, by their names; none that certgen makes. */
    readonly certificateEnds: ReadonlyMap<string, pulumi.Output<string>>;

    readonly #name: string;
    readonly #args: ClusterArgs;

    constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super(TYPE, name, shownMember(args), pulumi.mergeOptions(opts, refuseMemberChanges(name, args)));
        this.#name = name;
        this.#args = args;

        const kubernetes = memberKubernetes(name, args, { parent: this });
        const inside = { parent: this, providers: { kubernetes: kubernetes.provider } };
        const { secrets, ends } = this.#createCertificates(kubernetes, inside);
        const network = this.#createNetwork(kubernetes, {
            ...inside,
            // Its pods mount the Secrets, and its operators want two nodes; neither is seen in the chart's values.
            dependsOn: [...secrets, ...kubernetes.nodes, kubernetes.complete, ...(args.after ?? [])],
        });
        const addresses = args.cluster.loadBalancers.flatMap((loadBalancer) =>
            // Its pods need the network, and Cilium's kinds of object exist only once its operator runs.
            this.#createLoadBalancer(loadBalancer, kubernetes, { ...inside, dependsOn: [network.ready] }),
        );
        this.#createEgress(kubernetes, network.ready, inside);
        this.#openMeshApi({
            ...{ parent: this, provider: kubernetes.provider },
            dependsOn: [kubernetes.complete],
        });
        const upgraded = this.#upgrade(kubernetes, { ...inside, dependsOn: network.ready });
        this.#answerForClusterset(kubernetes, { ...inside, dependsOn: [network.ready, ...upgraded] });
        this.healthy = this.#awaitMeshApi(kubernetes, [network.ready, ...addresses]);

        this.certificateEnds = ends;
        warnBeforeKubeconfigEnds(args.cluster, kubernetes.kubeconfig, this);
        this.kubeconfig = kubernetes.kubeconfig;
        this.registerOutputs({ kubeconfig: this.kubeconfig });
    }

    /** Made here; or by certgen once the network's chart is there, which then finds the CA in the cluster. */
    #createCertificates(
        { complete }: Kubernetes,
        opts: pulumi.ComponentResourceOptions,
    ): Pick<ClusterCertificates, "secrets" | "ends"> {
        const { cluster, mesh, ca } = this.#args;
        const { cilium } = cluster;
        const { method, leafValidityHours, leafEarlyRenewalHours } = mesh.certificates;
        // An API that several servers share answers as long as none of them is on its way out.
        const after = [complete];
        if (method === "certgen") {
            const { secrets } = new ClusterCa(`${this.#name}-ca`, { ca, after }, opts);
            return { secrets, ends: new Map() };
        }
        const made = new ClusterCertificates(
            `${this.#name}-certificates`,
            {
                clusterName: cluster.name,
                ciliumVersion: cilium.version,
                authMode: cilium.authMode,
                ca,
                validityHours: leafValidityHours,
                earlyRenewalHours: leafEarlyRenewalHours,
                hubble: hubbleParts(cilium.hubble),
                extraServerNames: serverNames(cluster, mesh),
                after,
            },
            opts,
        );
        warnBeforeLeavesEnd(cluster.name, made, leafEarlyRenewalHours);
        return made;
    }

    #createNetwork({ gatekeeper, kubeconfig }: Kubernetes, opts: pulumi.ComponentResourceOptions): Cilium {
        return new Cilium(
            `${this.#name}-cilium`,
            { ...ciliumArgs(this.#args), gatekeeper, kubeconfig },
            opts,
        );
    }

    #createLoadBalancer(
        { provider, pools, announce, metalLb, loadBalancerClass }: LoadBalancer,
        { gatekeeper, kubeconfig }: Kubernetes,
        opts: pulumi.ComponentResourceOptions,
    ): pulumi.Resource[] {
        const ciliumVersion = this.#args.cluster.cilium.version;
        const families = this.#families();
        const passwords = announce.mode === "bgp" ? this.#passwords(announce) : {};
        if (metalLb !== undefined) {
            const own = loadBalancerClass === undefined ? {} : { loadBalancerClass };
            return [
                new MetalLb(
                    `${this.#name}-metallb`,
                    { ...metalLb, pools, announce, passwords, families, gatekeeper, kubeconfig, ...own },
                    opts,
                ),
            ];
        }
        const ipam = new LbIpam(`${this.#name}-${provider}`, { ciliumVersion, pools }, opts);
        switch (announce.mode) {
            case "none":
                return [ipam];
            case "l2":
                return [ipam, new L2Announcements(`${this.#name}-l2`, { ciliumVersion, l2: announce }, opts)];
            case "bgp":
                return [
                    ipam,
                    new BgpControlPlane(
                        `${this.#name}-bgp`,
                        { ciliumVersion, bgp: announce, families, passwords },
                        opts,
                    ),
                ];
        }
    }

    /** The addresses first: agents look for them when a policy comes, and never again. */
    #createEgress(
        { nodes }: Kubernetes,
        network: pulumi.Resource,
        inside: pulumi.ComponentResourceOptions,
    ): void {
        const { cilium, egress, servers, agents } = this.#args.cluster;
        if (egress === undefined) return;
        const hosts = [...servers, ...agents].map(({ name, role, lost, ssh }) => ({
            name,
            role,
            lost,
            ssh: sshArgs(ssh, this.#args.secrets),
        }));
        const addresses =
            egress.interface === undefined
                ? []
                : new EgressAddresses(
                      `${this.#name}-egress-addresses`,
                      { nodes: hosts, egress },
                      { parent: this, dependsOn: [...nodes] },
                  ).hosts;
        new EgressGateway(
            `${this.#name}-egress`,
            { ciliumVersion: cilium.version, egress },
            { ...inside, dependsOn: [network, ...addresses] },
        );
    }

    /** From inside, where it is so described; otherwise the nodes' own steps have done it. */
    #upgrade({ own }: Kubernetes, opts: pulumi.ComponentResourceOptions): SystemUpgrade["resources"] {
        const { servers, agents, rke2 } = this.#args.cluster;
        if (own === undefined || rke2.upgradeBy !== "system-upgrade-controller") return [];
        const names = (nodes: ClusterModel["servers"]) =>
            nodes.filter(({ lost }) => !lost).map(({ name }) => name);
        return new SystemUpgrade(
            `${this.#name}-upgrade`,
            {
                version: rke2.version,
                install: rke2.install,
                servers: names(servers),
                agents: names(agents),
                ...rke2.rollout,
                gatekeeper: own.gatekeeper,
            },
            opts,
        ).resources;
    }

    /** RKE2's CoreDNS comes with RKE2, and is told what fits the release: so after an upgrade. */
    #answerForClusterset({ gatekeeper }: Kubernetes, opts: pulumi.ComponentResourceOptions): void {
        const { cilium, rke2 } = this.#args.cluster;
        if (cilium.clustersetDns !== true) return;
        new ClustersetDns(`${this.#name}-clusterset-dns`, { rke2Version: rke2.version, gatekeeper }, opts);
    }

    /** RKE2's CIS profile closes kube-system to everyone else. */
    #openMeshApi(opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource }): void {
        const { rke2, peers } = this.#args.cluster;
        if (rke2.config["profile"] !== "cis" || peers.length === 0) return;
        openMeshApi(`${this.#name}-mesh-api-open`, opts);
    }

    /** Peers connect to an address that was fixed while planning: whether the cluster really has it shows here. */
    #awaitMeshApi({ gatekeeper }: Kubernetes, after: readonly pulumi.Resource[]): pulumi.Resource {
        const { cilium, meshApi, loadBalancers } = this.#args.cluster;
        const { ciliumUpgrade } = this.#args.mesh;
        const trust = trustArgs(this.#args.mesh);
        const conditions = [
            // The mesh API of before answers too; the next cluster, or step of a rotation, begins when the new one does.
            ...(ciliumUpgrade === undefined && trust.trust === undefined ? [] : rolledOut(cilium)),
            ...meshApiConditions(meshApi),
        ];
        return waitFor(
            `${this.#name}-mesh-api-ready`,
            gatekeeper,
            { conditions, after: { cilium, meshApi, loadBalancers, ...trust } },
            // The pools and what announces them; nothing flows from them.
            { parent: this, dependsOn: [...after] },
        );
    }

    #families(): ("ipv4" | "ipv6")[] {
        return this.#args.cluster.podCidrs.map((text) =>
            parseCidr(text)?.family === "IPv6" ? "ipv6" : "ipv4",
        );
    }

    #passwords(bgp: Bgp): Record<string, pulumi.Output<string>> {
        return Object.fromEntries(
            Object.entries(peersOf(bgp)).flatMap(([name, { password }]) =>
                password === undefined ? [] : [[name, this.#args.secrets.get(password.fromConfig)]],
            ),
        );
    }
}

/** What serves other clusters, and what asks them, all of it as described last. */
function rolledOut({ hubble }: ClusterModel["cilium"]): Condition[] {
    return ["clustermesh-apiserver", ...(hubble.relay ? ["hubble-relay"] : [])].map((name) => ({
        kind: "rollout",
        workload: "deployment",
        namespace: "kube-system",
        name,
    }));
}

/** The parts of Hubble that need certificates; one that few have is not mentioned where it is not. */
function hubbleParts({ enabled, relay, ui, metrics, relayTls, metricsTls }: Hubble): HubbleParts {
    return {
        server: enabled,
        relay,
        ...(relayTls === true && relay ? { relayServer: true } : {}),
        ...(relayTls === true && ui ? { ui: true } : {}),
        ...(metricsTls === true && metrics.length > 0 ? { metrics: true } : {}),
    };
}

/** What a cluster has once its peers can reach it. */
function meshApiConditions(meshApi: MeshApi): Condition[] {
    const service = { namespace: "kube-system", service: "clustermesh-apiserver" } as const;
    return [
        { kind: "endpoint", ...service },
        ...(meshApi.type === "LoadBalancer"
            ? [{ kind: "address" as const, ...service, address: meshApi.address }]
            : []),
    ];
}
