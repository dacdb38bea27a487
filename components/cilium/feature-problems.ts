import { show, type Problem } from "../../model/problem.ts";
import { exitProblems } from "../../model/support/cilium-exits.ts";
import { ciliumHas, ciliumSince, type CiliumOption } from "../../model/support/cilium-options.ts";
import { podCidrsOf } from "./routing-values.ts";
import type { CiliumValuesArgs } from "./values-args.ts";

/** Features that need another one, or a later version: the chart would fail, the agents exit, or nothing happen. */
export function featureProblems(args: CiliumValuesArgs): Problem[] {
    return [
        ...hubbleProblems(args),
        ...egressGatewayProblems(args),
        ...versionProblems(args),
        ...exitProblems(args, ""),
        ...meshApiProblems(args),
        ...replicaProblems("operatorReplicas", args.operatorReplicas),
        ...replicaProblems("meshApi.replicas", args.meshApi.replicas),
    ];
}

function hubbleProblems({ hubble }: CiliumValuesArgs): Problem[] {
    const needs = (part: string, needed: string): Problem => ({
        path: `hubble.${part}`,
        rule: `needs hubble.${needed}`,
        fix: `set hubble.${needed} to true, or leave ${part} out`,
    });
    return [
        ...(hubble.relay && !hubble.enabled ? [needs("relay", "enabled")] : []),
        ...(hubble.ui && !hubble.relay ? [needs("ui", "relay")] : []),
        ...(hubble.metrics.length > 0 && !hubble.enabled ? [needs("metrics", "enabled")] : []),
    ];
}

function egressGatewayProblems(args: CiliumValuesArgs): Problem[] {
    if (!args.egressGateway || (args.masquerade === "bpf" && podCidrsOf(args, "IPv4").length > 0)) return [];
    return [
        {
            path: "egressGateway",
            rule: "needs eBPF masquerading of IPv4: the agents would exit",
            fix: 'set masquerade to "bpf" and give the cluster IPv4 pods, or leave the gateway off',
        },
    ];
}

function versionProblems(args: CiliumValuesArgs): Problem[] {
    const needs = (path: string, option: CiliumOption, value: unknown): Problem[] =>
        value === undefined || ciliumHas(option, args.version)
            ? []
            : [
                  {
                      path,
                      value: show(value),
                      rule: `needs Cilium ${ciliumSince(option)}; the chart of ${args.version} would ignore it without a word`,
                      fix: `leave it out, or use Cilium ${ciliumSince(option)} or later`,
                  },
              ];
    const { meshApi } = args;
    const sourceRanges = meshApi.type === "LoadBalancer" ? meshApi.sourceRanges : [];
    return [
        ...needs("policyDefaultLocalCluster", "policyDefaultLocalCluster", args.policyDefaultLocalCluster),
        ...needs("cacheTTL", "cacheTTL", args.cacheTTL),
        ...needs("meshApi.sourceRanges", "sourceRanges", sourceRanges.length > 0 ? sourceRanges : undefined),
    ];
}

function meshApiProblems({ meshApi, loadBalancers }: CiliumValuesArgs): Problem[] {
    if (meshApi.type === "NodePort") return [];
    return [
        ...(meshApi.address === ""
            ? [
                  {
                      path: "meshApi.address",
                      rule: "must not be empty: peers know the address before the Service has one",
                      fix: "choose an address of the pool",
                  },
              ]
            : []),
        ...(loadBalancers.length === 0
            ? [
                  {
                      path: "loadBalancers",
                      rule: "must hold one: the mesh API is a Service of type LoadBalancer",
                      fix: "name the provider, or expose the mesh API by NodePort",
                  },
              ]
            : []),
    ];
}

function replicaProblems(path: string, replicas: number): Problem[] {
    return Number.isInteger(replicas) && replicas >= 1
        ? []
        : [
              {
                  path,
                  value: show(replicas),
                  rule: "must be a whole number, at least 1",
                  fix: "write 1 or more",
              },
          ];
}
