import { show } from "../problem.ts";
import type { Rule } from "./rule.ts";

export const certificateLives: Rule = ({ certificates }) => {
    const { caValidityHours, leafValidityHours, leafEarlyRenewalHours } = certificates;
    return [
        ...(leafValidityHours < caValidityHours
            ? []
            : [
                  {
                      path: "certificates.leafValidityHours",
                      value: show(leafValidityHours),
                      rule: `must be less than the CA's ${caValidityHours}: a certificate ends with the CA that signed it`,
                      fix: "shorten it, or lengthen caValidityHours before the first cluster is made",
                  },
              ]),
        ...(leafEarlyRenewalHours < leafValidityHours
            ? []
            : [
                  {
                      path: "certificates.leafEarlyRenewalHours",
                      value: show(leafEarlyRenewalHours),
                      rule: `must be less than leafValidityHours (${leafValidityHours}): every pulumi up would renew every certificate`,
                      fix: "shorten it",
                  },
              ]),
    ];
};
