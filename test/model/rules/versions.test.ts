import { expect, it } from "vitest";

import * as versions from "../../../model/rules/versions.ts";
import { CILIUM_MINORS, ciliumOf, kubernetesOf } from "../../../model/support/matrix.ts";
import type { TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses } from "../../support/rules.ts";

it("refuses a Cilium whose chart is not known", () => {
    expect(refuses(versions.knownCilium, (mesh) => void (mesh.cilium = { version: "1.15.3" })))
        .toMatchInlineSnapshot(`
          "cilium.version = "1.15.3"
              is a version whose chart this program does not know
              fix: use one of 1.16, 1.17, 1.18, 1.19, 1.20"
        `);
});

it("refuses a Kubernetes that the Cilium was not made for", () => {
    expect(refuses(versions.ciliumRunsOnKubernetes, (mesh) => void (mesh.rke2.version = "v1.31.14+rke2r2")))
        .toMatchInlineSnapshot(`
          "rke2.version = "v1.31.14+rke2r2"
              Cilium 1.19.6 runs on Kubernetes 1.32 to 1.36, not on 1.31
              fix: use an RKE2 of v1.32 to v1.36, or Cilium 1.16, 1.17, 1.18"
        `);
});

it("accepts what the write-up that began this ran: RKE2 1.31 with Cilium 1.16.1", () => {
    accepts((mesh) => {
        mesh.rke2.version = "v1.31.1+rke2r1";
        mesh.cilium = { version: "1.16.1" };
    });
});

it("refuses members two minor versions apart", () => {
    expect(
        refuses(
            versions.ciliumSkew,
            (mesh) => {
                mesh.rke2.version = "v1.33.13+rke2r1";
                mesh.cilium = { version: "1.19.6", policyDefaultLocalCluster: true };
                mesh.clusters.west.cilium = { version: "1.17.16" };
            },
            { others: true },
        ),
    ).toMatchInlineSnapshot(`
      "clusters.west.cilium.version = "1.17.16"
          is more than one minor version behind 1.19.6 of clusters.east: members of a mesh may be one apart
          fix: bring clusters.west to 1.18 or later first"
    `);
});

it("accepts members one minor version apart", () => {
    accepts((mesh) => void (mesh.clusters.west.cilium = { version: "1.20.2" }));
});

it("refuses the patches that break clusters from before 1.16", () => {
    expect(
        refuses(versions.ciliumFirstInstalled, (mesh) => {
            mesh.cilium = {
                version: "1.20.1",
                upgradeCompatibility: "1.15",
                policyDefaultLocalCluster: true,
            };
        }),
    ).toMatchInlineSnapshot(`
      "cilium.version = "1.20.1"
          drops CiliumNodeConfig v2alpha1, in which a cluster first installed with 1.15 still has objects: the upgrade fails
          fix: use 1.20.2 or later"
    `);
});

it("refuses the patches that find the wrong default gateway", () => {
    const found = (version: string) => (mesh: TwoClusters) => {
        mesh.cilium = { version, policyDefaultLocalCluster: true };
        mesh.clusters.west.loadBalancer = { provider: "lb-ipam", pools: { mesh: ["10.99.2.0/24"] } };
        mesh.clusters.west.announce = {
            mode: "bgp",
            localASN: 65010,
            peers: { tor: { defaultGateway: "ipv4", asn: 65000 } },
        };
    };
    expect(refuses(versions.defaultGatewayIsFound, found("1.20.1"))).toMatchInlineSnapshot(`
      "clusters.west.cilium.version = "1.20.1"
          may take Cilium's own route for the node's default gateway, which tor is to be: the session would not come up
          fix: use 1.20.2 or later, or name the address"
    `);
    accepts(found("1.20.2"));
});

it("refuses a first version after the present one", () => {
    expect(refuses(versions.ciliumFirstInstalled, (mesh) => void (mesh.cilium.upgradeCompatibility = "1.20")))
        .toMatchInlineSnapshot(`
          "cilium.upgradeCompatibility = "1.20"
              is newer than Cilium 1.19.6: it names the version that the cluster was first installed with
              fix: name that version, or leave it out"
        `);
});

it("refuses a MetalLB that cannot pin an address", () => {
    expect(
        refuses(versions.metalLbVersion, ({ clusters }) => {
            clusters.east.loadBalancer = {
                provider: "metallb",
                version: "0.14.8",
                pools: { mesh: ["192.168.10.200-192.168.10.219"] },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.version = "0.14.8"
          does not know the annotation that pins the mesh API's address
          fix: use 0.14.9 or later"
    `);
});

it("refuses a MetalLB whose CRDs Kubernetes 1.36 refuses", () => {
    expect(
        refuses(versions.metalLbVersion, (mesh) => {
            mesh.rke2.version = "v1.36.3+rke2r1";
            mesh.clusters.east.loadBalancer = {
                provider: "metallb",
                version: "0.15.3",
                pools: { mesh: ["192.168.10.200-192.168.10.219"] },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.version = "0.15.3"
          has CRDs that Kubernetes 1.36 and later refuse
          fix: use 0.16.0 or later"
    `);
});

it("finds a Cilium for every Kubernetes that any Cilium runs on", () => {
    const minors = CILIUM_MINORS.flatMap((minor) => {
        const range = kubernetesOf(minor);
        return range === undefined ? [] : [range.from, range.to];
    });
    for (const minor of minors) expect(ciliumOf(minor)).not.toEqual([]);
    expect(ciliumOf(26)).toEqual([]);
});
