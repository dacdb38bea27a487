import { expect, it } from "vitest";

import { caWarning, leafWarning } from "../../../components/tls/certificate-life.ts";

const END = "2036-01-01T12:00:00Z";
const YEAR = 8760;
const at = (day: string) => Date.parse(`${day}T00:00:00Z`);

it.each(["2026-01-01", "2034-07-01"])(
    "says nothing of a CA on %s, half a year before it is too old to sign",
    (day) => {
        expect(caWarning(END, YEAR, at(day))).toBeUndefined();
    },
);

it("warns of a CA half a year before what it signs would end with it", () => {
    expect(caWarning(END, YEAR, at("2034-07-10"))).toBe(
        'the CA of the mesh ends on 2036-01-01: what it signs from 2035-01-01 on ends with it. Rotate it: set certificates.nextCa to "trusted", run up, and go on as the plan says',
    );
    expect(caWarning(END, YEAR, at("2035-06-01"))).toBe(
        'the CA of the mesh ends on 2036-01-01: certificates that it signs now end with it. Rotate it: set certificates.nextCa to "trusted", run up, and go on as the plan says',
    );
    expect(caWarning(END, YEAR, at("2036-06-01"))).toMatch(/^the CA of the mesh has ended on 2036-01-01: /);
});

it("says of a CA that certgen signs with that it cannot be rotated", () => {
    expect(caWarning(END, YEAR, at("2034-07-10"), true)).toMatchInlineSnapshot(
        `"the CA of the mesh ends on 2036-01-01: what it signs from 2035-01-01 on ends with it. With certificates.method "certgen" it cannot be rotated, and from Cilium 1.20 on certgen then signs nothing more: describe a new mesh beside this one and move to it"`,
    );
});

it("warns of a certificate that ends within a month although an up has looked at it", () => {
    const warning = (day: string, earlyRenewalHours: number) =>
        leafWarning("east", "server", { end: END, earlyRenewalHours, now: at(day) });
    expect(warning("2035-11-01", 0)).toBeUndefined();
    expect(warning("2035-12-10", 24)).toBe(
        "the certificate server of east ends on 2036-01-01: an up renews it from 2035-12-31 on; raise certificates.leafEarlyRenewalHours, and the next one does",
    );
    expect(warning("2035-12-10", 2160)).toBe(
        "the certificate server of east ends on 2036-01-01: run up without --target, which renews it",
    );
    expect(warning("2036-02-01", 0)).toMatch(/^the certificate server of east has ended on 2036-01-01: /);
});

it("says nothing of an end that is not known yet", () => {
    expect(caWarning("[ca-cert.validityEndTime]", YEAR, at("2036-01-01"))).toBeUndefined();
    expect(
        leafWarning("east", "server", {
            end: "[cert.validityEndTime]",
            earlyRenewalHours: 1,
            now: at("2036-01-01"),
        }),
    ).toBeUndefined();
});
