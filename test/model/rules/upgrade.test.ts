import { expect, it } from "vitest";

import * as upgrade from "../../../model/rules/upgrade.ts";
import { oneCluster, twoClusters, type TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

/** A mesh in the middle of an upgrade: `version` is what clusters go to. */
const upgrading = (version: string, from: string, spoil: (mesh: TwoClusters) => void = () => undefined) => {
    const rke2: Record<string, string> = { "1.17": "v1.31.14+rke2r1", "1.18": "v1.33.13+rke2r1" };
    return (mesh: TwoClusters) => {
        mesh.rke2.version = rke2[version.slice(0, 4)] ?? "v1.35.7+rke2r1";
        mesh.cilium = {
            version,
            upgradeCompatibility: "1.16",
            ...(version < "1.18" ? {} : { policyDefaultLocalCluster: true }),
            upgrade: { from },
        };
        spoil(mesh);
    };
};

it("refuses a step over a minor version, offline too", () => {
    expect(refuses(upgrade.upgradeByOneMinor, upgrading("1.20.2", "1.18"))).toMatchInlineSnapshot(`
      "cilium.version = "1.20.2"
          is 2 minor versions after 1.18, which clusters come from by cilium.upgrade.from: Cilium is upgraded by one at a time
          fix: go to the newest patch of 1.19 first"
    `);
    expect(refuses(upgrade.upgradeByOneMinor, upgrading("1.17.16", "1.19"))).toMatchInlineSnapshot(`
      "cilium.version = "1.17.16"
          is 2 minor versions before 1.19, which clusters come from by cilium.upgrade.from: Cilium goes back by one at a time
          fix: go to the newest patch of 1.18 first"
    `);
});

it("refuses a step over a minor version of one cluster", () => {
    expect(
        refuses(
            upgrade.upgradeByOneMinor,
            upgrading(
                "1.19.6",
                "1.18",
                ({ clusters }) => void (clusters.west.cilium = { version: "1.20.2" }),
            ),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.west.cilium.version = "1.20.2"
          is 2 minor versions after 1.18, which clusters come from by cilium.upgrade.from: Cilium is upgraded by one at a time
          fix: go to the newest patch of 1.19 first"
    `);
});

it("refuses an order that is not one of the clusters, each once", () => {
    expect(
        refuses(
            upgrade.upgradeOrderIsWhole,
            upgrading("1.18.11", "1.18", (mesh) => {
                mesh.clusters["north"] = oneCluster(3, "north");
                mesh.cilium.upgrade = { from: "1.18", order: ["west", "south", "west"] };
            }),
        ),
    ).toMatchInlineSnapshot(`
      "cilium.upgrade.order = ["west","south","west"]
          names south, which is no cluster
          fix: use some of east, west, north
      cilium.upgrade.order = ["west","south","west"]
          names west twice
          fix: name each cluster once
      cilium.upgrade.order = ["west","south","west"]
          leaves out east: nobody could say when it changes
          fix: name every cluster, or leave the order out
      cilium.upgrade.order = ["west","south","west"]
          leaves out north: nobody could say when it changes
          fix: name every cluster, or leave the order out"
    `);
});

it("refuses an upgrade of what may have been installed with another version", () => {
    expect(
        refuses(
            upgrade.upgradeKeepsFirstVersion,
            upgrading("1.18.11", "1.18", ({ cilium }) => delete cilium.upgradeCompatibility),
        ),
    ).toMatchInlineSnapshot(`
      "cilium.upgradeCompatibility
          is not said, and cilium.upgrade is: the new chart's defaults would replace those that the cluster was installed with
          fix: write the minor version that the cluster was first installed with: "1.18", or an older one"
    `);
});

it("accepts an upgrade that has not begun, and a way back", () => {
    accepts(upgrading("1.18.11", "1.18"));
    accepts(
        upgrading("1.18.11", "1.19", (mesh) => {
            mesh.clusters.west.cilium = { version: "1.19.6" };
            mesh.cilium.upgrade = { from: "1.19", order: ["west", "east"] };
        }),
    );
});

it("says nothing of a step where none is under way", () => {
    accepts((mesh) => void (mesh.cilium.upgradeCompatibility = "1.16"));
});

it("warns of what 1.17 does differently", () => {
    expect(warns(upgrade.upgradeNotes, upgrading("1.17.16", "1.16"))).toMatchInlineSnapshot(`
      "cilium.values.MTU
          Cilium 1.17: the MTU found by itself is the lowest of all external interfaces, and no longer the first one's
          fix: set cilium.values.MTU to the first one's, if another interface has less
      cilium.values.livenessProbe.requireK8sConnectivity
          Cilium 1.17: an agent that cannot reach the API of Kubernetes no longer restarts (from 1.17.4 on)
          fix: set it to true to let it restart
      cilium.values.dnsProxy.endpointMaxIpPerHostname
          Cilium 1.17: policies by DNS name remember 1000 addresses of a name, and no longer 50
          fix: set it to 50"
    `);
});

it("warns of what 1.18 does differently", () => {
    expect(
        warns(
            upgrade.upgradeNotes,
            upgrading("1.18.11", "1.17", (mesh) => {
                mesh.cilium.values = { labels: "k8s:app" };
                mesh.clusters.west.loadBalancer = {
                    provider: "lb-ipam",
                    pools: { mesh: ["192.168.20.200-192.168.20.219"] },
                };
            }),
        ),
    ).toMatchInlineSnapshot(`
      "cilium.values.labels
          Cilium 1.18: a pod's service account becomes part of its identity: identities are made anew, and packets are dropped meanwhile
          fix: add !io\\.cilium\\.k8s\\.policy\\.serviceaccount to the labels
      clusters.west.announce
          Cilium 1.18: pools and BGP objects are written as cilium.io/v2, and no longer as v2alpha1; they stay the same objects
          fix: nothing to do for those of this description; write your own ones anew as cilium.io/v2"
    `);
});

it("warns of what 1.19 does differently", () => {
    expect(
        warns(
            upgrade.upgradeNotes,
            upgrading("1.19.6", "1.18", (mesh) => {
                mesh.cilium.mcsApi = true;
                mesh.clusters.west.loadBalancer = {
                    provider: "lb-ipam",
                    pools: { mesh: ["192.168.20.200-192.168.20.219"] },
                };
            }),
        ),
    ).toMatchInlineSnapshot(`
      "cilium.authMode
          Cilium 1.19: is "migration": the mesh API knows its peers both by their common name and each by its own; up to 1.18 it was "legacy" where nothing was said
          fix: set it to "legacy"
      cilium.mutualAuthentication
          Cilium 1.19: policies that ask for authentication let traffic pass without it, as authentication is off by default
          fix: take authentication out of policies; a single cluster keeps it with mutualAuthentication
      cilium.version
          Cilium 1.19: policies with fromRequires or toRequires are refused, and ** at the beginning of a DNS pattern matches several labels
          fix: nothing keeps the old: look through the policies first
      cilium.mcsApi
          Cilium 1.19: the operator installs the CRDs of the Multi-Cluster Services API, and keeps them up to date
          fix: set cilium.values.clustermesh.mcsapi.installCRDs to false
      clusters.west.loadBalancer
          Cilium 1.19: TCP and UDP to an address of LB-IPAM at a port that no Service has are dropped, and no longer reach the node
          fix: nothing keeps the old: let health checks ask ports that Services have"
    `);
});

it("warns of what 1.20 does differently", () => {
    expect(
        warns(
            upgrade.upgradeNotes,
            upgrading("1.20.2", "1.19", (mesh) => {
                mesh.cilium.values = { socketLB: { hostNamespaceOnly: true }, gatewayAPI: { enabled: true } };
                mesh.clusters.west.loadBalancer = {
                    provider: "lb-ipam",
                    pools: { mesh: ["10.99.2.0/24"] },
                };
                mesh.clusters.west.announce = {
                    mode: "bgp",
                    localASN: 65010,
                    peers: { tor: { address: "192.168.20.1", asn: 65000 } },
                };
            }),
        ),
    ).toMatchInlineSnapshot(`
      "cilium.version
          Cilium 1.20: the mesh API's certificate is for clustermesh-apiserver.kube-system.svc, and no longer for clustermesh-apiserver.cilium.io; members of the mesh ask for neither
          fix: nothing to do for them; whoever else verifies the old name asks for the new one
      cilium.version
          Cilium 1.20: policies with rules for kafka, l7 or l7proto are gone, and CiliumNodeConfigs are to be written as cilium.io/v2
          fix: nothing keeps the old: take those rules out of the policies first
      cilium.values.socketLB
          Cilium 1.20: a pod's connection to a NodePort is balanced as it leaves the pod: its policy must let it reach the backends, and theirs must let it in
          fix: nothing keeps the old: widen the policies first
      cilium.values.gatewayAPI
          Cilium 1.20: needs the CRDs of Gateway API 1.6.1, those of TLSRoute from its experimental channel where there are any: others make them disappear
          fix: save the TLSRoutes and install those CRDs first
      clusters.west.announce
          Cilium 1.20: the metrics of BGP have the label instance_name, and no longer vrouter
          fix: nothing keeps the old: change dashboards and alerts"
    `);
});

it("warns of what IPsec does differently in 1.18 and in 1.19, and no longer of what is kept", () => {
    const notes = (version: string, from: string, values = {}) =>
        warns(
            upgrade.upgradeNotes,
            upgrading(version, from, (mesh) => {
                mesh.cilium.encryption = { type: "ipsec", key: { fromConfig: "ipsecKey" } };
                mesh.cilium.values = values;
            }),
        );
    expect(notes("1.18.11", "1.17")).toMatchInlineSnapshot(`
      "cilium.encryption
          Cilium 1.18: IPsec encrypts after the tunnel's encapsulation, and no longer before: only the newest patch of 1.17 understands both, and the key must not be changed meanwhile
          fix: let every cluster run the newest patch of 1.17 first"
    `);
    expect(notes("1.19.6", "1.18")).toContain("cilium.values.bpf.hostLegacyRouting");
    expect(notes("1.19.6", "1.18", { bpf: { hostLegacyRouting: true } })).not.toContain("hostLegacyRouting");
});

it("warns only where the cluster takes the step, and not of what it keeps", () => {
    const said = warns(
        upgrade.upgradeNotes,
        upgrading("1.18.11", "1.18", ({ clusters }) => {
            clusters.west.cilium = { version: "1.19.6", authMode: "legacy" };
        }),
        { mesh: twoClusters() },
    );
    expect(said).toContain("clusters.west.cilium.mutualAuthentication");
    expect(said).not.toContain("authMode");
    expect(said).not.toContain("clusters.east");
});

it("says no more of a step once its notes are read", () => {
    accepts(
        upgrading("1.19.6", "1.18", ({ cilium }) => (cilium.upgrade = { from: "1.18", notesRead: true })),
    );
});
