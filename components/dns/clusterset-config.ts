import { stringify } from "yaml";

import type { JsonValue } from "../../model/resolved.ts";
import type { BroughtCoredns } from "../../model/support/rke2-coredns.ts";
import { compareVersions } from "../../model/support/version.ts";
import { helmChartConfig, markedBy, markOf, type HelmChartConfig } from "../helm/helm-chart-config.ts";

/** The domain of what several clusters export (https://github.com/kubernetes/enhancements, KEP 1645). */
const CLUSTERSET = "clusterset.local";

/** What RKE2 calls its chart of CoreDNS, and the object that configures it. */
const NAME = "rke2-coredns";

/** What RKE2's own CoreDNS is told, and by what it is known afterwards. */
export interface ClustersetConfig {
    readonly object: HelmChartConfig;
    /** What an annotation of CoreDNS' Deployment is, once RKE2 has installed this. */
    readonly mark: string;
}

/** The configuration of RKE2's own CoreDNS that also answers for clusterset.local. */
export function clustersetConfig(brought: BroughtCoredns, namespace: string): ClustersetConfig {
    const servers = serversOf(brought);
    const mark = markOf({ ...brought, servers });
    const valuesContent = stringify(
        { deployment: { annotations: markedBy(mark) }, servers },
        {
            lineWidth: 0,
            defaultStringType: "QUOTE_DOUBLE",
            defaultKeyType: "PLAIN",
            doubleQuotedAsJSON: true,
        },
    );
    return { object: helmChartConfig(NAME, namespace, { valuesContent }), mark };
}

/**
 * The chart's own list, which Helm replaces as a whole, and clusterset.local in it. The chart writes the cluster's domain in front
 * of the zones; up to 1.45.201 `cluster.local` stood among them all the same.
 * @see https://github.com/rancher/rke2-charts
 */
function serversOf({ chart }: BroughtCoredns): JsonValue {
    const old = compareVersions(chart, "1.45.205") < 0;
    const zones = [...(old ? ["cluster.local"] : []), CLUSTERSET, ...REVERSE];
    return [
        {
            // The chart 1.42.302 does so without being told. Those after it do not, and an upgrade brings them before their own list.
            zones: [{ zone: ".", use_tcp: true }],
            port: 53,
            plugins: [
                { name: "errors" },
                { name: "health", configBlock: "lameduck 10s" },
                { name: "ready" },
                {
                    name: "kubernetes",
                    parameters: zones.join(" "),
                    configBlock: [
                        "pods insecure",
                        `fallthrough ${REVERSE.join(" ")}`,
                        "ttl 30",
                        `multicluster ${CLUSTERSET}`,
                    ].join("\n"),
                },
                { name: "prometheus", parameters: "0.0.0.0:9153" },
                { name: "forward", parameters: ". /etc/resolv.conf" },
                { name: "cache", parameters: 30 },
                { name: "loop" },
                { name: "reload" },
                { name: "loadbalance" },
            ],
        },
    ];
}

const REVERSE = ["in-addr.arpa", "ip6.arpa"];
