import { announcePath, clusterPath } from "./paths.ts";
import type { Cluster, Mesh, SecretRef, SshTarget } from "./resolved.ts";

/** A secret that a mesh needs from the stack's configuration. */
export interface NeededSecret {
    readonly key: string;
    /** What it must look like. */
    readonly kind: "text" | "private key";
    /** The first place that names it. */
    readonly path: string;
}

/** Every secret a mesh names, each once, in the order of the description. */
export function neededSecrets({ clusters }: Mesh): NeededSecret[] {
    return firstOfEach(clusters.flatMap(secretsOf), ({ key }) => key);
}

/** The private key files that a mesh names, each once. */
export function neededKeyFiles({ clusters }: Mesh): { file: string; path: string }[] {
    const files = clusters.flatMap((cluster) =>
        sshTargets(cluster).flatMap(({ target: { auth }, path }) =>
            "privateKeyFile" in auth
                ? [{ file: auth.privateKeyFile, path: `${path}.auth.privateKeyFile` }]
                : [],
        ),
    );
    return firstOfEach(files, ({ file }) => file);
}

function secretsOf(cluster: Cluster): NeededSecret[] {
    const { encryption } = cluster.cilium;
    const text = (secret: SecretRef | undefined, path: string): NeededSecret[] =>
        secret === undefined ? [] : [{ key: secret.fromConfig, kind: "text", path }];
    return [
        ...sshTargets(cluster).flatMap(({ target: { auth }, path }): NeededSecret[] =>
            "agent" in auth
                ? []
                : [
                      ...("privateKey" in auth
                          ? [
                                {
                                    key: auth.privateKey.fromConfig,
                                    kind: "private key" as const,
                                    path: `${path}.auth.privateKey`,
                                },
                            ]
                          : []),
                      ...text(auth.passphrase, `${path}.auth.passphrase`),
                  ],
        ),
        ...text(cluster.token, `${clusterPath(cluster)}.token`),
        ...rke2Secrets(cluster).flatMap(({ secret, path }) => text(secret, path)),
        ...(encryption.type === "ipsec"
            ? text(encryption.key, `${clusterPath(cluster)}.cilium.encryption.key`)
            : []),
        ...cluster.loadBalancers.flatMap((loadBalancer) =>
            loadBalancer.announce.mode === "bgp"
                ? Object.entries(loadBalancer.announce.peers).flatMap(([peer, { password }]) =>
                      text(password, `${announcePath(cluster, loadBalancer)}.peers.${peer}.password`),
                  )
                : [],
        ),
    ];
}

function rke2Secrets(cluster: Cluster): { secret: SecretRef | undefined; path: string }[] {
    const { registries, snapshots } = cluster.rke2;
    const at = `${clusterPath(cluster)}.rke2`;
    return [
        ...Object.entries(registries?.configs ?? {}).flatMap(([host, { auth }]) =>
            (["password", "token"] as const).map((key) => ({
                secret: auth?.[key],
                path: `${at}.registries.configs.${host}.auth.${key}`,
            })),
        ),
        ...(["accessKey", "secretKey"] as const).map((key) => ({
            secret: snapshots?.s3?.[key],
            path: `${at}.snapshots.s3.${key}`,
        })),
    ];
}

function sshTargets(cluster: Cluster): { target: SshTarget; path: string }[] {
    const path = `${clusterPath(cluster)}.ssh`;
    return [...cluster.servers, ...cluster.agents].flatMap(({ ssh }) => [
        { target: ssh, path },
        ...(ssh.jumpHost === undefined ? [] : [{ target: ssh.jumpHost, path: `${path}.jumpHost` }]),
    ]);
}

function firstOfEach<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
    const found = new Map<string, Item>();
    for (const item of items) if (!found.has(keyOf(item))) found.set(keyOf(item), item);
    return [...found.values()];
}
