import type { Release } from "./program.ts";

/** The processor in the names of released files; most projects call it as Go does. */
const ARCH = process.arch === "x64" ? "amd64" : process.arch;

/** https://www.pulumi.com/docs/iac/download-install/versions/ */
export function pulumiRelease(version: string): Release {
    const folder = "https://get.pulumi.com/releases/sdk";
    return {
        version,
        url: `${folder}/pulumi-v${version}-linux-${process.arch}.tar.gz`,
        checksums: `${folder}/pulumi-${version}-checksums.txt`,
        member: "pulumi/pulumi",
    };
}

/** https://github.com/pulumi/pulumi-kubernetes/releases */
export function kubernetesProviderRelease(version: string): Release {
    const folder = `https://github.com/pulumi/pulumi-kubernetes/releases/download/v${version}`;
    return {
        version,
        url: `${folder}/pulumi-resource-kubernetes-v${version}-linux-${ARCH}.tar.gz`,
        checksums: `${folder}/pulumi-kubernetes_${version}_checksums.txt`,
        member: "pulumi-resource-kubernetes",
    };
}

/** https://kubernetes.io/releases/download/ */
export function kubernetesRelease(name: string, version: string): Release {
    const url = `https://dl.k8s.io/v${version}/bin/linux/${ARCH}/${name}`;
    return { version, url, checksums: `${url}.sha256` };
}

/** https://helm.sh/docs/intro/install/ */
export function helmRelease(version: string): Release {
    const url = `https://get.helm.sh/helm-v${version}-linux-${ARCH}.tar.gz`;
    return { version, url, checksums: `${url}.sha256sum`, member: `linux-${ARCH}/helm` };
}

/** https://etcd.io/docs/latest/install/ */
export function etcdRelease(name: string, version: string): Release {
    const folder = `https://github.com/etcd-io/etcd/releases/download/v${version}`;
    const archive = `etcd-v${version}-linux-${ARCH}`;
    return {
        version,
        url: `${folder}/${archive}.tar.gz`,
        checksums: `${folder}/SHA256SUMS`,
        member: `${archive}/${name}`,
    };
}
