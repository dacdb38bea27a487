import * as pulumi from "@pulumi/pulumi";

import type { NodeSettings } from "../components/rke2/node-settings.ts";
import { proxyLines } from "../components/rke2/proxy.ts";
import { registriesYaml } from "../components/rke2/registries.ts";
import type { Rke2ClusterArgs } from "../components/rke2/rke2-cluster.ts";
import type { Cluster, Mesh, Registries } from "../model/resolved.ts";
import { flagOf } from "../model/support/rke2-types.ts";
import type { SecretSource } from "./secrets.ts";

/** What holds for all nodes of a cluster, as its component takes it. */
export function nodeSettings(cluster: Cluster, mesh: Mesh, secrets: SecretSource): NodeSettings {
    const { install, installUrl, registries, rollout, tokenGeneration, certificateGeneration } = cluster.rke2;
    const { address, kubeVip } = cluster.api;
    const proxy = proxyOf(cluster, mesh);
    return {
        install,
        installUrl,
        ...(registries === undefined ? {} : { registries: registriesText(registries, secrets) }),
        ...(proxy === "" ? {} : { proxy }),
        ...(kubeVip === undefined ? {} : { kubeVip: { ...kubeVip, address } }),
        preparation: {
            host: cluster.rke2.host,
            insideCidrs: insideCidrs(cluster, mesh),
            cilium: cluster.cilium,
            loadBalancers: cluster.loadBalancers,
            embeddedRegistry: flagOf(cluster.rke2.config["embedded-registry"] ?? false) ?? false,
        },
        rollout,
        upgradeBy: cluster.rke2.upgradeBy,
        tokenGeneration,
        certificateGeneration,
    };
}

/** The ranges of pods and Services of a cluster and its peers. */
function insideCidrs({ name, peers }: Cluster, { clusters }: Mesh): string[] {
    const names = [name, ...peers.map((peer) => peer.name)];
    return clusters
        .filter((cluster) => names.includes(cluster.name))
        .flatMap(({ podCidrs, serviceCidrs }) => [...podCidrs, ...serviceCidrs]);
}

/** RKE2's environment on each node; nothing without a proxy. */
export function proxyOf(cluster: Cluster, { clusters }: Mesh): string {
    const { rke2, podCidrs, serviceCidrs, clusterDomain, api, peers } = cluster;
    const names = [cluster.name, ...peers.map(({ name }) => name)];
    return proxyLines(rke2.proxy ?? {}, {
        podCidrs,
        serviceCidrs,
        nodeCidrs: clusters.filter(({ name }) => names.includes(name)).flatMap(({ nodeCidrs }) => nodeCidrs),
        clusterDomain,
        apiAddress: api.address,
    });
}

function registriesText(registries: Registries, secrets: SecretSource): pulumi.Output<string> {
    const named = Object.values(registries.configs ?? {}).flatMap(({ auth }) =>
        [auth?.password, auth?.token].flatMap((secret) => (secret === undefined ? [] : [secret.fromConfig])),
    );
    const values = Object.fromEntries(named.map((key) => [key, secrets.get(key)]));
    return pulumi.secret(pulumi.output(values).apply((texts) => registriesYaml(registries, texts)));
}

/** Snapshots of etcd, with the bucket's credentials in place of their names. */
export function snapshotArgs(
    { name, rke2: { snapshots = {} } }: Cluster,
    secrets: SecretSource,
): NonNullable<Rke2ClusterArgs["snapshots"]> {
    const { s3, ...schedule } = snapshots;
    if (s3 === undefined) return schedule;
    const { accessKey, secretKey, ...bucket } = s3;
    return {
        ...schedule,
        bucket: {
            ...bucket,
            folder: s3.folder ?? name,
            accessKey: secrets.get(accessKey.fromConfig),
            secretKey: secrets.get(secretKey.fromConfig),
        },
    };
}
