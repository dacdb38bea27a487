import type { CiliumValuesArgs, Values } from "./values-args.ts";

/** How Services are balanced on nodes, and how pods' packets are paced. What is not said is the chart's. */
export function dataPathValues(args: CiliumValuesArgs): Values {
    const { serviceLoadBalancing: balancing = {}, devices, bandwidthManager, nat46x64 = false } = args;
    const { mode, dispatch, algorithm, maglevTableSize, acceleration } = balancing;
    const loadBalancer = {
        ...(mode === undefined ? {} : { mode }),
        ...(dispatch === undefined ? {} : { dsrDispatch: dispatch }),
        ...(algorithm === undefined ? {} : { algorithm }),
        ...(acceleration === undefined ? {} : { acceleration }),
    };
    return {
        ...(Object.keys(loadBalancer).length === 0 ? {} : { loadBalancer }),
        // Geneve headers for answers alone, beside native routing.
        ...(dispatch === "geneve" && args.routing.mode === "native" ? { tunnelProtocol: "geneve" } : {}),
        ...(maglevTableSize === undefined ? {} : { maglev: { tableSize: maglevTableSize } }),
        ...(devices === undefined ? {} : { devices: [...devices] }),
        ...(bandwidthManager === undefined
            ? {}
            : { bandwidthManager: { enabled: true, bbr: bandwidthManager.bbr ?? false } }),
        ...(nat46x64 ? { nat46x64Gateway: { enabled: true } } : {}),
    };
}
