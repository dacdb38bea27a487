import { expect, it } from "vitest";

import { fromConfig } from "../../../model/describe.ts";
import * as certgen from "../../../model/rules/certgen.ts";
import { INTERMEDIATE, ROOT } from "../../support/certificates.ts";
import { twoClusters, type TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

const privateKey = fromConfig("meshCaKey");

function withCertgen(certificates: TwoClusters["certificates"] = {}) {
    return (mesh: TwoClusters) => void (mesh.certificates = { method: "certgen", ...certificates });
}

it("warns of what certgen costs", () => {
    expect(warns(certgen.certgenHoldsTheKey, withCertgen())).toMatchInlineSnapshot(`
      "certificates.method = "certgen"
          puts the key of the mesh's CA into every cluster, as the Secret kube-system/cilium-ca: whoever can read the Secrets there in one cluster can pass for any cluster; nor can the CA be rotated
          fix: let few read the Secrets of kube-system; or write "pulumi", with which the key enters no cluster"
    `);
    accepts((mesh) => void (mesh.certificates = { method: "pulumi" }));
});

it("refuses every step of a rotation", () => {
    const rotating = (certificates: TwoClusters["certificates"]) =>
        refuses(certgen.certgenRotatesNoCa, withCertgen(certificates));
    expect(rotating({ nextCa: "trusted" })).toMatchInlineSnapshot(`
      "certificates.nextCa = "trusted"
          is part of a rotation, in which every cluster trusts two CAs for a while: certgen writes one only
          fix: leave it out; a mesh that is to rotate its CA begins with method: "pulumi""
    `);
    expect(rotating({ nextCa: "signing", caGeneration: 2 })).toMatchInlineSnapshot(`
      "certificates.nextCa = "signing"
          is part of a rotation, in which every cluster trusts two CAs for a while: certgen writes one only
          fix: leave it out; a mesh that is to rotate its CA begins with method: "pulumi"
      certificates.caGeneration = 2
          is part of a rotation, in which every cluster trusts two CAs for a while: certgen writes one only
          fix: leave it out; a mesh that is to rotate its CA begins with method: "pulumi""
    `);
});

it("refuses lives that a monthly renewal is too late for", () => {
    const refused = (certificates: TwoClusters["certificates"]) =>
        refuses(certgen.certgenRunsInTime, withCertgen(certificates));
    expect(refused({ leafValidityHours: 2_200 })).toMatchInlineSnapshot(`
      "certificates.leafValidityHours = 2200
          must be 2904 or more, in whole days: certgen renews once a month (744 hours), and leafEarlyRenewalHours (2160) must be left then
          fix: write 2904 or more, or shorten leafEarlyRenewalHours"
    `);
    // The last day is not a whole one.
    expect(refused({ leafValidityHours: 800, leafEarlyRenewalHours: 55 })).toContain(
        "must be 799 or more, in whole days",
    );
    // It is the only rule that speaks of a renewal as early as the beginning.
    expect(refused({ leafValidityHours: 720, leafEarlyRenewalHours: 720 })).toContain("write 1464 or more");
});

it("takes lives that a monthly renewal is in time for", () => {
    for (const certificates of [
        { leafValidityHours: 2_904 },
        { leafValidityHours: 816, leafEarlyRenewalHours: 72 },
    ]) {
        expect(warns(certgen.certgenHoldsTheKey, withCertgen(certificates))).not.toBe("");
    }
});

it("refuses a chain where certgen is not known to read one", () => {
    const chain = { ca: { certificate: `${INTERMEDIATE}${ROOT}`, privateKey } };
    expect(
        refuses(certgen.certgenKnowsChains, (mesh) => {
            withCertgen(chain)(mesh);
            mesh.cilium.version = "1.19.5";
        }),
    ).toMatchInlineSnapshot(`
      "cilium.version = "1.19.5"
          is not known to bring a certgen (0.3.1 or later) that signs with a CA that others have signed, as certificates.ca is
          fix: upgrade to 1.19.6 or later, or bring the CA's own certificate only: then nothing else is trusted"
    `);
    const mesh = twoClusters();
    mesh.cilium.version = "1.19.5";
    const alone = { ca: { certificate: INTERMEDIATE, privateKey } };
    expect(warns(certgen.certgenHoldsTheKey, withCertgen(alone), { mesh })).not.toBe("");
    expect(warns(certgen.certgenHoldsTheKey, withCertgen(chain))).not.toBe("");
});

it("refuses TLS of the metrics, whose certificate the chart asks for by a wrong name", () => {
    expect(
        refuses(certgen.certgenNamesMetrics, (mesh) => {
            withCertgen()(mesh);
            mesh.cilium.hubble = { enabled: true, metrics: ["dns"], metricsTls: true };
        }),
    ).toMatchInlineSnapshot(`
      "cilium.hubble.metricsTls = true
          needs a certificate that the chart of Cilium 1.19.6 asks certgen for by a wrong name, which ends in " | quote }}"
          fix: leave it out, or begin the mesh with certificates.method: "pulumi""
    `);
    expect(
        refuses(certgen.certgenNamesMetrics, (mesh) => {
            withCertgen()(mesh);
            mesh.cilium.hubble = { enabled: true, metrics: ["dns"] };
            mesh.clusters.east.cilium = {
                values: {
                    hubble: {
                        metrics: { tls: { enabled: true, server: { existingSecret: "own-metrics" } } },
                    },
                },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.values.hubble.metrics.tls.enabled = true
          needs a certificate that the chart of Cilium 1.19.6 asks certgen for by a wrong name, which ends in " | quote }}"
          fix: leave it out, or begin the mesh with certificates.method: "pulumi""
    `);
});

it("refuses the Cilium that RKE2 brings", () => {
    expect(
        refuses(certgen.certgenFindsTheCa, (mesh) => {
            withCertgen()(mesh);
            mesh.clusters.east.cilium = { chart: { bundled: true } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.chart
          is the one that RKE2 brings, and installs before the mesh's CA can be in the cluster: certgen would fail for good, or make another CA
          fix: install Cilium by a chart of its own, or write certificates.method: "pulumi""
    `);
});
