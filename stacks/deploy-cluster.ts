import * as pulumi from "@pulumi/pulumi";

import { BgpControlPlane } from "../components/announcing/bgp-control-plane.ts";
import { L2Announcements } from "../components/announcing/l2-announcements.ts";
import { bundledFirst } from "../components/cilium/bundled-cilium.ts";
import { bundledChangeProblems } from "../components/cilium/changes.ts";
import { Cilium, type CiliumArgs } from "../components/cilium/cilium.ts";
import { KEEP_OLD_KEY, type IpsecKey } from "../components/cilium/ipsec-key.ts";
import { openMeshApi } from "../components/cilium/mesh-api-policy.ts";
import { EgressAddresses } from "../components/egress/egress-addresses.ts";
import { EgressGateway } from "../components/egress/egress-gateway.ts";
import { waitFor, type Condition } from "../components/gate/wait-for.ts";
import { LbIpam } from "../components/load-balancing/lb-ipam.ts";
import { MetalLb } from "../components/load-balancing/metal-lb.ts";
import { refuseChanges } from "../components/rke2/changes.ts";
import { Rke2Cluster, type Rke2ClusterArgs } from "../components/rke2/rke2-cluster.ts";
import { SystemUpgrade } from "../components/rke2/system-upgrade.ts";
import { ClusterCertificates } from "../components/tls/cluster-certificates.ts";
import type { HubbleParts } from "../components/tls/leaf.ts";
import type { SharedCa } from "../components/tls/shared-ca.ts";
import { meshApiAddresses } from "../model/mesh-api.ts";
import { parseCidr } from "../model/net/range.ts";
import type { Bgp, Cluster as ClusterModel, Hubble, LoadBalancer, Mesh, MeshApi } from "../model/resolved.ts";
import { peersOf } from "../model/support/bgp-instances.ts";
import { isRotated, trustOf, type Trust } from "../model/trust.ts";
import { warnBeforeLeavesEnd } from "./certificate-end.ts";
import { warnBeforeEnd } from "./kubeconfig-end.ts";
import { nodeSettings, snapshotArgs } from "./node-settings.ts";
import type { SecretSource } from "./secrets.ts";
import { sshArgs } from "./ssh.ts";

const TYPE = "multicluster:mesh:Cluster";

export interface ClusterArgs {
    /** The cluster, as the mesh was resolved. */
    readonly cluster: ClusterModel;
    /** The mesh it is a member of. */
    readonly mesh: Mesh;
    /** The CA of the mesh. */
    readonly ca: SharedCa;
    /** The token that lets nodes join. */
    readonly token: pulumi.Input<string>;
    /** The key of IPsec, where it is made here. @default - one that is brought, or none */
    readonly ipsecKey?: Pick<IpsecKey, "key">;
    /** Where its other secrets come from. */
    readonly secrets: SecretSource;
    /** What must be there before any of its hosts is changed. @default - nothing */
    readonly checked?: readonly pulumi.Resource[];
    /** What must be there before its Cilium changes. @default - nothing */
    readonly after?: readonly pulumi.Resource[];
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
    /** When its certificates end, by their names. */
    readonly certificateEnds: ReadonlyMap<string, pulumi.Output<string>>;

    readonly #name: string;
    readonly #args: ClusterArgs;

    constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        const { id, rke2, cilium, meshApi, peers } = args.cluster;
        // Not `id`: the SDK drops inputs of that name.
        const shown = {
            clusterId: id,
            rke2Version: rke2.version,
            ciliumVersion: cilium.version,
            meshApi,
            peers,
            // Shown where it must be known before the nodes change.
            ...("bundled" in cilium.chart
                ? { ciliumBundled: true, upgradeCompatibility: cilium.upgradeCompatibility }
                : {}),
        };
        const guard = refuseChanges(
            `${name}-bundled`,
            `clusters.${args.cluster.name}`,
            "kubeconfig",
            (before, after) => bundledChangeProblems(before, after, args.mesh.ciliumUpgrade?.from),
        );
        super(TYPE, name, shown, pulumi.mergeOptions(opts, guard));
        this.#name = name;
        this.#args = args;

        const kubernetes = this.#createKubernetes();
        const inside = { parent: this, providers: { kubernetes: kubernetes.provider } };
        const certificates = this.#createCertificates(kubernetes, inside);
        const network = this.#createNetwork(kubernetes, {
            ...inside,
            // Its pods mount the Secrets, and its operators want two nodes; neither is seen in the chart's values.
            dependsOn: [
                ...certificates.secrets,
                ...kubernetes.nodes,
                kubernetes.complete,
                ...(args.after ?? []),
            ],
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
        this.#upgrade(kubernetes, { ...inside, dependsOn: network.ready });
        this.healthy = this.#awaitMeshApi(kubernetes, [network.ready, ...addresses]);

        this.certificateEnds = certificates.ends;
        const { leafEarlyRenewalHours } = args.mesh.certificates;
        warnBeforeLeavesEnd(args.cluster.name, certificates, leafEarlyRenewalHours);
        warnBeforeEnd(args.cluster.name, kubernetes.kubeconfig, this);
        this.kubeconfig = kubernetes.kubeconfig;
        this.registerOutputs({ kubeconfig: this.kubeconfig });
    }

    #createKubernetes(): Rke2Cluster {
        const { cluster, mesh, token, secrets } = this.#args;
        const { cni, checked } = this.#prepareNetwork();
        const { podCidrs, serviceCidrs, clusterDomain, rke2 } = cluster;
        const nodes = (some: ClusterModel["servers"]) =>
            some.map(({ role, ssh, ...node }) => ({ ...node, ssh: sshArgs(ssh, secrets) }));
        return new Rke2Cluster(
            this.#name,
            {
                clusterName: cluster.name,
                version: rke2.version,
                settings: nodeSettings(cluster, mesh, secrets),
                ...(rke2.snapshots === undefined ? {} : { snapshots: snapshotArgs(cluster, secrets) }),
                config: rke2.config,
                servers: nodes(cluster.servers),
                agents: nodes(cluster.agents),
                podCidrs,
                serviceCidrs,
                clusterDomain,
                apiAddress: cluster.api.address,
                meshPlace: { id: cluster.id, maxConnectedClusters: mesh.maxConnectedClusters },
                token,
                ...(cni === undefined ? {} : { cni }),
                ...(checked === undefined ? {} : { checked }),
            },
            { parent: this },
        );
    }

    /**
     * What must be there before any host is changed. RKE2's own Cilium is installed by the first server's first start, and comes
     * to another version with RKE2: so its configuration is there before, and an upgrade keeps its order here already.
     */
    #prepareNetwork(): Pick<Rke2ClusterArgs, "cni" | "checked"> {
        const { cluster, secrets, checked, after = [] } = this.#args;
        const first = cluster.servers.find(({ lost }) => !lost);
        if (!("bundled" in cluster.cilium.chart) || first === undefined) {
            return checked === undefined ? {} : { checked };
        }
        const file = bundledFirst(
            `${this.#name}-cilium-first`,
            { name: first.name, ssh: sshArgs(first.ssh, secrets) },
            this.#ciliumArgs(),
            { parent: this, dependsOn: [...(checked ?? []), ...after] },
        );
        return { cni: "cilium", checked: [...(checked ?? []), ...after, file] };
    }

    #createCertificates(
        { complete }: Rke2Cluster,
        opts: pulumi.ComponentResourceOptions,
    ): ClusterCertificates {
        const { cluster, mesh, ca } = this.#args;
        const { cilium } = cluster;
        return new ClusterCertificates(
            `${this.#name}-certificates`,
            {
                clusterName: cluster.name,
                ciliumVersion: cilium.version,
                authMode: cilium.authMode,
                ca,
                validityHours: mesh.certificates.leafValidityHours,
                earlyRenewalHours: mesh.certificates.leafEarlyRenewalHours,
                hubble: hubbleParts(cilium.hubble),
                // Peers are told an address or a name, and verify it.
                extraServerNames: {
                    ipAddresses: meshApiAddresses(cluster),
                    ...(cluster.meshApi.names === undefined ? {} : { dnsNames: cluster.meshApi.names }),
                },
                // An API that several servers share answers as long as none of them is on its way out.
                after: [complete],
            },
            opts,
        );
    }

    #createNetwork({ gatekeeper, kubeconfig }: Rke2Cluster, opts: pulumi.ComponentResourceOptions): Cilium {
        return new Cilium(`${this.#name}-cilium`, { ...this.#ciliumArgs(), gatekeeper, kubeconfig }, opts);
    }

    #ciliumArgs(): CiliumArgs {
        const { cluster, mesh, secrets } = this.#args;
        const { podCidrs, clusterDomain, meshApi, loadBalancers, peers } = cluster;
        const { encryption, ...cilium } = cluster.cilium;
        const ipsecKey = this.#args.ipsecKey?.key;
        return {
            ...cilium,
            clusterName: cluster.name,
            clusterId: cluster.id,
            maxConnectedClusters: mesh.maxConnectedClusters,
            podCidrs,
            clusterDomain,
            meshApi,
            loadBalancers,
            peers,
            ...this.#trust(),
            ...(encryption.type === "ipsec"
                ? encryption.key === undefined
                    ? { encryption: { type: "ipsec", keepOldKey: KEEP_OLD_KEY }, ipsecKey }
                    : { encryption: { type: "ipsec" }, ipsecKey: secrets.get(encryption.key.fromConfig) }
                : { encryption }),
            ...(mesh.ciliumUpgrade === undefined ? {} : { upgradeFrom: mesh.ciliumUpgrade.from }),
        };
    }

    #createLoadBalancer(
        { provider, pools, announce, metalLb, loadBalancerClass }: LoadBalancer,
        { gatekeeper, kubeconfig }: Rke2Cluster,
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
        { nodes }: Rke2Cluster,
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
    #upgrade({ gatekeeper }: Rke2Cluster, opts: pulumi.ComponentResourceOptions): void {
        const { servers, agents, rke2 } = this.#args.cluster;
        if (rke2.upgradeBy !== "system-upgrade-controller") return;
        const names = (nodes: ClusterModel["servers"]) =>
            nodes.filter(({ lost }) => !lost).map(({ name }) => name);
        new SystemUpgrade(
            `${this.#name}-upgrade`,
            {
                version: rke2.version,
                install: rke2.install,
                servers: names(servers),
                agents: names(agents),
                ...rke2.rollout,
                gatekeeper,
            },
            opts,
        );
    }

    /** RKE2's CIS profile closes kube-system to everyone else. */
    #openMeshApi(opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource }): void {
        const { rke2, peers } = this.#args.cluster;
        if (rke2.config["profile"] !== "cis" || peers.length === 0) return;
        openMeshApi(`${this.#name}-mesh-api-open`, opts);
    }

    /** Peers connect to an address that was fixed while planning: whether the cluster really has it shows here. */
    #awaitMeshApi({ gatekeeper }: Rke2Cluster, after: readonly pulumi.Resource[]): pulumi.Resource {
        const { cilium, meshApi, loadBalancers } = this.#args.cluster;
        const { ciliumUpgrade } = this.#args.mesh;
        const trust = this.#trust();
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

    /** Whom the cluster trusts, once the mesh has another CA than its first. */
    #trust(): { readonly trust?: Trust } {
        const trust = trustOf(this.#args.mesh.certificates);
        return isRotated(trust) ? { trust } : {};
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
