import { show } from "../problem.ts";
import {
    CILIUM_MINORS,
    ciliumOf,
    kubernetesOf,
    METALLB_FOR_KUBERNETES,
    OLDEST_METALLB,
} from "../support/matrix.ts";
import { neighboursOf } from "../support/bgp-instances.ts";
import { badPatch } from "../support/cilium-options.ts";
import { compareVersions, minorOf } from "../support/version.ts";
import { forEachCluster, type Rule } from "./rule.ts";

const minors = (list: readonly number[]) => list.map((minor) => `1.${minor}`).join(", ");

export const knownCilium: Rule = forEachCluster(({ cilium: { version } }, at) =>
    version.startsWith("1.") && CILIUM_MINORS.includes(minorOf(version))
        ? []
        : [
              {
                  path: `${at}.cilium.version`,
                  value: show(version),
                  rule: "is a version whose chart this program does not know",
                  fix: `use one of ${minors(CILIUM_MINORS)}`,
              },
          ],
);

export const ciliumRunsOnKubernetes: Rule = forEachCluster(({ cilium, kubernetes: existing, rke2 }, at) => {
    const range = kubernetesOf(minorOf(cilium.version));
    const kubernetes = minorOf(rke2.version);
    if (range === undefined || (range.from <= kubernetes && kubernetes <= range.to)) return [];
    const others = ciliumOf(kubernetes);
    const other = others.length === 0 ? "" : `, or Cilium ${minors(others)}`;
    const wanted = `1.${range.from} to ${existing === undefined ? "v" : ""}1.${range.to}`;
    return [
        {
            ...(existing === undefined
                ? { path: `${at}.rke2.version`, value: show(rke2.version) }
                : { path: `${at}.kubernetes.version`, value: show(existing.version) }),
            rule: `Cilium ${cilium.version} runs on Kubernetes 1.${range.from} to 1.${range.to}, not on 1.${kubernetes}`,
            fix:
                existing === undefined
                    ? `use an RKE2 of v${wanted}${other}`
                    : `have it brought to Kubernetes ${wanted}${other.replace(", or", ", or use")}`,
        },
    ];
});

/** Members of a mesh may be one minor version apart: https://docs.cilium.io/en/stable/network/clustermesh/setup/ */
export const ciliumSkew: Rule = ({ clusters }) => {
    const sorted = clusters.toSorted((a, b) => compareVersions(a.cilium.version, b.cilium.version));
    const [oldest, newest] = [sorted.at(0), sorted.at(-1)];
    if (oldest === undefined || newest === undefined) return [];
    return minorOf(newest.cilium.version) - minorOf(oldest.cilium.version) <= 1
        ? []
        : [
              {
                  path: `clusters.${oldest.name}.cilium.version`,
                  value: show(oldest.cilium.version),
                  rule: `is more than one minor version behind ${newest.cilium.version} of clusters.${newest.name}: members of a mesh may be one apart`,
                  fix: `bring clusters.${oldest.name} to 1.${minorOf(newest.cilium.version) - 1} or later first`,
              },
          ];
};

/** Some patches drop a CRD version that clusters first installed before 1.16 still store objects in. */
export const ciliumFirstInstalled: Rule = forEachCluster(({ cilium }, at) => {
    const { version, upgradeCompatibility } = cilium;
    if (upgradeCompatibility === undefined) return [];
    const path = `${at}.cilium.upgradeCompatibility`;
    if (minorOf(upgradeCompatibility) > minorOf(version)) {
        return [
            {
                path,
                value: show(upgradeCompatibility),
                rule: `is newer than Cilium ${version}: it names the version that the cluster was first installed with`,
                fix: "name that version, or leave it out",
            },
        ];
    }
    const bad = badPatch("nodeConfigs", version);
    return bad !== undefined && minorOf(upgradeCompatibility) < 16
        ? [
              {
                  path: `${at}.cilium.version`,
                  value: show(version),
                  rule: `${bad.rule}, in which a cluster first installed with ${upgradeCompatibility} still has objects: the upgrade fails`,
                  fix: `use ${bad.fixed} or later`,
              },
          ]
        : [];
});

/** A neighbour that each node finds by itself is the wrong one with some patches. */
export const defaultGatewayIsFound: Rule = forEachCluster(({ cilium: { version }, loadBalancers }, at) => {
    const bad = badPatch("defaultGateway", version);
    if (bad === undefined) return [];
    const found = loadBalancers.flatMap(({ provider, announce }) =>
        provider === "lb-ipam" && announce.mode === "bgp"
            ? neighboursOf(announce).filter(({ peer }) => peer.defaultGateway !== undefined)
            : [],
    );
    return found.length === 0
        ? []
        : [
              {
                  path: `${at}.cilium.version`,
                  value: show(version),
                  rule: `${bad.rule}, which ${found.map(({ name }) => name).join(", ")} is to be: the session would not come up`,
                  fix: `use ${bad.fixed} or later, or name the address`,
              },
          ];
});

export const metalLbVersion: Rule = forEachCluster(({ loadBalancers, rke2 }, at) =>
    loadBalancers.flatMap(({ at: place, metalLb }) => {
        if (metalLb === undefined) return [];
        const path = `${at}.${place}.version`;
        const value = show(metalLb.version);
        if (compareVersions(metalLb.version, OLDEST_METALLB) < 0) {
            return [
                {
                    path,
                    value,
                    rule: "does not know the annotation that pins the mesh API's address",
                    fix: `use ${OLDEST_METALLB} or later`,
                },
            ];
        }
        const { minor, metalLb: needed } = METALLB_FOR_KUBERNETES;
        return minorOf(rke2.version) >= minor && compareVersions(metalLb.version, needed) < 0
            ? [
                  {
                      path,
                      value,
                      rule: `has CRDs that Kubernetes 1.${minor} and later refuse`,
                      fix: `use ${needed} or later`,
                  },
              ]
            : [];
    }),
);
