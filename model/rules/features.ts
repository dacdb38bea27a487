import { contains, parseCidr } from "../net/range.ts";
import { nodePath } from "../paths.ts";
import { show, type Problem } from "../problem.ts";
import type { Cluster, JsonValue } from "../resolved.ts";
import { rke2VersionProblems } from "../support/rke2-key-since.ts";
import { rke2ConfigProblems, rke2NodeConfigProblems } from "../support/rke2-keys.ts";
import { ciliumHas, ciliumSince, type CiliumOption } from "../support/cilium-options.ts";
import { valuesProblems } from "../support/cilium-values.ts";
import { minorOf } from "../support/version.ts";
import { nodesOf } from "./nodes.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/** What a description can say of an option that not every version of Cilium has: its chart would drop it without a word. */
interface Since {
    readonly path: string;
    readonly option: CiliumOption;
    readonly value: (cluster: Cluster) => unknown;
    readonly instead: string;
}

const SINCE: readonly Since[] = [
    {
        path: "cilium.policyDefaultLocalCluster",
        option: "policyDefaultLocalCluster",
        value: ({ cilium }) => cilium.policyDefaultLocalCluster,
        instead: "name the cluster in each policy (io.cilium.k8s.policy.cluster)",
    },
    {
        path: "cilium.cacheTTL",
        option: "cacheTTL",
        value: ({ cilium }) => cilium.cacheTTL,
        instead: "leave it out: data of a lost cluster then stays in use",
    },
    {
        path: "meshApi.sourceRanges",
        option: "sourceRanges",
        value: ({ meshApi }) =>
            meshApi.type === "LoadBalancer" && meshApi.sourceRanges.length > 0
                ? meshApi.sourceRanges
                : undefined,
        instead: "limit who may reach it in your firewall",
    },
];

export const versionHasIt: Rule = forEachCluster((cluster, at) =>
    SINCE.flatMap(({ path, option, value, instead }) => {
        const found = value(cluster);
        const since = ciliumSince(option);
        return found === undefined || ciliumHas(option, cluster.cilium.version)
            ? []
            : [
                  {
                      path: `${at}.${path}`,
                      value: show(found),
                      rule: `Cilium has it since ${since}; the chart of ${cluster.cilium.version} would drop it without a word`,
                      fix: `use Cilium ${since} or later, or ${instead}`,
                  },
              ];
    }),
);

/** Chart values passed through: what the mesh owns, and what this version would ignore. */
export const passedThroughValues: Rule = forEachCluster(({ cilium }, at) =>
    valuesProblems(cilium.values, cilium.version, `${at}.cilium.values`),
);

/** Keys of config.yaml passed through: RKE2 only warns of those it does not know, and this program sets others itself. */
export const passedThroughConfig: Rule = forEachCluster((cluster, at) => [
    ...rke2ConfigProblems(cluster.rke2.config, `${at}.rke2.config`),
    ...rke2VersionProblems(cluster.rke2.config, cluster.rke2.version, `${at}.rke2.config`),
    ...nodesOf(cluster).flatMap((node) =>
        rke2NodeConfigProblems(
            node.role,
            node.config,
            `${nodePath(cluster, node)}.config`,
            cluster.rke2.config,
        ),
    ),
]);

/** https://docs.cilium.io/en/stable/network/egress-gateway/egress-gateway/ */
export const egressPrerequisites: Rule = forEachCluster((cluster, at) => {
    const { egressGateway, masquerade } = cluster.cilium;
    if (!egressGateway) return [];
    const path = `${at}.cilium.egressGateway`;
    return [
        ...(masquerade === "bpf"
            ? []
            : [
                  {
                      path,
                      value: show(true),
                      rule: `needs eBPF masquerading, but masquerade is ${show(masquerade)}: the agents would exit`,
                      fix: 'set cilium.masquerade to "bpf", or leave the egress gateway off',
                  },
              ]),
        ...(isOn(cluster.cilium.values["ciliumEndpointSlice"])
            ? [
                  {
                      path,
                      value: show(true),
                      rule: "does not go with ciliumEndpointSlice, which cilium.values turns on: the agents would exit",
                      fix: "leave one of them off",
                  },
              ]
            : []),
        ...(cluster.podCidrs.some((text) => parseCidr(text)?.family === "IPv4")
            ? []
            : [
                  {
                      path,
                      value: show(true),
                      rule: "needs IPv4, but the cluster's pods speak IPv6 only",
                      fix: "add IPv4 ranges, or leave the egress gateway off",
                  },
              ]),
    ];
});

function isOn(value: JsonValue | undefined): boolean {
    return typeof value === "object" && value !== null && !Array.isArray(value) && value["enabled"] === true;
}

/** A member that knows every other by its own name refuses those that come by the common one. */
export const authModesMeet: Rule = ({ clusters }) => {
    const named = clusters.find(({ cilium }) => cilium.authMode === "cluster");
    return clusters
        .filter(({ cilium }) => named !== undefined && cilium.authMode === "legacy")
        .map(({ name }) => ({
            path: `clusters.${name}.cilium.authMode`,
            value: show("legacy"),
            rule: `does not go with clusters.${named?.name ?? ""}, which is in mode cluster and would refuse this one`,
            fix: 'go through "migration": first in every cluster, then "cluster" one by one',
        }));
};

/** What leaves the network named for strict mode is not protected by it. */
export const strictCoversPods: Rule = (mesh) =>
    mesh.clusters.flatMap(({ name, cilium: { encryption } }) => {
        const strict =
            encryption.type === "wireguard" && encryption.strictEgressCidr !== undefined
                ? parseCidr(encryption.strictEgressCidr)
                : undefined;
        const left = mesh.clusters.flatMap((member) =>
            member.podCidrs.filter((text) => {
                const pods = parseCidr(text);
                return strict !== undefined && pods?.family === "IPv4" && !contains(strict, pods);
            }),
        );
        return left.length === 0
            ? []
            : [
                  {
                      path: `clusters.${name}.cilium.encryption.strictEgressCidr`,
                      value: show(strict?.text),
                      rule: `leaves out pods of the mesh (${left.join(", ")}): traffic to them may leave a node unencrypted`,
                      fix: "name a network that holds the pod ranges of all clusters",
                  },
              ];
    });

export const hubbleParts: Rule = forEachCluster(({ cilium: { hubble } }, at) => {
    const needs = (part: string, needed: string): Problem[] => [
        {
            path: `${at}.cilium.hubble.${part}`,
            value: show(true),
            rule: `needs hubble.${needed}`,
            fix: `set cilium.hubble.${needed} to true, or leave ${part} out`,
        },
    ];
    return [
        ...(hubble.relay && !hubble.enabled ? needs("relay", "enabled") : []),
        ...(hubble.ui && !hubble.relay ? needs("ui", "relay") : []),
        ...(hubble.metrics.length > 0 && !hubble.enabled ? needs("metrics", "enabled") : []),
    ];
});

/** https://docs.cilium.io/en/stable/network/servicemesh/mutual-authentication/mutual-authentication/ */
export const mutualAuthentication: Rule = forEachCluster(({ cilium }, at, { clusters }) =>
    cilium.mutualAuthentication && clusters.length > 1
        ? [
              {
                  path: `${at}.cilium.mutualAuthentication`,
                  value: show(true),
                  rule: "does not work across the clusters of a mesh",
                  fix: "leave it out; encryption protects traffic between clusters",
              },
          ]
        : [],
);

export const mutualAuthenticationEnds: Rule = forEachCluster(({ cilium }, at) =>
    cilium.mutualAuthentication && minorOf(cilium.version) >= 20
        ? [
              {
                  path: `${at}.cilium.mutualAuthentication`,
                  value: show(true),
                  rule: "is deprecated since Cilium 1.20 and goes away in 1.21",
                  fix: "plan to leave it",
              },
          ]
        : [],
);

export const operatorsHaveNodes: Rule = forEachCluster(({ cilium, kubernetes, servers, agents }, at) => {
    const nodes = servers.length + agents.length;
    return kubernetes !== undefined || cilium.operatorReplicas <= nodes
        ? []
        : [
              {
                  path: `${at}.cilium.operatorReplicas`,
                  value: show(cilium.operatorReplicas),
                  rule: `needs as many nodes, but the cluster has ${nodes}: two operators never share one`,
                  fix: `use ${nodes} or fewer, or leave it out`,
              },
          ];
});

/** Since 1.19 a selector that names no cluster means the local one; before, it meant all. */
export const policyDefaultChanges: Rule = forEachCluster(({ cilium }, at, { clusters }) =>
    clusters.length > 1 && minorOf(cilium.version) >= 19 && cilium.policyDefaultLocalCluster === undefined
        ? [
              {
                  path: `${at}.cilium.policyDefaultLocalCluster`,
                  rule: `is not said: from Cilium 1.19 on, policies that name no cluster select only local pods`,
                  fix: "set it to true to accept that, or to false to keep what 1.18 and earlier did",
              },
          ]
        : [],
);
