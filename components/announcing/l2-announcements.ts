import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { show, type Problem } from "../../model/problem.ts";
import type { L2 } from "../../model/resolved.ts";
import { ciliumVersionProblems } from "../../model/support/cilium-apis.ts";
import { interfaceProblems } from "../../model/support/interface-pattern.ts";
import { leaseProblems } from "../../model/support/l2-lease.ts";
import { refuse } from "../refuse.ts";
import { ciliumObject } from "./cilium-object.ts";
import { defined } from "./defined.ts";

const TYPE = "multicluster:announcing:L2Announcements";
const KIND = "CiliumL2AnnouncementPolicy";

export interface L2AnnouncementsArgs {
    /** The version of the Cilium that is running: it decides the API version. */
    readonly ciliumVersion: string;
    /** What is announced, where and by whom. An interface pattern that Go cannot read is refused, and so is announcing nothing. */
    readonly l2: L2;
    /** The policy's name in the cluster. @default "l2" */
    readonly policyName?: string;
}

/**
 * Cilium answers ARP and NDP for the addresses of Services. It needs the chart's `l2announcements.enabled`.
 *
 * @see https://docs.cilium.io/en/stable/network/l2-announcements/
 */
export class L2Announcements extends pulumi.ComponentResource {
    readonly policy: k8s.apiextensions.CustomResource;

    constructor(name: string, args: L2AnnouncementsArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`L2Announcements ${name}`, problemsOf(args));
        const { ciliumVersion, l2, policyName = "l2" } = args;
        super(TYPE, name, { ciliumVersion, l2, policyName }, opts);

        this.policy = ciliumObject(
            `${name}-policy`,
            { ciliumVersion, kind: KIND, metadata: { name: policyName }, spec: policySpec(l2) },
            { parent: this },
        );

        this.registerOutputs({ policyName });
    }
}

function problemsOf({ ciliumVersion, l2 }: L2AnnouncementsArgs): Problem[] {
    return [
        ...ciliumVersionProblems(ciliumVersion, "ciliumVersion"),
        ...interfaceProblems(l2.interfaces ?? [], "l2.interfaces"),
        ...leaseProblems(l2, "l2"),
        ...(l2.loadBalancerIPs === false && l2.externalIPs !== true
            ? [
                  {
                      path: "l2.loadBalancerIPs",
                      value: show(false),
                      rule: "leaves nothing to announce: externalIPs is not true either",
                      fix: "leave it out, or set externalIPs to true",
                  },
              ]
            : []),
    ];
}

function policySpec({ interfaces, nodeSelector, serviceSelector, loadBalancerIPs, externalIPs }: L2) {
    return defined({
        loadBalancerIPs: loadBalancerIPs ?? true,
        externalIPs: externalIPs ?? false,
        interfaces,
        nodeSelector,
        serviceSelector,
    });
}
