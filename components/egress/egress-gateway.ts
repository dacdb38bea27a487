import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { Problem } from "../../model/problem.ts";
import type { Egress } from "../../model/resolved.ts";
import { ciliumVersionProblems } from "../../model/support/cilium-apis.ts";
import { egressProblems } from "../../model/support/egress.ts";
import { ciliumObject } from "../announcing/cilium-object.ts";
import { refuse } from "../refuse.ts";
import { policySpec } from "./policy-spec.ts";

const TYPE = "multicluster:egress:EgressGateway";
const KIND = "CiliumEgressGatewayPolicy";

export interface EgressGatewayArgs {
    /** The version of the Cilium that is running: it decides what is refused. */
    readonly ciliumVersion: string;
    /** Who leaves under which address, through which node. What this version cannot do is refused. */
    readonly egress: Egress;
}

/**
 * Chosen pods leave the cluster through chosen nodes, under addresses of their own. It needs the chart's
 * `egressGateway.enabled`, and the addresses on an interface of their nodes: an agent looks for them when the policy comes. Its
 * CRD is registered by Cilium's operator: make this depend on a gate that waits for it.
 *
 * @see https://docs.cilium.io/en/stable/network/egress-gateway/egress-gateway/
 */
export class EgressGateway extends pulumi.ComponentResource {
    /** One for each owner, in their order. */
    readonly policies: readonly k8s.apiextensions.CustomResource[];

    constructor(name: string, args: EgressGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`EgressGateway ${name}`, problemsOf(args));
        const { ciliumVersion, egress } = args;
        super(TYPE, name, { ciliumVersion, egress }, opts);

        this.policies = egress.owners.map((owner) =>
            ciliumObject(
                `${name}-${owner.name}`,
                {
                    ciliumVersion,
                    kind: KIND,
                    metadata: { name: `egress-${owner.name}` },
                    spec: policySpec(owner),
                },
                { parent: this },
            ),
        );

        this.registerOutputs({ owners: egress.owners.map((owner) => owner.name) });
    }
}

function problemsOf({ ciliumVersion, egress }: EgressGatewayArgs): Problem[] {
    return [
        ...ciliumVersionProblems(ciliumVersion, "ciliumVersion"),
        ...(egress.owners.length > 0
            ? []
            : [
                  {
                      path: "egress.owners",
                      rule: "names no owner: nobody would use the subnet",
                      fix: "describe at least one",
                  },
              ]),
        ...egressProblems(egress, ciliumVersion, "egress"),
    ];
}
