import { compareVersions, minorOf } from "./version.ts";

/** The Cilium that an RKE2 release brings along. */
export interface BundledCilium {
    /** The version of the chart `rke2-cilium`: of its last number, the last two digits count packagings. */
    readonly chart: string;
    /** The version of Cilium in it. */
    readonly cilium: string;
}

/**
 * Which releases bring which chart, as the release's own list of charts has it
 * (https://github.com/rancher/rke2/blob/master/charts/chart_versions.yaml, at the release's tag). A patch of RKE2 may bring
 * another minor version of Cilium.
 */
const RELEASES_OF_CHART: Readonly<Record<string, string>> = {
    "1.16.101": "v1.31.0+rke2r1",
    "1.16.104": "v1.31.1+rke2r1",
    "1.16.201": "v1.31.1+rke2r2 v1.31.2+rke2r1",
    "1.16.303": "v1.31.3+rke2r1",
    "1.16.400": "v1.31.4+rke2r1 v1.32.0+rke2r1",
    "1.16.501": "v1.31.5+rke2r1 v1.32.1+rke2r1",
    "1.17.000": "v1.31.6+rke2r1 v1.32.2+rke2r1",
    "1.17.100": "v1.31.7+rke2r1 v1.32.3+rke2r1",
    "1.17.300": "v1.31.8+rke2r1 v1.32.4+rke2r1 v1.33.0+rke2r1",
    "1.17.301": "v1.31.9+rke2r1 v1.32.5+rke2r1 v1.33.1+rke2r1",
    "1.17.401": "v1.31.10+rke2r1 v1.32.6+rke2r1 v1.33.2+rke2r1",
    "1.17.600": "v1.31.11+rke2r1 v1.32.7+rke2r1 v1.33.3+rke2r1",
    "1.18.000": "v1.31.12+rke2r1 v1.32.8+rke2r1 v1.33.4+rke2r1",
    "1.18.103": "v1.31.13+rke2r1 v1.32.9+rke2r1 v1.33.5+rke2r1 v1.34.1+rke2r1",
    "1.18.300": "v1.31.14+rke2r1 v1.32.10+rke2r1 v1.33.6+rke2r1 v1.34.2+rke2r1",
    "1.18.401": "v1.31.14+rke2r2 v1.32.11+rke2r1 v1.33.7+rke2r1 v1.34.3+rke2r1 v1.35.0+rke2r1",
    "1.18.601":
        "v1.32.11+rke2r2 v1.32.11+rke2r3 v1.33.7+rke2r2 v1.33.7+rke2r3 v1.34.3+rke2r2 v1.34.3+rke2r3 v1.35.0+rke2r2 v1.35.0+rke2r3",
    "1.19.001": "v1.32.12+rke2r1 v1.33.8+rke2r1 v1.34.4+rke2r1 v1.35.1+rke2r1",
    "1.19.100": "v1.32.13+rke2r1 v1.33.9+rke2r1 v1.34.5+rke2r1 v1.35.2+rke2r1",
    "1.19.101":
        "v1.32.13+rke2r2 v1.33.10+rke2r1 v1.33.10+rke2r2 v1.33.10+rke2r3 v1.34.6+rke2r1 v1.34.6+rke2r2 v1.34.6+rke2r3 v1.35.3+rke2r1 v1.35.3+rke2r2 v1.35.3+rke2r3",
    "1.19.300": "v1.33.11+rke2r1 v1.34.7+rke2r1 v1.35.4+rke2r1",
    "1.19.303":
        "v1.33.12+rke2r1 v1.33.12+rke2r2 v1.34.8+rke2r1 v1.34.8+rke2r2 v1.35.5+rke2r1 v1.35.5+rke2r2 v1.36.0+rke2r1 v1.36.1+rke2r1 v1.36.1+rke2r2",
    "1.19.402": "v1.33.13+rke2r1 v1.34.9+rke2r1 v1.35.6+rke2r1 v1.36.2+rke2r1",
    "1.19.601": "v1.33.13+rke2r2 v1.34.10+rke2r1 v1.35.7+rke2r1 v1.36.3+rke2r1",
};

const CHART_OF_RELEASE = new Map(
    Object.entries(RELEASES_OF_CHART).flatMap(([chart, releases]) =>
        releases.split(" ").map((release) => [release, chart] as const),
    ),
);

/** What an RKE2 release brings; `undefined` for one that this program does not know. */
export function bundledCilium(rke2Version: string): BundledCilium | undefined {
    const chart = CHART_OF_RELEASE.get(rke2Version);
    return chart === undefined ? undefined : { chart, cilium: ciliumOfChart(chart) };
}

/** The newest release of an RKE2 minor version that brings a Cilium; `undefined` where none is known. */
export function releaseWith(cilium: string, rke2Minor: number): string | undefined {
    return [...CHART_OF_RELEASE]
        .filter(([release, chart]) => minorOf(release) === rke2Minor && ciliumOfChart(chart) === cilium)
        .map(([release]) => release)
        .sort(compareVersions)
        .at(-1);
}

/** 1.19.601 is the first packaging of 1.19.6. */
function ciliumOfChart(chart: string): string {
    return chart.replace(/\d\d$/, "");
}
