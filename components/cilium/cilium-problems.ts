import { parseCidr } from "../../model/net/range.ts";
import { show, type Problem } from "../../model/problem.ts";
import { valuesProblems } from "../../model/support/cilium-values.ts";
import { CILIUM_MINORS } from "../../model/support/matrix.ts";
import { minorOf } from "../../model/support/version.ts";
import { sourceProblems } from "../chart-source.ts";
import type { CiliumArgs } from "./cilium.ts";
import { featureProblems } from "./feature-problems.ts";
import { IPV4_NODE_PREFIX, IPV6_NODE_PREFIX_MAX, podCidrsOf } from "./routing-values.ts";

/** Everything that is wrong with one cluster's arguments. What must hold between clusters is not known here. */
export function ciliumProblems(args: CiliumArgs): Problem[] {
    return [
        ...versionProblems(args),
        ...sourceProblems("chart", args.chart),
        ...identityProblems(args),
        ...peerProblems(args),
        ...podCidrProblems(args),
        ...nativeRoutingProblems(args),
        ...ipsecProblems(args),
        ...certgenProblems(args),
        ...featureProblems(args),
        ...valuesProblems(args.values ?? {}, args.version, "values"),
    ];
}

function versionProblems({ version }: CiliumArgs): Problem[] {
    return /^1\.\d+\.\d+$/.test(version) && CILIUM_MINORS.includes(minorOf(version))
        ? []
        : [
              {
                  path: "version",
                  value: show(version),
                  rule: "must be a full version of Cilium 1.16 to 1.20, without v: the chart's values depend on it",
                  fix: 'write it as "1.19.6"',
              },
          ];
}

function identityProblems({ clusterName, clusterId, maxConnectedClusters }: CiliumArgs): Problem[] {
    return [
        ...(/^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/.test(clusterName) && clusterName !== "default"
            ? []
            : [
                  {
                      path: "clusterName",
                      value: show(clusterName),
                      rule: "must be at most 32 lower-case letters, digits and hyphens, beginning and ending with a letter or digit, and not default",
                      fix: 'choose a name such as "east"',
                  },
              ]),
        ...(Number.isInteger(clusterId) && clusterId >= 1 && clusterId <= maxConnectedClusters
            ? []
            : [
                  {
                      path: "clusterId",
                      value: show(clusterId),
                      rule: `must be a whole number from 1 to ${maxConnectedClusters}: the agents would exit`,
                      fix: "choose one that no other cluster has",
                  },
              ]),
    ];
}

function peerProblems({ peers, clusterName }: CiliumArgs): Problem[] {
    return peers.flatMap(({ name, addresses, port }, index) => [
        ...(name === clusterName || peers.findIndex((peer) => peer.name === name) < index
            ? [
                  {
                      path: `peers.${name}`,
                      rule: name === clusterName ? "is the cluster itself" : "is there twice",
                      fix: "leave it out",
                  },
              ]
            : []),
        ...(addresses.length > 0 && addresses.every((address) => address !== "")
            ? []
            : [
                  {
                      path: `peers.${name}.addresses`,
                      rule: "must hold an address: the chart would write one without a host",
                      fix: "name where its mesh API answers",
                  },
              ]),
        ...(Number.isInteger(port) && port >= 1 && port <= 65535
            ? []
            : [
                  {
                      path: `peers.${name}.port`,
                      value: show(port),
                      rule: "must be a port, 1 to 65535",
                      fix: "write 2379, or the node port",
                  },
              ]),
    ]);
}

function podCidrProblems({ podCidrs, ipam }: CiliumArgs): Problem[] {
    const none = { path: "podCidrs", rule: "must hold a CIDR", fix: 'write one, as "10.10.0.0/16"' };
    return [
        ...(podCidrs.length === 0 ? [none] : []),
        ...podCidrs.flatMap((text): Problem[] => {
            const cidr = parseCidr(text);
            const longest = cidr?.family === "IPv6" ? IPV6_NODE_PREFIX_MAX : IPV4_NODE_PREFIX;
            if (cidr === undefined) return [{ ...none, value: show(text) }];
            return ipam === "kubernetes" || (cidr.prefix ?? 0) <= longest
                ? []
                : [
                      {
                          path: "podCidrs",
                          value: show(text),
                          rule: `is smaller than the /${longest} that a single node gets with ipam "cluster-pool"`,
                          fix: 'use a larger range, or ipam "kubernetes"',
                      },
                  ];
        }),
    ];
}

/** Without the CIDR the chart fails from 1.18 on, and before that the agents exit. */
function nativeRoutingProblems({ routing, masquerade, podCidrs }: CiliumArgs): Problem[] {
    if (routing.mode !== "native" || masquerade === "none") return [];
    const missing = [
        { family: "IPv4", key: "ipv4NativeRoutingCIDR" },
        { family: "IPv6", key: "ipv6NativeRoutingCIDR" },
    ] as const;
    return missing
        .filter(
            ({ family, key }) => podCidrsOf({ podCidrs }, family).length > 0 && routing[key] === undefined,
        )
        .map(({ key }) => ({
            path: `routing.${key}`,
            rule: "is missing: with native routing and masquerading it says which addresses are not hidden",
            fix: 'name a network that holds the pod ranges of every cluster, or set masquerade to "none"',
        }));
}

function ipsecProblems({ encryption, ipsecKey }: CiliumArgs): Problem[] {
    if ((encryption.type === "ipsec") === (ipsecKey !== undefined)) return [];
    return [
        encryption.type === "ipsec"
            ? {
                  path: "ipsecKey",
                  rule: "is missing: IPsec encrypts with a key that all clusters share",
                  fix: "pass the key, the same in every cluster",
              }
            : {
                  path: "ipsecKey",
                  rule: `is there, but encryption is ${show(encryption.type)}: nothing would use it`,
                  fix: 'leave it out, or set encryption to { type: "ipsec" }',
              },
    ];
}

/** RKE2's own chart is there before any CA; and a certificate for the metrics has a wrong name in every chart. */
function certgenProblems({ certgen, chart, hubble }: CiliumArgs): Problem[] {
    if (certgen === undefined) return [];
    const problem = (rule: string): Problem => ({
        path: "certgen",
        rule,
        fix: "leave it out, and pass the Secrets of certificates that are made before the chart",
    });
    return [
        ...("bundled" in chart
            ? [problem("would find no CA: RKE2 installs its own chart before one can be in the cluster")]
            : []),
        ...(hubble.metricsTls === true
            ? [problem("is asked for hubble.metricsTls by a wrong name, in the charts of every version")]
            : []),
    ];
}
