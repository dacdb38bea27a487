import { show, type Problem } from "../problem.ts";
import type { BroughtCa, Certificates } from "../resolved.ts";
import { chainOf, readChain, subjectOf } from "../support/ca-certificate.ts";
import { minorOf } from "../support/version.ts";
import { broughtIn, trustOf, trustText } from "../trust.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/** Who renews by an ordinary `up` should have a month for it. */
const LEAST_RENEWAL_HOURS = 720;

export const certificateLives: Rule = ({ certificates }) => {
    const { method, caValidityHours, leafValidityHours, leafEarlyRenewalHours } = certificates;
    return [
        ...(leafValidityHours < caValidityHours || !isMadeHere(certificates)
            ? []
            : [
                  {
                      path: "certificates.leafValidityHours",
                      value: show(leafValidityHours),
                      rule: `must be less than the CA's ${caValidityHours}: a certificate ends with the CA that signed it`,
                      fix: "shorten it, or lengthen caValidityHours before the first cluster is made",
                  },
              ]),
        // Of certgen, which renews by the calendar, more is asked elsewhere.
        ...(leafEarlyRenewalHours < leafValidityHours || method === "certgen"
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

/** Whether any of the CAs is made here. */
function isMadeHere({ ca, nextCa, nextCaFrom }: Certificates): boolean {
    return ca === undefined || (nextCa !== undefined && nextCaFrom === undefined);
}

export const broughtCaSigns: Rule = ({ certificates }) =>
    broughtIn(certificates).flatMap(({ path, brought }) => chainProblems(path, brought.certificate));

export const nextCaIsAnother: Rule = ({ certificates }) => {
    const { ca, nextCa, nextCaFrom } = certificates;
    if (nextCaFrom === undefined) return [];
    if (nextCa === undefined) {
        return [
            {
                path: "certificates.nextCaFrom",
                rule: "is there, but no rotation is under way: nothing would use it",
                fix: 'set nextCa to "trusted"; or, where the rotation is over, move it to ca and leave it out here',
            },
        ];
    }
    const trusted = (brought: BroughtCa) => chainOf(brought.certificate).trustFingerprint;
    return ca === undefined || trusted(ca) !== trusted(nextCaFrom)
        ? []
        : [
              {
                  path: "certificates.nextCaFrom",
                  rule: "ends in the certificate that is trusted already: there is nothing to rotate",
                  fix: "write it as ca and leave out nextCa, if only the CA below it has changed; otherwise bring another one",
              },
          ];
};

export const hubbleTlsParts: Rule = forEachCluster(({ cilium: { hubble, version } }, at) => {
    const problem = (part: string, rule: string, fix: string) => [
        { path: `${at}.cilium.hubble.${part}`, value: show(true), rule, fix },
    ];
    const leftOut = (needed: string, part: string) =>
        problem(part, `needs hubble.${needed}`, `describe cilium.hubble.${needed}, or leave ${part} out`);
    return [
        ...(hubble.relayTls === true && !hubble.relay ? leftOut("relay", "relayTls") : []),
        ...(hubble.metricsTls === true && hubble.metrics.length === 0
            ? leftOut("metrics", "metricsTls")
            : []),
        ...(hubble.metricsTls === true && minorOf(version) < 17
            ? problem(
                  "metricsTls",
                  `does not exist in Cilium ${version}: its chart mounts another server's certificate`,
                  "upgrade to 1.17 or later, or leave metricsTls out",
              )
            : []),
    ];
});

export const rotationUnderWay: Rule = ({ certificates }) => {
    const { nextCa, caGeneration, nextCaFrom } = certificates;
    if (nextCa === undefined) return [];
    const [now, next] = [trustOf(certificates), caGeneration + 1];
    const brought = nextCaFrom === undefined ? "" : ", move nextCaFrom to ca";
    return [
        {
            path: "certificates.nextCa",
            value: show(nextCa),
            rule: `is a step of a rotation: ${trustText(now)}; Cilium restarts what reads whom to trust only when it starts`,
            fix:
                nextCa === "trusted"
                    ? 'when an up has reached every cluster, set it to "signing"; to turn back, leave it out'
                    : `when an up has reached every cluster, set caGeneration to ${next}${brought} and leave nextCa out; to turn back, set it to "trusted"`,
        },
    ];
};

export const renewalsComeInTime: Rule = ({ certificates }) => {
    const { method, leafEarlyRenewalHours: hours, leafValidityHours } = certificates;
    // Who makes short ones runs often.
    return hours >= LEAST_RENEWAL_HOURS || leafValidityHours <= 2 * LEAST_RENEWAL_HOURS
        ? []
        : [
              {
                  path: "certificates.leafEarlyRenewalHours",
                  value: show(hours),
                  rule: `leaves ${hours} hours in which ${method === "certgen" ? "a run of certgen that has failed must be seen and mended" : "an up must run"}, or the clusters lose one another when their certificates end`,
                  fix: `raise it to ${LEAST_RENEWAL_HOURS} or more`,
              },
          ];
};

function chainProblems(path: string, text: string): Problem[] {
    const chain = readChain(text) ?? [];
    return chain.flatMap((certificate, index) => {
        const above = chain[index + 1];
        const name = subjectOf(certificate);
        return [
            ...(certificate.ca
                ? []
                : [
                      {
                          path: `${path}.certificate`,
                          value: name,
                          rule: "is not the certificate of a CA: it may not sign others",
                          fix: "begin with the CA that is to sign, and go on with those above it",
                      },
                  ]),
            ...(above === undefined || (certificate.checkIssued(above) && certificate.verify(above.publicKey))
                ? []
                : [
                      {
                          path: `${path}.certificate`,
                          value: name,
                          rule: `is not signed by the one after it, ${subjectOf(above)}`,
                          fix: "put each after the one that it has signed, and leave out what does not belong there",
                      },
                  ]),
        ];
    });
}
