import { expect, it } from "vitest";

import { certificateLives } from "../../../model/rules/certificates.ts";
import { refuses } from "../../support/rules.ts";

it("refuses certificates that outlive their CA", () => {
    expect(
        refuses(
            certificateLives,
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
            certificateLives,
            (mesh) => void (mesh.certificates = { leafValidityHours: 720, leafEarlyRenewalHours: 720 }),
        ),
    ).toMatchInlineSnapshot(`
      "certificates.leafEarlyRenewalHours = 720
          must be less than leafValidityHours (720): every pulumi up would renew every certificate
          fix: shorten it"
    `);
});
