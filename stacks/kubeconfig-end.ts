import * as pulumi from "@pulumi/pulumi";

import { kubeconfigWarning } from "../components/rke2/kubeconfig-life.ts";

/** Warns of a kubeconfig that will soon be of no use; in a preview, too, where it is in the state. */
export function warnBeforeEnd(
    clusterName: string,
    kubeconfig: pulumi.Output<string>,
    cluster: pulumi.Resource,
): void {
    kubeconfig.apply(async (text) => {
        const warning = kubeconfigWarning(clusterName, text, Date.now());
        if (warning !== undefined) await pulumi.log.warn(warning, cluster);
    });
}
