import { expect, it } from "vitest";

import { checkMesh } from "../../../model/check.ts";
import * as clusterset from "../../../model/rules/clusterset.ts";
import { existingCluster } from "../../support/existing.ts";
import { twoClusters, type TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses } from "../../support/rules.ts";

/** East's DNS answers for what several clusters export. */
function asked({ clusters: { east } }: TwoClusters) {
    east.cilium = { ...east.cilium, mcsApi: { dns: true } };
    return east;
}

it("accepts it in one cluster and in all, and the API without it", () => {
    accepts(asked);
    accepts((mesh) => void (mesh.cilium.mcsApi = { dns: true }));
    accepts((mesh) => void (mesh.cilium.mcsApi = true));
});

it("says nothing of the DNS of clusters that do not ask", () => {
    accepts((mesh) => {
        mesh.rke2.config = { disable: ["rke2-coredns"] };
        mesh.cilium.mcsApi = true;
    });
});

it.each([{ dns: false }, {}, { dns: true, domain: "set.example" }])("refuses the shape %j", (mcsApi) => {
    const mesh: object = { ...twoClusters(), cilium: { version: "1.19.6", mcsApi } };
    expect(checkMesh(mesh).mesh).toBeUndefined();
});

it("refuses it in a cluster that is there already", () => {
    expect(
        refuses(clusterset.clustersetDnsIsOurs, (mesh) => {
            mesh.clusters["north"] = existingCluster(3);
            mesh.cilium.mcsApi = { dns: true };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.north.cilium.mcsApi = {"dns":true}
          asks for a DNS that answers for clusterset.local, and the cluster is there already: its DNS is somebody else's
          fix: write mcsApi: true for this cluster, and have its CoreDNS told (https://docs.cilium.io/en/stable/network/clustermesh/mcsapi/)"
    `);
    accepts((mesh) => {
        mesh.clusters["north"] = { ...existingCluster(3), cilium: { mcsApi: true } };
        mesh.cilium.mcsApi = { dns: true };
    });
});

it("refuses an RKE2 whose CoreDNS is too old", () => {
    expect(
        refuses(clusterset.clustersetDnsIsKnown, (mesh) => {
            mesh.rke2.version = "v1.33.1+rke2r1";
            asked(mesh);
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.rke2.version = "v1.33.1+rke2r1"
          brings CoreDNS 1.12.1 (rke2-coredns 1.42.000), and one that answers for clusterset.local is 1.12.2 or later
          fix: use v1.33.2+rke2r1 or later, or write cilium.mcsApi: true, and tell CoreDNS of clusterset.local yourself"
    `);
});

it("refuses an RKE2 that it does not know", () => {
    expect(
        refuses(clusterset.clustersetDnsIsKnown, (mesh) => {
            mesh.rke2.version = "v1.35.99+rke2r1";
            asked(mesh);
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.rke2.version = "v1.35.99+rke2r1"
          is a release of which this program does not know what CoreDNS it brings, and by what it is configured
          fix: use v1.35.7+rke2r1, or write cilium.mcsApi: true, and tell CoreDNS of clusterset.local yourself"
    `);
});

it("refuses a minor version none of whose releases it knows", () => {
    expect(
        refuses(
            clusterset.clustersetDnsIsKnown,
            (mesh) => {
                mesh.rke2.version = "v1.37.0+rke2r1";
                asked(mesh);
            },
            { others: true },
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.rke2.version = "v1.37.0+rke2r1"
          is a release of which this program does not know what CoreDNS it brings, and by what it is configured
          fix: write cilium.mcsApi: true, and tell CoreDNS of clusterset.local yourself"
    `);
});

it.each([["rke2-coredns"], ["rke2-metrics-server, rke2-coredns"], [["rke2-coredns"]]])(
    "refuses it where RKE2 is told to leave CoreDNS out: %j",
    (disable) => {
        const said = refuses(clusterset.clustersetDnsIsInstalled, (mesh) => {
            asked(mesh).rke2 = { config: { disable } };
        });
        expect(said.replace(/ = .*/, "")).toMatchInlineSnapshot(`
          "clusters.east.rke2.config.disable
              takes away the CoreDNS that cilium.mcsApi asks to answer for clusterset.local
              fix: leave rke2-coredns out, or write cilium.mcsApi: true, and tell your own DNS of clusterset.local"
        `);
    },
);

it("refuses the same domain for the cluster itself", () => {
    expect(
        refuses(clusterset.clustersetDnsHasADomain, (mesh) => {
            asked(mesh).clusterDomain = "clusterset.local";
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.clusterDomain = "clusterset.local"
          is the domain of what several clusters export, for which cilium.mcsApi has the DNS answer too
          fix: choose another one before the cluster is made, or write cilium.mcsApi: true"
    `);
});

it("refuses that Cilium's chart changes CoreDNS too", () => {
    expect(
        refuses(clusterset.clustersetDnsIsToldOnce, (mesh) => {
            const values = { clustermesh: { mcsapi: { corednsAutoConfigure: { enabled: true } } } };
            asked(mesh).cilium = { mcsApi: { dns: true }, values };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.values.clustermesh.mcsapi.corednsAutoConfigure.enabled = true
          has a job of Cilium's chart change the configuration of CoreDNS, which is RKE2's to write, and which cilium.mcsApi changes there already
          fix: take it out"
    `);
});
