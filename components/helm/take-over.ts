import * as pulumi from "@pulumi/pulumi";

import { notOurs, type WantedRelease } from "./interrupted.ts";
import { readReleaseRecord } from "./release-record.ts";

/**
 * Runs before a release is created, at `up` only. An `up` that was killed while Helm worked leaves Helm's record of the release
 * in the cluster, and Helm then refuses the name for ever. This forgets the record, so that Helm installs again; the objects
 * carry the release's name, and Helm takes them over. A release of somebody else is refused and left alone.
 */
export function takeOverInterrupted(
    wanted: WantedRelease,
    kubeconfig: pulumi.Input<string>,
): pulumi.ResourceHookFunction {
    // Known by the time that anything is created in the cluster, and looked at only then.
    const known = new Promise<string>((resolve) => {
        pulumi.output(kubeconfig).apply(resolve);
    });
    return async () => {
        // Loaded here: a plan or a preview has no use for it.
        const { CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
        const config = new KubeConfig();
        config.loadFromString(await known);
        const api = config.makeApiClient(CoreV1Api);
        const { name, namespace } = wanted;
        const { items } = await api.listNamespacedSecret({
            namespace,
            labelSelector: `owner=helm,name=${name}`,
        });
        const records = items.flatMap(({ data }) => data?.["release"] ?? []).map(readReleaseRecord);
        const problem = notOurs(wanted, records);
        if (problem !== undefined) throw new Error(problem);
        for (const { metadata } of items) {
            if (metadata?.name === undefined) continue;
            await api.deleteNamespacedSecret({ name: metadata.name, namespace });
            await pulumi.log.info(
                `forgot ${metadata.name}: an interrupted up left it, and Helm installs again`,
            );
        }
    };
}
