import { compareVersions, minorOf } from "./version.ts";

/** The CoreDNS that an RKE2 release brings along. */
export interface BroughtCoredns {
    /** The version of the chart `rke2-coredns`. */
    readonly chart: string;
    /** The version of CoreDNS in it. */
    readonly coredns: string;
}

/**
 * Which releases bring which chart, as the release's own list of charts has it, and the CoreDNS of its image
 * (https://github.com/rancher/rke2: charts/chart_versions.yaml and scripts/build-images at the release's tag).
 */
const CHARTS: Readonly<Record<string, { readonly coredns: string; readonly releases: string }>> = {
    "1.29.004": { coredns: "1.11.1", releases: "v1.31.0+rke2r1" },
    "1.29.006": { coredns: "1.11.1", releases: "v1.31.1+rke2r1" },
    "1.33.000": { coredns: "1.11.1", releases: "v1.31.1+rke2r2" },
    "1.33.002": { coredns: "1.11.3", releases: "v1.31.2+rke2r1" },
    "1.33.005": { coredns: "1.11.3", releases: "v1.31.3+rke2r1" },
    "1.36.102": {
        coredns: "1.12.0",
        releases: "v1.31.4+rke2r1 v1.31.5+rke2r1 v1.31.6+rke2r1 v1.32.0+rke2r1 v1.32.1+rke2r1 v1.32.2+rke2r1",
    },
    "1.39.100": { coredns: "1.12.0", releases: "v1.31.7+rke2r1 v1.32.3+rke2r1" },
    "1.39.201": { coredns: "1.12.1", releases: "v1.31.8+rke2r1 v1.32.4+rke2r1 v1.33.0+rke2r1" },
    "1.42.000": { coredns: "1.12.1", releases: "v1.31.9+rke2r1 v1.32.5+rke2r1 v1.33.1+rke2r1" },
    "1.42.302": {
        coredns: "1.12.2",
        releases:
            "v1.31.10+rke2r1 v1.31.11+rke2r1 v1.32.6+rke2r1 v1.32.7+rke2r1 v1.33.2+rke2r1 v1.33.3+rke2r1",
    },
    "1.43.101": { coredns: "1.12.3", releases: "v1.31.12+rke2r1 v1.32.8+rke2r1 v1.33.4+rke2r1" },
    "1.43.302": {
        coredns: "1.12.3",
        releases: "v1.31.13+rke2r1 v1.32.9+rke2r1 v1.33.5+rke2r1 v1.34.1+rke2r1",
    },
    "1.44.300": {
        coredns: "1.13.1",
        releases: "v1.31.14+rke2r1 v1.32.10+rke2r1 v1.33.6+rke2r1 v1.34.2+rke2r1",
    },
    "1.45.003": {
        coredns: "1.13.1",
        releases: "v1.31.14+rke2r2 v1.32.11+rke2r1 v1.33.7+rke2r1 v1.34.3+rke2r1 v1.35.0+rke2r1",
    },
    "1.45.008": {
        coredns: "1.14.1",
        releases:
            "v1.32.11+rke2r2 v1.32.11+rke2r3 v1.33.7+rke2r2 v1.33.7+rke2r3 v1.34.3+rke2r2 v1.34.3+rke2r3 v1.35.0+rke2r2 v1.35.0+rke2r3",
    },
    "1.45.201": {
        coredns: "1.14.1",
        releases:
            "v1.32.12+rke2r1 v1.32.13+rke2r1 v1.33.8+rke2r1 v1.33.9+rke2r1 v1.34.4+rke2r1 v1.34.5+rke2r1 v1.35.1+rke2r1 v1.35.2+rke2r1",
    },
    "1.45.205": {
        coredns: "1.14.2",
        releases:
            "v1.32.13+rke2r2 v1.33.10+rke2r1 v1.33.10+rke2r2 v1.33.10+rke2r3 v1.34.6+rke2r1 v1.34.6+rke2r2 v1.34.6+rke2r3 v1.35.3+rke2r1 v1.35.3+rke2r2 v1.35.3+rke2r3",
    },
    "1.45.209": { coredns: "1.14.2", releases: "v1.33.11+rke2r1 v1.34.7+rke2r1 v1.35.4+rke2r1" },
    "1.45.212": {
        coredns: "1.14.3",
        releases:
            "v1.33.12+rke2r1 v1.33.12+rke2r2 v1.34.8+rke2r1 v1.34.8+rke2r2 v1.35.5+rke2r1 v1.35.5+rke2r2 v1.36.0+rke2r1 v1.36.1+rke2r1 v1.36.1+rke2r2",
    },
    "1.46.002": {
        coredns: "1.14.4",
        releases: "v1.33.13+rke2r1 v1.34.9+rke2r1 v1.35.6+rke2r1 v1.36.2+rke2r1",
    },
    "1.46.201": {
        coredns: "1.14.6",
        releases: "v1.33.13+rke2r2 v1.34.10+rke2r1 v1.35.7+rke2r1 v1.36.3+rke2r1",
    },
};

const CHART_OF_RELEASE = new Map(
    Object.entries(CHARTS).flatMap(([chart, { coredns, releases }]) =>
        releases.split(" ").map((release) => [release, { chart, coredns }] as const),
    ),
);

/** The first CoreDNS whose plugin `kubernetes` knows zones of several clusters (https://github.com/coredns/coredns: notes/coredns-1.12.2.md). */
export const CLUSTERSETS_SINCE = "1.12.2";

/** What an RKE2 release brings; `undefined` for one that this program does not know. */
export function broughtCoredns(rke2Version: string): BroughtCoredns | undefined {
    return CHART_OF_RELEASE.get(rke2Version);
}

/** Whether a CoreDNS can answer for a set of clusters. */
export function knowsClustersets({ coredns }: BroughtCoredns): boolean {
    return compareVersions(coredns, CLUSTERSETS_SINCE) >= 0;
}

/** The releases of an RKE2 minor version whose CoreDNS can, oldest first. */
export function releasesWithClustersets(rke2Minor: number): string[] {
    return [...CHART_OF_RELEASE]
        .filter(([release, brought]) => minorOf(release) === rke2Minor && knowsClustersets(brought))
        .map(([release]) => release)
        .sort(compareVersions);
}
