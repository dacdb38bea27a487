/** How one cluster's mesh API sees another cluster. */
export interface PairState {
    readonly from: string;
    readonly to: string;
    /** Whether kvstoremesh in `from` is connected to the mesh API of `to`, and has all that it needs of it. */
    readonly ready: boolean;
    /** Why nothing is known of it. */
    readonly reason?: string;
}

const READY = /^cilium_kvstoremesh_remote_cluster_readiness_status\{(.*)\} ([01])$/;

/** Whether each peer is ready, by its name: what kvstoremesh says in its metrics. */
export function readPairs(metrics: string): ReadonlyMap<string, boolean> {
    return new Map(
        metrics.split("\n").flatMap((line) => {
            const [, labels = "", value] = READY.exec(line) ?? [];
            const peer = /(?:^|,)target_cluster="([^"]*)"/.exec(labels)?.[1];
            return peer === undefined ? [] : [[peer, value === "1"] as const];
        }),
    );
}
