import { dayOf } from "../../model/support/ca-certificate.ts";

const HOUR_MS = 3_600_000;

/** How long before it is late a CA is warned of: a rotation is three changes, each with time to look at it, and a new mesh is more. */
const CA_WARNING_HOURS = 180 * 24;
/** How much of a certificate's life there must be left once an `up` is over. */
const LEAF_WARNING_HOURS = 30 * 24;

/**
 * What to do about a CA that will soon be too old to sign; nothing while it is not.
 * @param end when it ends, as its certificate says
 * @param now milliseconds since 1970
 * @param certgen whether the clusters sign with it themselves
 */
export function caWarning(
    end: string,
    leafValidityHours: number,
    now: number,
    certgen = false,
): string | undefined {
    const ends = Date.parse(end);
    const late = ends - leafValidityHours * HOUR_MS;
    if (Number.isNaN(ends) || late - now > CA_WARNING_HOURS * HOUR_MS) return undefined;
    return [
        `the CA of the mesh ${ends < now ? "has ended" : "ends"} on ${dayOf(ends)}:`,
        late < now
            ? "certificates that it signs now end with it."
            : `what it signs from ${dayOf(late)} on ends with it.`,
        certgen
            ? 'With certificates.method "certgen" it cannot be rotated, and from Cilium 1.20 on certgen then signs nothing more: describe a new mesh beside this one and move to it'
            : 'Rotate it: set certificates.nextCa to "trusted", run up, and go on as the plan says',
    ].join(" ");
}

/** What to do about a certificate that ends soon although an `up` has just looked at it. */
export function leafWarning(
    clusterName: string,
    leaf: string,
    { end, earlyRenewalHours, now }: { end: string; earlyRenewalHours: number; now: number },
): string | undefined {
    const ends = Date.parse(end);
    if (Number.isNaN(ends) || ends - now > LEAF_WARNING_HOURS * HOUR_MS) return undefined;
    const renewed = ends - earlyRenewalHours * HOUR_MS;
    return [
        `the certificate ${leaf} of ${clusterName} ${ends < now ? "has ended" : "ends"} on ${dayOf(ends)}:`,
        renewed <= now
            ? "run up without --target, which renews it"
            : `an up renews it from ${dayOf(renewed)} on; raise certificates.leafEarlyRenewalHours, and the next one does`,
    ].join(" ");
}
