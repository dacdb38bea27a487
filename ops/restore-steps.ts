import { bashScript } from "../components/host/bash.ts";
import { supervisorUrl } from "../components/rke2/url.ts";

const SCRIPT = new URL("../components/rke2/scripts/restore.sh", import.meta.url);

/** When a host gives up a step: an API that starts with a large etcd takes minutes. */
export const STEP_SECONDS = 900;

/** A server, as far as a restore knows it. */
export interface RestoredServer {
    readonly name: string;
    /** Where the others find it. */
    readonly address: string;
}

/** Where a snapshot is. */
export interface SnapshotSource {
    readonly snapshot: string;
    /** @default - it is a file on the first server */
    readonly s3?: {
        readonly endpoint: string;
        readonly bucket: string;
        readonly region?: string;
        readonly folder: string;
        readonly accessKey: string;
        readonly secretKey: string;
    };
}

export interface Restore {
    /** Names this restore: hosts do nothing twice for the same one. */
    readonly id: string;
    readonly source: SnapshotSource;
    /** The server that has the snapshot. */
    readonly first: RestoredServer;
    readonly others: readonly RestoredServer[];
}

/** One step on one host. */
export interface RestoreStep {
    readonly name: "stop" | "reset" | "begin" | "rejoin" | "finish";
    readonly server: RestoredServer;
    /** What is done, for a person. */
    readonly text: string;
    /** For bash on the host. It may hold secrets. */
    readonly script: string;
}

/** Every step that changes something, in the order in which they are done. */
export function restoreSteps({ id, source, first, others }: Restore): RestoreStep[] {
    const step = (
        name: RestoreStep["name"],
        server: RestoredServer,
        text: string,
        variables: Readonly<Record<string, string>> = {},
    ): RestoreStep => ({
        name,
        server,
        text,
        script: stepScript(name, server.name, { RESTORE: id, ...variables }),
    });
    const stopping = "RKE2 ends here, and the pods of this server";
    return [
        ...others.map((server) => step("stop", server, stopping)),
        // If another server cannot be stopped, the one that has the snapshot is still as it was.
        step("stop", first, others.length === 0 ? stopping : `${stopping}; last, as it has the snapshot`),
        step(
            "reset",
            first,
            "etcd becomes what the snapshot holds, with this server alone",
            sourceVariables(source),
        ),
        step("begin", first, "RKE2 starts, and its API is awaited"),
        ...others.map((server) =>
            step("rejoin", server, `its etcd data is deleted, and it joins ${first.name} anew`, {
                SERVER_URL: supervisorUrl(first.address),
            }),
        ),
        step("finish", first, "the cluster's nodes are compared with the description"),
    ];
}

/** Asks a server whether it can be restored; the one that has the snapshot is asked for that, too. */
export function lookScript(server: string, source?: SnapshotSource): string {
    return stepScript("look", server, source === undefined ? {} : sourceVariables(source));
}

/** Asks a server which snapshots it has. */
export function listScript(server: string): string {
    return stepScript("list", server, {});
}

function stepScript(step: string, server: string, variables: Readonly<Record<string, string>>): string {
    return bashScript(SCRIPT, {
        STEP: step,
        ROLE: "server",
        NODE_NAME: server,
        SECONDS_MAX: String(STEP_SECONDS),
        ...variables,
    });
}

function sourceVariables({ snapshot, s3 }: SnapshotSource): Record<string, string> {
    if (s3 === undefined) return { SNAPSHOT: snapshot };
    return {
        SNAPSHOT: snapshot,
        S3_ENDPOINT: s3.endpoint,
        S3_BUCKET: s3.bucket,
        S3_REGION: s3.region ?? "",
        S3_FOLDER: s3.folder,
        S3_ACCESS_KEY: s3.accessKey,
        S3_SECRET_KEY: s3.secretKey,
    };
}
