/*
 * What is known of certgen, the program that Cilium's charts make certificates with inside a cluster: a Job when they are
 * installed or change, then a CronJob. It renews whatever it makes each time, however old that is.
 */
import { compareVersions, minorOf } from "./version.ts";

/** From one run of the CronJob to the next: a month, at its longest. */
export const CERTGEN_PERIOD_HOURS = 31 * 24;

/** The chart counts the life of certificates in days. A part of one is left out: none lives longer than is described. */
export function certgenDays(hours: number): number {
    return Math.floor(hours / 24);
}

/** Once a month, and neighbours on different days: a renewal that goes wrong does not go wrong everywhere at once. */
export function certgenSchedule(clusterId: number): string {
    const [day, hour] = [((clusterId - 1) % 28) + 1, Math.floor((clusterId - 1) / 28) % 24];
    return `0 ${hour} ${day} * *`;
}

/** The first patch of each minor version that is known to bring certgen 0.3.1 or later. */
const CHAINS_SINCE: Readonly<Record<number, string>> = {
    16: "1.16.19",
    17: "1.17.16",
    18: "1.18.11",
    19: "1.19.6",
};

/**
 * The first patch whose certgen is known to sign with a CA that others have signed, where `version` is an earlier one. Certgen
 * before 0.3.1 fails with more than one certificate.
 */
export function certgenChainsSince(version: string): string | undefined {
    const since = CHAINS_SINCE[minorOf(version)];
    return since !== undefined && compareVersions(version, since) < 0 ? since : undefined;
}
