import type { EgressDescription } from "../description/egress.ts";
import type { Egress } from "../resolved.ts";

const EVERYWHERE = "0.0.0.0/0";

/** The owners with the namespace they are named after, where they name none. */
export function resolveEgress(egress: EgressDescription | undefined): Egress | undefined {
    if (egress === undefined) return undefined;
    return {
        subnet: egress.subnet,
        reserved: egress.reserved ?? [],
        ...(egress.interface === undefined ? {} : { interface: egress.interface }),
        owners: Object.entries(egress.owners).map(([name, owner]) => {
            const { namespaces, gateways, destinations, excluded, ...selectors } = owner;
            return {
                ...selectors,
                name,
                namespaces: namespaces ?? (owner.namespaceSelector === undefined ? [name] : []),
                gateways: Object.entries(gateways).map(([node, address]) => ({ node, address })),
                destinations: destinations ?? [EVERYWHERE],
                excluded: excluded ?? [],
            };
        }),
    };
}
