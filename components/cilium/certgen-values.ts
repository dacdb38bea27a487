import { certgenDays, certgenSchedule } from "../../model/support/certgen.ts";
import { ciliumHas } from "../../model/support/cilium-options.ts";
import type { CertgenArgs, CiliumValuesArgs, Values } from "./values-args.ts";

/** The CA is there before the chart: certgen must make none. */
export function certgenValues({ certgen, version }: CiliumValuesArgs): Values {
    // Before, it keeps the one that it finds.
    return certgen === undefined || !ciliumHas("certgenGeneratesCa", version)
        ? {}
        : { certgen: { generateCA: false } };
}

/** What the mesh API's certificates are made by, and for which further names. */
export function meshApiCertgen(certgen: CertgenArgs, args: CiliumValuesArgs): Values {
    const { dnsNames = [], ipAddresses = [] } = certgen.extraServerNames ?? {};
    const server = {
        ...(dnsNames.length === 0 ? {} : { extraDnsNames: [...dnsNames] }),
        ...(ipAddresses.length === 0 ? {} : { extraIpAddresses: [...ipAddresses] }),
    };
    const auto = certgenAuto(certgen, args);
    if (Object.keys(server).length === 0) return { auto };
    return ciliumHas("certgenServerNames", args.version) ? { auto: { ...auto, server } } : { auto, server };
}

/** When certgen runs, and how long what it makes is valid. Left out, some minor versions have no CronJob. */
export function certgenAuto({ validityHours }: CertgenArgs, { clusterId }: CiliumValuesArgs): Values {
    return {
        enabled: true,
        method: "cronJob",
        certValidityDuration: certgenDays(validityHours),
        schedule: certgenSchedule(clusterId),
    };
}
