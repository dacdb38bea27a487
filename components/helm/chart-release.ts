import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ChartSource } from "../../model/resolved.ts";
import { releaseSource } from "../chart-source.ts";
import { takeOverInterrupted } from "./take-over.ts";

export interface ChartReleaseArgs {
    /** What the chart and its release are both called. */
    readonly name: string;
    /** The chart's version. */
    readonly version: string;
    /** Where the chart comes from. */
    readonly source: ChartSource;
    readonly namespace: string;
    /** Plain, because it is checked before anything is touched. */
    readonly values: Readonly<Record<string, unknown>>;
    /** How long Helm waits for Jobs that the chart wants run with it. @default - Helm's own, five minutes */
    readonly timeoutSeconds?: number;
    /** With it, an installation that was cut off is taken over. @default - Helm then refuses its name, until it is uninstalled */
    readonly kubeconfig?: pulumi.Input<string>;
}

/** A chart, installed by Helm. It is not waited for: what comes next waits at a gate, which says what is missing. */
export function chartRelease(
    resourceName: string,
    { name, version, source, namespace, values, timeoutSeconds, kubeconfig }: ChartReleaseArgs,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): kubernetes.helm.v3.Release {
    const chart = releaseSource(name, source, version);
    return new kubernetes.helm.v3.Release(
        resourceName,
        {
            name,
            ...chart,
            namespace,
            values,
            // Waiting would never end for Cilium: the mesh API's Service needs a pool whose CRD the chart's operator registers.
            skipAwait: true,
            ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }),
            // Without a limit each change leaves another Secret in the cluster for ever.
            maxHistory: 10,
        },
        pulumi.mergeOptions(
            opts,
            kubeconfig === undefined
                ? {}
                : {
                      hooks: {
                          beforeCreate: [
                              takeOverInterrupted(
                                  { name, namespace, chart: name, version, values },
                                  kubeconfig,
                              ),
                          ],
                      },
                  },
        ),
    );
}
