import { show, type Problem } from "../problem.ts";
import type { Cluster, Mesh } from "../resolved.ts";
import { chainOf } from "../support/ca-certificate.ts";
import { CERTGEN_PERIOD_HOURS, certgenChainsSince, certgenDays } from "../support/certgen.ts";
import { valueAt } from "../value-at.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/* Certificates that certgen makes in each cluster: what it cannot do, and what it costs. */

/** A rule about each cluster that makes its certificates itself. */
function forEachWithCertgen(rule: (cluster: Cluster, at: string, mesh: Mesh) => readonly Problem[]): Rule {
    return forEachCluster((cluster, at, mesh) =>
        mesh.certificates.method === "certgen" ? rule(cluster, at, mesh) : [],
    );
}

/** It writes the last certificate of its CA into every Secret, and no other. */
export const certgenRotatesNoCa: Rule = ({ certificates: { method, nextCa, caGeneration } }) => {
    if (method !== "certgen") return [];
    const steps = {
        ...(nextCa === undefined ? {} : { nextCa }),
        ...(caGeneration === 1 ? {} : { caGeneration }),
    };
    return Object.entries(steps).map(([key, value]) => ({
        path: `certificates.${key}`,
        value: show(value),
        rule: "is part of a rotation, in which every cluster trusts two CAs for a while: certgen writes one only",
        fix: 'leave it out; a mesh that is to rotate its CA begins with method: "pulumi"',
    }));
};

/** It renews by the calendar, so that a certificate may be a month old before its turn comes. */
export const certgenRunsInTime: Rule = ({ certificates }) => {
    const { method, leafValidityHours, leafEarlyRenewalHours } = certificates;
    const least = leafEarlyRenewalHours + CERTGEN_PERIOD_HOURS;
    return method !== "certgen" || certgenDays(leafValidityHours) * 24 >= least
        ? []
        : [
              {
                  path: "certificates.leafValidityHours",
                  value: show(leafValidityHours),
                  rule: `must be ${least} or more, in whole days: certgen renews once a month (${CERTGEN_PERIOD_HOURS} hours), and leafEarlyRenewalHours (${leafEarlyRenewalHours}) must be left then`,
                  fix: `write ${Math.ceil(least / 24) * 24} or more, or shorten leafEarlyRenewalHours`,
              },
          ];
};

export const certgenKnowsChains: Rule = forEachWithCertgen(
    ({ cilium: { version } }, at, { certificates: { ca } }) => {
        const since = certgenChainsSince(version);
        return ca === undefined || chainOf(ca.certificate).intermediatesPem === "" || since === undefined
            ? []
            : [
                  {
                      path: `${at}.cilium.version`,
                      value: show(version),
                      rule: "is not known to bring a certgen (0.3.1 or later) that signs with a CA that others have signed, as certificates.ca is",
                      fix: `upgrade to ${since} or later, or bring the CA's own certificate only: then nothing else is trusted`,
                  },
              ];
    },
);

/** A pair of braces too many stands in the chart's template, and so in the certificate's name. */
export const certgenNamesMetrics: Rule = forEachWithCertgen(({ cilium: { version, hubble, values } }, at) =>
    [
        ...(hubble.metricsTls === true ? ["hubble.metricsTls"] : []),
        ...(valueAt(values, "hubble", "metrics", "tls", "enabled") === true
            ? ["values.hubble.metrics.tls.enabled"]
            : []),
    ].map((path) => ({
        path: `${at}.cilium.${path}`,
        value: show(true),
        rule: `needs a certificate that the chart of Cilium ${version} asks certgen for by a wrong name, which ends in " | quote }}"`,
        fix: 'leave it out, or begin the mesh with certificates.method: "pulumi"',
    })),
);

/** RKE2 installs its chart when it first starts; before 1.17 certgen would then make a CA of its own. */
export const certgenFindsTheCa: Rule = forEachWithCertgen(({ kubernetes, cilium: { chart } }, at) =>
    kubernetes === undefined && "bundled" in chart
        ? [
              {
                  path: `${at}.cilium.chart`,
                  rule: "is the one that RKE2 brings, and installs before the mesh's CA can be in the cluster: certgen would fail for good, or make another CA",
                  fix: 'install Cilium by a chart of its own, or write certificates.method: "pulumi"',
              },
          ]
        : [],
);

export const certgenHoldsTheKey: Rule = ({ certificates: { method } }) =>
    method !== "certgen"
        ? []
        : [
              {
                  path: "certificates.method",
                  value: show(method),
                  rule: "puts the key of the mesh's CA into every cluster, as the Secret kube-system/cilium-ca: whoever can read the Secrets there in one cluster can pass for any cluster; nor can the CA be rotated",
                  fix: 'let few read the Secrets of kube-system; or write "pulumi", with which the key enters no cluster',
              },
          ];
