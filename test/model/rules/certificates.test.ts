import { expect, it } from "vitest";

import { fromConfig } from "../../../model/describe.ts";
import * as certificates from "../../../model/rules/certificates.ts";
import { INTERMEDIATE, NO_CA, OTHER_ROOT, ROOT } from "../../support/certificates.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

it("refuses certificates that outlive their CA", () => {
    expect(
        refuses(
            certificates.certificateLives,
            (mesh) => void (mesh.certificates = { caValidityHours: 8760, leafValidityHours: 8760 }),
        ),
    ).toMatchInlineSnapshot(`
      "certificates.leafValidityHours = 8760
          must be less than the CA's 8760: a certificate ends with the CA that signed it
          fix: shorten it, or lengthen caValidityHours before the first cluster is made"
    `);
});

it("refuses a renewal as early as the beginning", () => {
    expect(
        refuses(
            certificates.certificateLives,
            (mesh) => void (mesh.certificates = { leafValidityHours: 720, leafEarlyRenewalHours: 720 }),
        ),
    ).toMatchInlineSnapshot(`
      "certificates.leafEarlyRenewalHours = 720
          must be less than leafValidityHours (720): every pulumi up would renew every certificate
          fix: shorten it"
    `);
});

const privateKey = fromConfig("meshCaKey");

it("refuses a certificate that may not sign", () => {
    expect(
        refuses(
            certificates.broughtCaSigns,
            (mesh) => void (mesh.certificates = { ca: { certificate: NO_CA, privateKey } }),
        ),
    ).toMatchInlineSnapshot(`
      "certificates.ca.certificate = CN=no CA
          is not the certificate of a CA: it may not sign others
          fix: begin with the CA that is to sign, and go on with those above it"
    `);
});

it("refuses a chain that does not hang together", () => {
    expect(
        refuses(
            certificates.broughtCaSigns,
            (mesh) =>
                void (mesh.certificates = {
                    ca: { certificate: `${INTERMEDIATE}${OTHER_ROOT}`, privateKey },
                }),
        ),
    ).toMatchInlineSnapshot(`
      "certificates.ca.certificate = CN=Example mesh CA
          is not signed by the one after it, CN=Another root
          fix: put each after the one that it has signed, and leave out what does not belong there"
    `);
});

it.each([
    ["a root", ROOT],
    ["a CA and those above it", `${INTERMEDIATE}${ROOT}`],
    ["a CA that is trusted by itself", INTERMEDIATE],
])("takes %s", (_, certificate) => {
    accepts((mesh) => void (mesh.certificates = { ca: { certificate, privateKey } }));
});

it("asks no life of a CA that is brought", () => {
    accepts(
        (mesh) =>
            void (mesh.certificates = {
                ca: { certificate: ROOT, privateKey },
                caValidityHours: 8760,
                leafValidityHours: 8760,
            }),
    );
});

it("refuses a next CA where no rotation is under way", () => {
    expect(
        refuses(
            certificates.nextCaIsAnother,
            (mesh) => void (mesh.certificates = { nextCaFrom: { certificate: ROOT, privateKey } }),
        ),
    ).toMatchInlineSnapshot(`
      "certificates.nextCaFrom
          is there, but no rotation is under way: nothing would use it
          fix: set nextCa to "trusted"; or, where the rotation is over, move it to ca and leave it out here"
    `);
});

it("refuses to rotate to what is trusted already", () => {
    expect(
        refuses(
            certificates.nextCaIsAnother,
            (mesh) =>
                void (mesh.certificates = {
                    ca: { certificate: ROOT, privateKey },
                    nextCa: "trusted",
                    nextCaFrom: { certificate: `${INTERMEDIATE}${ROOT}`, privateKey },
                }),
        ),
    ).toMatchInlineSnapshot(`
      "certificates.nextCaFrom
          ends in the certificate that is trusted already: there is nothing to rotate
          fix: write it as ca and leave out nextCa, if only the CA below it has changed; otherwise bring another one"
    `);
});

it("refuses TLS of a part of Hubble that is not there, or has none in this version", () => {
    expect(
        refuses(
            certificates.hubbleTlsParts,
            ({ cilium }) => void (cilium.hubble = { enabled: true, relayTls: true, metricsTls: true }),
        ),
    ).toMatchInlineSnapshot(`
      "cilium.hubble.relayTls = true
          needs hubble.relay
          fix: describe cilium.hubble.relay, or leave relayTls out
      cilium.hubble.metricsTls = true
          needs hubble.metrics
          fix: describe cilium.hubble.metrics, or leave metricsTls out"
    `);
    expect(
        refuses(certificates.hubbleTlsParts, (mesh) => {
            mesh.rke2.version = "v1.30.4+rke2r1";
            mesh.cilium = {
                version: "1.16.19",
                hubble: { enabled: true, metrics: ["dns"], metricsTls: true },
            };
        }),
    ).toMatchInlineSnapshot(`
      "cilium.hubble.metricsTls = true
          does not exist in Cilium 1.16.19: its chart mounts another server's certificate
          fix: upgrade to 1.17 or later, or leave metricsTls out"
    `);
});

it("warns of a rotation that is under way, and says what comes next", () => {
    const step = (nextCa: "trusted" | "signing", caGeneration = 1) =>
        warns(certificates.rotationUnderWay, (mesh) => void (mesh.certificates = { nextCa, caGeneration }));
    expect(step("trusted")).toMatchInlineSnapshot(`
      "certificates.nextCa = "trusted"
          is a step of a rotation: CA 1 signs; CA 1 and CA 2 are trusted; Cilium restarts what reads whom to trust only when it starts
          fix: when an up has reached every cluster, set it to "signing"; to turn back, leave it out"
    `);
    expect(step("signing")).toMatchInlineSnapshot(`
      "certificates.nextCa = "signing"
          is a step of a rotation: CA 2 signs; CA 1 and CA 2 are trusted; Cilium restarts what reads whom to trust only when it starts
          fix: when an up has reached every cluster, set caGeneration to 2 and leave nextCa out; to turn back, set it to "trusted""
    `);
    expect(step("signing", 2)).toContain("set caGeneration to 3 and leave nextCa out");
    expect(
        warns(
            certificates.rotationUnderWay,
            (mesh) =>
                void (mesh.certificates = {
                    nextCa: "signing",
                    nextCaFrom: { certificate: ROOT, privateKey },
                }),
        ),
    ).toContain("set caGeneration to 2, move nextCaFrom to ca and leave nextCa out");
    accepts((mesh) => void (mesh.certificates = { caGeneration: 2 }));
});

it("warns of renewals that few ups would come in time for", () => {
    expect(
        warns(
            certificates.renewalsComeInTime,
            (mesh) => void (mesh.certificates = { leafEarlyRenewalHours: 168 }),
        ),
    ).toMatchInlineSnapshot(`
      "certificates.leafEarlyRenewalHours = 168
          leaves 168 hours in which an up must run, or the clusters lose one another when their certificates end
          fix: raise it to 720 or more"
    `);
    accepts((mesh) => void (mesh.certificates = { leafValidityHours: 720, leafEarlyRenewalHours: 240 }));
    expect(
        warns(
            certificates.renewalsComeInTime,
            (mesh) => void (mesh.certificates = { method: "certgen", leafEarlyRenewalHours: 168 }),
            // What certgen costs.
            { others: true },
        ),
    ).toMatchInlineSnapshot(`
      "certificates.leafEarlyRenewalHours = 168
          leaves 168 hours in which a run of certgen that has failed must be seen and mended, or the clusters lose one another when their certificates end
          fix: raise it to 720 or more"
    `);
});
