import { Fatal } from "./fatal.ts";

/** A release of RKE2, as `v1.34.3+rke2r1`. */
export interface Release {
    readonly minor: number;
    readonly patch: number;
    readonly build: number;
}

/** The minors of Kubernetes that the lab has RKE2 for: it all runs on one real API server. */
const MINORS = { first: 32, last: 36 } as const;

/** The release with this name, or `undefined` for a name that is none of the lab's. */
export function knownRelease(version: string): Release | undefined {
    const [, minor, patch, build] = /^v1\.(\d+)\.(\d+)\+rke2r(\d+)$/.exec(version) ?? [];
    const release = { minor: Number(minor), patch: Number(patch), build: Number(build) };
    return release.minor >= MINORS.first && release.minor <= MINORS.last ? release : undefined;
}

/** The release with this name, or an error that says which names there are. */
export function parseRelease(version: string): Release {
    const release = knownRelease(version);
    if (release !== undefined) return release;
    throw new Fatal(
        `"${version}" is no version of RKE2 that the lab has: write one of 1.${MINORS.first} to 1.${MINORS.last} as "v1.35.4+rke2r1"`,
    );
}

/** The tag of the etcd image that a release brings. */
export function etcdTag(version: string): string {
    const { minor, patch } = parseRelease(version);
    if (minor >= 35) return "v3.6.7-k3s1-build20260126";
    if (minor === 34) return patch >= 4 ? "v3.6.7-k3s1-build20260126" : "v3.6.5-k3s1-build20251017";
    // The releases of January 2026: before them, etcd's two notes of its members could differ.
    const repaired = minor === 33 ? patch >= 8 : patch >= 12;
    return repaired ? "v3.5.26-k3s1-build20260126" : "v3.5.21-k3s1-build20250612";
}

/** Ends an agent that is newer than its servers: Kubernetes allows a kubelet to be older, and never newer. */
export function refuseNewerKubelet(own: string, server: string): void {
    if (parseRelease(own).minor <= parseRelease(server).minor) return;
    throw new NewerKubelet(
        `kubelet version ${own} is newer than the cluster's API server ${server}: a kubelet must not be newer than kube-apiserver. Upgrade the servers first`,
    );
}

/** What no other server would answer differently. */
export class NewerKubelet extends Fatal {}

/** Ends a server that must not go on with the data of these others, or with its own of an earlier release. */
export function refuseSkew(own: string, recorded: ReadonlyMap<string, string>): void {
    const mine = parseRelease(own);
    const [mineMajor, mineMinor] = etcdNumbers(own);
    for (const [node, version] of recorded) {
        const { minor } = parseRelease(version);
        const [, etcdMinor, etcdPatch] = etcdNumbers(version);
        if (mine.minor > minor + 1) {
            throw new Fatal(
                `this server is ${own} and ${node} has last run ${version}: no minor version of Kubernetes may be skipped`,
            );
        }
        if (mineMinor < etcdMinor) {
            throw new Fatal(
                `etcd: cannot downgrade: etcd ${mineMajor}.${mineMinor} is lower than the determined cluster version ${mineMajor}.${etcdMinor} (${node} has last run ${version})`,
            );
        }
        if (mineMinor > etcdMinor && etcdPatch < 26) {
            throw new Fatal(
                `etcd: the members that etcd ${mineMajor}.${etcdMinor}.${etcdPatch} has left may not be those of its cluster: etcd 3.5.26 must have run before 3.6 (${node} has last run ${version})`,
            );
        }
    }
}

function etcdNumbers(version: string): [number, number, number] {
    const [, major, minor, patch] = /^v(\d+)\.(\d+)\.(\d+)/.exec(etcdTag(version)) ?? [];
    return [Number(major), Number(minor), Number(patch)];
}
