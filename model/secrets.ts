import { announcePath, clusterPath } from "./paths.ts";
import type { Cluster, Mesh, SecretRef, SshTarget } from "./resolved.ts";
import { broughtIn } from "./trust.ts";
import { neighboursOf } from "./support/bgp-instances.ts";

/** A secret that a mesh needs from the stack's configuration. */
export interface NeededSecret {
    readonly key: string;
    /** What it must look like. */
    readonly kind: "text" | "private key" | "IPsec key" | "kubeconfig";
    /** The first place that names it. */
    readonly path: string;
    /** The certificate that a private key must belong to; it must then have no passphrase. @default - none */
    readonly certificate?: string;
}

/** A private key file on the machine that runs Pulumi. */
export interface NeededKeyFile {
    readonly file: string;
    /** The first place that names it. */
    readonly path: string;
    /** The certificate that it must belong to; it must then have no passphrase. @default - none */
    readonly certificate?: string;
}

/** Every secret a mesh names, each once, in the order of the description. */
export function neededSecrets({ clusters, certificates }: Mesh): NeededSecret[] {
    const ofCas = broughtIn(certificates).flatMap(({ path, brought: ca }): NeededSecret[] =>
        "privateKey" in ca
            ? [
                  {
                      key: ca.privateKey.fromConfig,
                      kind: "private key",
                      path: `${path}.privateKey`,
                      certificate: ca.certificate,
                  },
              ]
            : [],
    );
    return firstOfEach([...ofCas, ...clusters.flatMap(secretsOf)], ({ key }) => key);
}

/** The private key files that a mesh names, each once. */
export function neededKeyFiles({ clusters, certificates }: Mesh): NeededKeyFile[] {
    const ofCas = broughtIn(certificates).flatMap(({ path, brought: ca }): NeededKeyFile[] =>
        "privateKeyFile" in ca
            ? [{ file: ca.privateKeyFile, path: `${path}.privateKeyFile`, certificate: ca.certificate }]
            : [],
    );
    const files = clusters.flatMap((cluster) =>
        sshTargets(cluster).flatMap(({ target: { auth }, path }) =>
            "privateKeyFile" in auth
                ? [{ file: auth.privateKeyFile, path: `${path}.auth.privateKeyFile` }]
                : [],
        ),
    );
    return firstOfEach<NeededKeyFile>([...ofCas, ...files], ({ file }) => file);
}

/** The kubeconfig files that a mesh names, each once, on the machine that runs Pulumi. */
export function neededKubeconfigFiles({ clusters }: Mesh): NeededKeyFile[] {
    const files = clusters.flatMap((cluster) => {
        const source = cluster.kubernetes?.kubeconfig;
        return source !== undefined && "file" in source
            ? [{ file: source.file, path: `${clusterPath(cluster)}.kubernetes.kubeconfig.file` }]
            : [];
    });
    return firstOfEach<NeededKeyFile>(files, ({ file }) => file);
}

function secretsOf(cluster: Cluster): NeededSecret[] {
    const { encryption } = cluster.cilium;
    const kubeconfig = cluster.kubernetes?.kubeconfig;
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
        ...(kubeconfig !== undefined && "fromConfig" in kubeconfig
            ? [
                  {
                      key: kubeconfig.fromConfig,
                      kind: "kubeconfig" as const,
                      path: `${clusterPath(cluster)}.kubernetes.kubeconfig`,
                  },
              ]
            : []),
        ...text(cluster.token, `${clusterPath(cluster)}.token`),
        ...rke2Secrets(cluster).flatMap(({ secret, path }) => text(secret, path)),
        ...(encryption.type === "ipsec"
            ? text(encryption.key, `${clusterPath(cluster)}.cilium.encryption.key`).map((needed) => ({
                  ...needed,
                  kind: "IPsec key" as const,
              }))
            : []),
        ...cluster.loadBalancers.flatMap((loadBalancer) =>
            loadBalancer.announce.mode === "bgp"
                ? neighboursOf(loadBalancer.announce).flatMap(({ at, peer }) =>
                      text(peer.password, `${announcePath(cluster, loadBalancer)}${at}.password`),
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
