import { parseCidr } from "../../model/net/range.ts";
import { ciliumHas } from "../../model/support/cilium-options.ts";
import type { CiliumValuesArgs, Values } from "./values-args.ts";

/** How packets travel between nodes, where pods' addresses come from and where they are hidden. */
export function routingValues(args: CiliumValuesArgs): Values {
    return {
        ...familyValues(args),
        ...pathValues(args),
        ...masqueradeValues(args),
        ...(args.egressGateway ? { egressGateway: { enabled: true } } : {}),
        ipam: args.ipam === "kubernetes" ? { mode: "kubernetes" } : clusterPool(args),
    };
}

/** The pod ranges of one family, as the chart takes them. */
export function podCidrsOf(
    { podCidrs }: Pick<CiliumValuesArgs, "podCidrs">,
    family: "IPv4" | "IPv6",
): string[] {
    return podCidrs.filter((text) => parseCidr(text)?.family === family);
}

function familyValues(args: CiliumValuesArgs): Values {
    return {
        ipv4: { enabled: podCidrsOf(args, "IPv4").length > 0 },
        ipv6: { enabled: podCidrsOf(args, "IPv6").length > 0 },
    };
}

function pathValues(args: CiliumValuesArgs): Values {
    const { routing } = args;
    if (routing.mode === "tunnel") {
        return {
            routingMode: "tunnel",
            tunnelProtocol: routing.protocol,
            // Up to 1.19 the default is IPv4 even where no node has such an address.
            ...(podCidrsOf(args, "IPv4").length === 0 && ciliumHas("ipv6Underlay", args.version)
                ? { underlayProtocol: "ipv6" }
                : {}),
        };
    }
    const { ipv4NativeRoutingCIDR, ipv6NativeRoutingCIDR, autoDirectNodeRoutes, endpointRoutes } = routing;
    return {
        routingMode: "native",
        ...(ipv4NativeRoutingCIDR === undefined ? {} : { ipv4NativeRoutingCIDR }),
        ...(ipv6NativeRoutingCIDR === undefined ? {} : { ipv6NativeRoutingCIDR }),
        autoDirectNodeRoutes,
        endpointRoutes: { enabled: endpointRoutes },
    };
}

function masqueradeValues({ masquerade, ...args }: CiliumValuesArgs): Values {
    return {
        bpf: { masquerade: masquerade === "bpf" },
        enableIPv4Masquerade: masquerade !== "none" && podCidrsOf(args, "IPv4").length > 0,
        enableIPv6Masquerade: masquerade !== "none" && podCidrsOf(args, "IPv6").length > 0,
    };
}

function clusterPool(args: CiliumValuesArgs): Values {
    const [ipv4, ipv6] = [podCidrsOf(args, "IPv4"), podCidrsOf(args, "IPv6")];
    return {
        mode: "cluster-pool",
        operator: {
            ...(ipv4.length === 0
                ? {}
                : { clusterPoolIPv4PodCIDRList: ipv4, clusterPoolIPv4MaskSize: IPV4_NODE_PREFIX }),
            ...(ipv6.length === 0
                ? {}
                : { clusterPoolIPv6PodCIDRList: ipv6, clusterPoolIPv6MaskSize: ipv6NodePrefix(ipv6[0]) }),
        },
    };
}

/** The prefix length of a node's IPv4 range, as kube-controller-manager has it too: 254 pods. */
export const IPV4_NODE_PREFIX = 24;
/** The longest prefix of a node's IPv6 range, the chart's own: 256 addresses. */
export const IPV6_NODE_PREFIX_MAX = 120;
/** The operator keeps a bit for each node range and refuses a pool of more than 2^16. */
const IPV6_NODES_BITS = 16;

function ipv6NodePrefix(cidr: string | undefined): number {
    const prefix = (cidr === undefined ? undefined : parseCidr(cidr)?.prefix) ?? 0;
    return Math.min(prefix + IPV6_NODES_BITS, IPV6_NODE_PREFIX_MAX);
}
