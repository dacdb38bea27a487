import { isDeepStrictEqual } from "node:util";

import type { ReleaseRecord } from "./release-record.ts";

/** What is about to be installed. */
export interface WantedRelease {
    readonly name: string;
    readonly namespace: string;
    readonly chart: string;
    readonly version: string;
    readonly values: object;
}

/**
 * Why a release that a cluster has already is not one of ours that was cut off; nothing if it is. Ours has the very chart and
 * values that are wanted now: whoever installed those by hand loses nothing either.
 */
export function notOurs(wanted: WantedRelease, records: readonly ReleaseRecord[]): string | undefined {
    const found = records.toSorted((a, b) => a.version - b.version).at(-1);
    if (found === undefined) return undefined;
    const { chart, config, info } = found;
    const same =
        chart.metadata.name === wanted.chart &&
        chart.metadata.version === wanted.version &&
        isDeepStrictEqual(config ?? {}, JSON.parse(JSON.stringify(wanted.values)));
    if (same) return undefined;
    return (
        `the cluster has a Helm release ${wanted.name} in ${wanted.namespace} (chart ${chart.metadata.name} ` +
        `${chart.metadata.version}, ${info.status}) that this stack does not know, and whose version or values are not those wanted.\n` +
        `    fix: if it is left from an up that was interrupted before the description changed, run: ` +
        `helm uninstall ${wanted.name} --namespace ${wanted.namespace}\n` +
        `    if somebody else installed it, it is theirs to move: this program installs its own`
    );
}
