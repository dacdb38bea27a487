import { MetalLb, type MetalLbArgs } from "../../../components/load-balancing/metal-lb.ts";
import { fullBgp } from "../announcing/bgp-fixtures.ts";

export const GATEKEEPER = { ssh: { host: "192.168.10.11" } } as const;

/** The least that MetalLB needs, and what a test wants otherwise. */
export function metalLb(args: Partial<MetalLbArgs> = {}): MetalLb {
    return new MetalLb("east", {
        version: "0.16.1",
        pools: [{ name: "mesh", addresses: ["192.168.10.200-192.168.10.219"], autoAssign: true }],
        announce: { mode: "l2" },
        ...args,
    });
}

/** Everything that MetalLB can do by BGP. */
export function fullBgpForMetalLb() {
    const { left, core } = fullBgp().peers;
    if (left === undefined || core === undefined) throw new Error("the fixture has changed");
    return {
        ...fullBgp(),
        serviceSelector: undefined,
        advertise: ["LoadBalancerIP" as const],
        peers: {
            left: {
                ...left,
                bfd: {
                    receiveIntervalMilliseconds: 150,
                    transmitIntervalMilliseconds: 200,
                    detectMultiplier: 5,
                    passiveMode: true,
                    minimumTtl: 250,
                },
            },
            core: { ...core, bfd: {} },
        },
    };
}
