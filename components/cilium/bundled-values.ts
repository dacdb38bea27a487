import { stringify } from "yaml";

import { merge } from "../../model/merge.ts";
import { helmChartConfig, markedBy, markOf, type HelmChartConfig } from "../helm/helm-chart-config.ts";
import type { CiliumValuesArgs, Values } from "./values-args.ts";
import { ciliumValues } from "./values.ts";

/** What RKE2 calls its chart of Cilium, and the object that configures it. */
const NAME = "rke2-cilium";

/**
 * What `rke2-cilium` has by default otherwise than Cilium's own chart, and must not have here. The rest that it has otherwise
 * is either set by this program in any case (kubeProxyReplacement, ipam.mode, hubble.enabled), or is RKE2's to choose: its
 * images without digests, Envoy inside the agents (envoy.enabled false), other CNI files left alone (cni.exclusive false from
 * 1.18.300 on), no taint on nodes (operator.setNodeTaints false), and metrics of Hubble's relay. RKE2 also sets what lies under
 * `global`.
 * @see https://github.com/rancher/rke2-charts
 */
const UNLIKE_CILIUM: Values = {
    // Host ports are the agents' own, as they replace kube-proxy; RKE2's default leads them through another plugin.
    cni: { chainingMode: "none" },
};

/** What RKE2's own Cilium is told, and by what it is known afterwards. */
export interface BundledConfig {
    readonly object: HelmChartConfig;
    /** The same as a file of RKE2's manifests. */
    readonly manifest: string;
    /** What an annotation of the operator's Deployment is, once RKE2 has installed this. */
    readonly mark: string;
}

/** The configuration of RKE2's own Cilium. */
export function bundledConfig(args: CiliumValuesArgs, namespace: string): BundledConfig {
    const values = merge(UNLIKE_CILIUM, ciliumValues(args));
    const mark = markOf({ version: args.version, values });
    const marked = merge(values, { operator: { annotations: markedBy(mark) } });
    const object = helmChartConfig(NAME, namespace, {
        // RKE2's own up to August 2026 is to uninstall a chart whose upgrade was interrupted, and install it anew: the network
        // would go. So it stays as it is, and the gate says which job to look at.
        failurePolicy: "abort",
        valuesContent: yaml(marked),
    });
    return { object, manifest: yaml(object), mark };
}

/** Keys sorted, every string in quotes. */
function yaml(value: object): string {
    return stringify(value, {
        sortMapEntries: true,
        lineWidth: 0,
        defaultStringType: "QUOTE_DOUBLE",
        defaultKeyType: "PLAIN",
        aliasDuplicateObjects: false,
    });
}
