import type { EgressOwner, LabelSelector } from "../../model/resolved.ts";
import { defined } from "../announcing/defined.ts";

/** The label that Cilium gives each pod, and never leaves out of an identity. */
const NAMESPACE_OF_POD = "io.kubernetes.pod.namespace";

/** What an owner's CiliumEgressGatewayPolicy says. */
export function policySpec(owner: EgressOwner): Record<string, unknown> {
    const gateways = owner.gateways.map(({ node, address }) => ({
        nodeSelector: { matchLabels: { "kubernetes.io/hostname": node } },
        egressIP: address,
    }));
    return defined({
        selectors: [selectorOf(owner)],
        destinationCIDRs: owner.destinations,
        excludedCIDRs: owner.excluded.length === 0 ? undefined : owner.excluded,
        // The schema wants the one also where there are several, of which Cilium then takes no notice.
        egressGateway: gateways[0],
        egressGateways: gateways.length === 1 ? undefined : gateways,
    });
}

function selectorOf({ namespaces, namespaceSelector, podSelector }: EgressOwner): Record<string, unknown> {
    return defined({
        namespaceSelector,
        podSelector: namespaces.length === 0 ? podSelector : inNamespaces(namespaces, podSelector),
    });
}

function inNamespaces(namespaces: readonly string[], pods: LabelSelector = {}): LabelSelector {
    return {
        ...pods,
        matchExpressions: [
            ...(pods.matchExpressions ?? []),
            { key: NAMESPACE_OF_POD, operator: "In", values: [...namespaces] },
        ],
    };
}
