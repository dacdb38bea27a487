import { show, type Problem } from "../problem.ts";
import type { Cluster } from "../resolved.ts";
import {
    broughtCoredns,
    CLUSTERSETS_SINCE,
    knowsClustersets,
    releasesWithClustersets,
} from "../support/rke2-coredns.ts";
import { rke2Disables } from "../support/rke2-disabled.ts";
import { minorOf } from "../support/version.ts";
import { valueAt } from "../value-at.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/* A DNS that answers for clusterset.local, the domain of the Multi-Cluster Services API. */

const ASKED = show({ dns: true });

/** A rule about each cluster whose DNS is asked to do so, and that is made here. */
function forEachClustersetDns(rule: (cluster: Cluster, at: string) => readonly Problem[]): Rule {
    return forEachCluster((cluster, at) =>
        cluster.cilium.clustersetDns === true && cluster.kubernetes === undefined ? rule(cluster, at) : [],
    );
}

export const clustersetDnsIsOurs: Rule = forEachCluster(({ cilium: { clustersetDns }, kubernetes }, at) =>
    clustersetDns !== true || kubernetes === undefined
        ? []
        : [
              {
                  path: `${at}.cilium.mcsApi`,
                  value: ASKED,
                  rule: "asks for a DNS that answers for clusterset.local, and the cluster is there already: its DNS is somebody else's",
                  fix: "write mcsApi: true for this cluster, and have its CoreDNS told (https://docs.cilium.io/en/stable/network/clustermesh/mcsapi/)",
              },
          ],
);

/** What CoreDNS is told replaces the chart's own list, which must therefore be known. */
export const clustersetDnsIsKnown: Rule = forEachClustersetDns(({ rke2: { version } }, at) => {
    const brought = broughtCoredns(version);
    if (brought !== undefined && knowsClustersets(brought)) return [];
    const releases = releasesWithClustersets(minorOf(version));
    const problem = (rule: string, instead: string | undefined, later: string): Problem[] => [
        {
            path: `${at}.rke2.version`,
            value: show(version),
            rule,
            fix: `${instead === undefined ? "" : `use ${instead}${later}, or `}write cilium.mcsApi: true, and tell CoreDNS of clusterset.local yourself`,
        },
    ];
    return brought === undefined
        ? problem(
              "is a release of which this program does not know what CoreDNS it brings, and by what it is configured",
              releases.at(-1),
              "",
          )
        : problem(
              `brings CoreDNS ${brought.coredns} (rke2-coredns ${brought.chart}), and one that answers for clusterset.local is ${CLUSTERSETS_SINCE} or later`,
              releases.at(0),
              " or later",
          );
});

/** RKE2 leaves out what its configuration disables. */
export const clustersetDnsIsInstalled: Rule = forEachClustersetDns(({ rke2 }, at) =>
    rke2Disables(rke2, "rke2-coredns")
        ? [
              {
                  path: `${at}.rke2.config.disable`,
                  value: show(rke2.config["disable"]),
                  rule: "takes away the CoreDNS that cilium.mcsApi asks to answer for clusterset.local",
                  fix: "leave rke2-coredns out, or write cilium.mcsApi: true, and tell your own DNS of clusterset.local",
              },
          ]
        : [],
);

export const clustersetDnsHasADomain: Rule = forEachClustersetDns(({ clusterDomain }, at) =>
    clusterDomain !== "clusterset.local"
        ? []
        : [
              {
                  path: `${at}.clusterDomain`,
                  value: show(clusterDomain),
                  rule: "is the domain of what several clusters export, for which cilium.mcsApi has the DNS answer too",
                  fix: "choose another one before the cluster is made, or write cilium.mcsApi: true",
              },
          ],
);

/** Cilium's chart has a job that changes what RKE2's controller writes, under names that RKE2 does not have. */
export const clustersetDnsIsToldOnce: Rule = forEachClustersetDns(({ cilium: { values } }, at) =>
    valueAt(values, "clustermesh", "mcsapi", "corednsAutoConfigure", "enabled") === true
        ? [
              {
                  path: `${at}.cilium.values.clustermesh.mcsapi.corednsAutoConfigure.enabled`,
                  value: show(true),
                  rule: "has a job of Cilium's chart change the configuration of CoreDNS, which is RKE2's to write, and which cilium.mcsApi changes there already",
                  fix: "take it out",
              },
          ]
        : [],
);
