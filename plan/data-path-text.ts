import type { Cilium } from "../model/resolved.ts";

/** `ipsec, key 4 of this program` */
export function encryptionText({ encryption }: Pick<Cilium, "encryption">): string {
    return encryption.type === "ipsec" && encryption.keyGeneration !== undefined
        ? `ipsec, key ${encryption.keyGeneration} of this program`
        : encryption.type;
}

/** How Services are balanced and packets paced, as far as it is described; empty where nothing is. */
export function dataPathText({ serviceLoadBalancing = {}, ...cilium }: Cilium): string {
    const { mode, dispatch, algorithm, maglevTableSize, acceleration } = serviceLoadBalancing;
    const { devices, bandwidthManager, nat46x64 = false } = cilium;
    return [
        ...(mode === undefined ? [] : [mode]),
        ...(dispatch === undefined
            ? []
            : [`answers told by ${{ opt: "an IP option", geneve: "Geneve" }[dispatch]}`]),
        ...(algorithm === undefined ? [] : [algorithm]),
        ...(maglevTableSize === undefined ? [] : [`table of ${maglevTableSize}`]),
        ...(acceleration === undefined ? [] : [`XDP ${acceleration}`]),
        ...(devices === undefined ? [] : [`on ${devices.join(" ")}`]),
        ...(bandwidthManager === undefined
            ? []
            : [`bandwidth manager${bandwidthManager.bbr === true ? " with BBR" : ""}`]),
        ...(nat46x64 ? ["NAT46/64"] : []),
    ].join(", ");
}
