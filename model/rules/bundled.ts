import { show, type Problem } from "../problem.ts";
import type { Cluster, Taint } from "../resolved.ts";
import { ciliumHas } from "../support/cilium-options.ts";
import { bundledCilium, releaseWith } from "../support/rke2-cilium.ts";
import { rke2Disables } from "../support/rke2-disabled.ts";
import { minorOf } from "../support/version.ts";
import { valueAt } from "../value-at.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/* The Cilium that RKE2 brings along and installs itself. */

/** A rule about each cluster whose Cilium is RKE2's own. */
function forEachBundled(rule: (cluster: Cluster, at: string) => readonly Problem[]): Rule {
    return forEachCluster((cluster, at) =>
        "bundled" in cluster.cilium.chart && cluster.kubernetes === undefined ? rule(cluster, at) : [],
    );
}

/** What RKE2 installs comes with RKE2. */
export const bundledComesWithRke2: Rule = forEachCluster(({ kubernetes, cilium: { chart } }, at) =>
    kubernetes === undefined || !("bundled" in chart)
        ? []
        : [
              {
                  path: `${at}.cilium.chart`,
                  rule: "is the one that RKE2 brings, and the cluster is there already: nobody would install it",
                  fix: 'name a chart for this cluster, such as cilium: { chart: { repository: "https://helm.cilium.io/" } }',
              },
          ],
);

/** The release decides the version; what is described must be what comes. */
export const bundledVersionIsBrought: Rule = forEachBundled(({ cilium: { version }, rke2 }, at) => {
    const brought = bundledCilium(rke2.version);
    if (brought === undefined || brought.cilium === version) return [];
    const release = releaseWith(version, minorOf(rke2.version));
    return [
        {
            path: `${at}.cilium.version`,
            value: show(version),
            rule: `is not what RKE2 ${rke2.version} brings, which is Cilium ${brought.cilium} (rke2-cilium ${brought.chart})`,
            fix: `write ${show(brought.cilium)}${release === undefined ? "" : `, or use RKE2 ${release}`}, or install a chart of its own`,
        },
    ];
});

/** Newer releases than this program. */
export const bundledVersionIsKnown: Rule = forEachBundled(({ cilium: { version }, rke2 }, at) =>
    bundledCilium(rke2.version) !== undefined
        ? []
        : [
              {
                  path: `${at}.rke2.version`,
                  value: show(rke2.version),
                  rule: `is a release of which this program does not know what Cilium it brings: if it is not ${version}, up waits for that in vain, and then says what is there`,
                  fix: "look it up in the release's notes, under the chart rke2-cilium",
              },
          ],
);

/** The chart comes with the release: the new one's values would be waited for while the old one still runs. */
export const bundledUpgradesOverSsh: Rule = forEachBundled(({ rke2: { upgradeBy } }, at) =>
    upgradeBy === "ssh"
        ? []
        : [
              {
                  path: `${at}.rke2.upgrade.by`,
                  value: show(upgradeBy),
                  rule: "upgrades RKE2 once the network runs as described, and RKE2 brings that network: it would be waited for before its upgrade begins",
                  fix: 'write upgrade: { by: "ssh" }, or install Cilium by a chart of its own',
              },
          ],
);

/** The operator starts with RKE2, before anything can be made in the cluster. */
export const bundledFindsItsKinds: Rule = forEachBundled(({ cilium: { mcsApi, version } }, at) =>
    !mcsApi || ciliumHas("mcsApi", version)
        ? []
        : [
              {
                  path: `${at}.cilium.mcsApi`,
                  value: "true",
                  rule: `needs CRDs before Cilium ${version} is installed, and RKE2 installs its own Cilium before there is an API to make them with`,
                  fix: "use an RKE2 that brings Cilium 1.19 or later, or install Cilium by a chart of its own",
              },
          ],
);

/** Whether RKE2 has installed what is described is seen by the version of the operator's image. */
export const bundledImagesAreItsOwn: Rule = forEachBundled(({ cilium: { values } }, at) => {
    return valueAt(values, "operator", "image") !== undefined
        ? [
              {
                  path: `${at}.cilium.values.operator.image`,
                  rule: "is another image than RKE2 brings, and by that image it is seen whether RKE2 has installed this version",
                  fix: "take it out; a registry of your own is described as rke2.registries",
              },
          ]
        : [];
});

/** RKE2 leaves out what its configuration disables. */
export const bundledIsNotDisabled: Rule = forEachBundled(({ rke2 }, at) =>
    rke2Disables(rke2, "rke2-cilium")
        ? [
              {
                  path: `${at}.rke2.config.disable`,
                  value: show(rke2.config["disable"]),
                  rule: "takes away the network that cilium.chart asks RKE2 for",
                  fix: "leave rke2-cilium out, or install Cilium by a chart of its own",
              },
          ]
        : [],
);

/** RKE2's job runs on a server, and tolerates the taints that servers usually have. */
export const bundledInstallerHasAServer: Rule = forEachBundled(({ servers }, at) => {
    const kept = servers.filter(({ lost }) => !lost);
    const closed = kept.flatMap(({ taints }) => taints.find((taint) => !isTolerated(taint)) ?? []);
    const [taint] = closed;
    return taint === undefined || closed.length < kept.length
        ? []
        : [
              {
                  path: `${at}.servers`,
                  rule: `have taints, such as ${taint.key}:${taint.effect}, that the job does not tolerate with which RKE2 installs its own Cilium: it would run nowhere`,
                  fix: "leave one server without such a taint, or install Cilium by a chart of its own",
              },
          ];
});

/** https://github.com/k3s-io/helm-controller/blob/master/pkg/controllers/chart/chart.go */
function isTolerated({ key, effect }: Taint): boolean {
    return (
        effect === "PreferNoSchedule" ||
        key === "CriticalAddonsOnly" ||
        (key === "node-role.kubernetes.io/etcd" && effect === "NoExecute") ||
        (key === "node-role.kubernetes.io/control-plane" && effect === "NoSchedule")
    );
}

/** Hosts without a way out have the images that they are brought. */
export const bundledImagesAreBrought: Rule = forEachBundled(({ rke2: { install } }, at) =>
    install.method !== "air-gap"
        ? []
        : [
              {
                  path: `${at}.cilium.chart`,
                  rule: "RKE2's Cilium comes from its own images, which are not in rke2-images-core",
                  fix: "put rke2-images-cilium among the artifacts too, for each architecture",
              },
          ],
);
