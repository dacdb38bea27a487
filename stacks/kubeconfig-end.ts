import * as pulumi from "@pulumi/pulumi";

import { existingKubeconfigWarning, kubeconfigWarning } from "../components/rke2/kubeconfig-life.ts";
import type { Cluster } from "../model/resolved.ts";

/** Warns of a kubeconfig that will soon be of no use; in a preview, too, where it is in the state. */
export function warnBeforeEnd(
    { name, kubernetes }: Pick<Cluster, "name" | "kubernetes">,
    kubeconfig: pulumi.Output<string>,
    cluster: pulumi.Resource,
): void {
    kubeconfig.apply(async (text) => {
        const warningOf = kubernetes === undefined ? kubeconfigWarning : existingKubeconfigWarning;
        const warning = warningOf(name, text, Date.now());
        if (warning !== undefined) await pulumi.log.warn(warning, cluster);
    });
}
