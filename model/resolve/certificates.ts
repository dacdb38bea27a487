import type { CertificatesDescription } from "../description/certificates.ts";
import type { Certificates } from "../resolved.ts";

/** The CA of a mesh and the lives of its certificates, with every default filled in. */
export function resolveCertificates(certificates: CertificatesDescription = {}): Certificates {
    const { method, ca, nextCa, nextCaFrom } = certificates;
    return {
        ...(method === "certgen" ? { method } : {}),
        caValidityHours: certificates.caValidityHours ?? 87_600,
        leafValidityHours: certificates.leafValidityHours ?? 8_760,
        leafEarlyRenewalHours: certificates.leafEarlyRenewalHours ?? 2_160,
        caGeneration: certificates.caGeneration ?? 1,
        ...(ca === undefined ? {} : { ca }),
        ...(nextCa === undefined ? {} : { nextCa }),
        ...(nextCaFrom === undefined ? {} : { nextCaFrom }),
    };
}
