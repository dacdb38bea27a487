import type { Cilium } from "../resolved.ts";

/** In what nodes put packets for one another: all of them, or those of which the other node is to answer the client. */
export function encapsulation({
    routing,
    serviceLoadBalancing,
}: Pick<Cilium, "routing" | "serviceLoadBalancing">): {
    protocol?: "vxlan" | "geneve";
    purpose: string;
} {
    if (routing.mode === "tunnel") return { protocol: routing.protocol, purpose: "the tunnel" };
    return serviceLoadBalancing?.dispatch === "geneve"
        ? { protocol: "geneve", purpose: "Services that another node answers" }
        : { purpose: "" };
}
