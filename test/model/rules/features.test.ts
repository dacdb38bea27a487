import { expect, it } from "vitest";

import * as features from "../../../model/rules/features.ts";
import type { TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

const onOldVersion = (spoil: (mesh: TwoClusters) => void) => (mesh: TwoClusters) => {
    mesh.rke2.version = "v1.31.1+rke2r1";
    mesh.cilium = { version: "1.16.1" };
    spoil(mesh);
};

it("refuses a policy default that the version lacks", () => {
    expect(
        refuses(
            features.versionHasIt,
            onOldVersion(({ clusters }) => void (clusters.east.cilium = { policyDefaultLocalCluster: true })),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.policyDefaultLocalCluster = true
          Cilium has it since 1.18; the chart of 1.16.1 would drop it without a word
          fix: use Cilium 1.18 or later, or name the cluster in each policy (io.cilium.k8s.policy.cluster)"
    `);
});

it("refuses a cache time that the version lacks", () => {
    expect(
        refuses(
            features.versionHasIt,
            onOldVersion(({ clusters }) => void (clusters.east.cilium = { cacheTTL: "1h" })),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.cacheTTL = "1h"
          Cilium has it since 1.19; the chart of 1.16.1 would drop it without a word
          fix: use Cilium 1.19 or later, or leave it out: data of a lost cluster then stays in use"
    `);
});

it("refuses source ranges that the version would drop", () => {
    expect(
        refuses(
            features.versionHasIt,
            onOldVersion(
                ({ clusters }) =>
                    void (clusters.east.meshApi = { type: "LoadBalancer", sourceRanges: ["192.168.0.0/16"] }),
            ),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.meshApi.sourceRanges = ["192.168.0.0/16"]
          Cilium has it since 1.17; the chart of 1.16.1 would drop it without a word
          fix: use Cilium 1.17 or later, or limit who may reach it in your firewall"
    `);
});

it("refuses chart values that the mesh owns", () => {
    expect(
        refuses(
            features.passedThroughValues,
            ({ clusters }) => void (clusters.east.cilium = { values: { cluster: { id: 7 } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.values.cluster
          is a chart value that the mesh owns
          fix: the cluster's key under clusters is its name; write its number as id"
    `);
});

it("refuses chart values that the version would drop", () => {
    expect(
        refuses(
            features.passedThroughValues,
            ({ clusters }) => void (clusters.east.cilium = { values: { nodePort: { enabled: true } } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.values.nodePort.enabled
          is no chart value of Cilium 1.19, which would ignore it without a word; 1.16 to 1.18 have it
          fix: take it out: replacing kube-proxy includes it"
    `);
});

it("accepts other chart values", () => {
    accepts(({ clusters }) => void (clusters.east.cilium = { values: { debug: { enabled: true } } }));
});

it("refuses keys of config.yaml that this program sets, or RKE2 does not know", () => {
    expect(
        refuses(
            features.passedThroughConfig,
            ({ clusters }) =>
                void (clusters.east.rke2 = { config: { cni: "calico", "kubelet-args": ["v=2"] } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.rke2.config.cni
          this program sets it
          fix: leave it out: cilium.chart decides who installs Cilium
      clusters.east.rke2.config.kubelet-args
          is no key of RKE2's config.yaml, and RKE2 would go on without it
          fix: write kubelet-arg"
    `);
});

it("accepts other keys of config.yaml", () => {
    accepts(
        (mesh) =>
            void (mesh.rke2.config = { "kubelet-arg": ["max-pods=200"], "etcd-snapshot-retention": 10 }),
    );
});

it("refuses the egress gateway without eBPF masquerading", () => {
    expect(
        refuses(
            features.egressPrerequisites,
            (mesh) => void (mesh.clusters.east.cilium = { egressGateway: true, masquerade: "iptables" }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.egressGateway = true
          needs eBPF masquerading, but masquerade is "iptables": the agents would exit
          fix: set cilium.masquerade to "bpf", or leave the egress gateway off"
    `);
});

it("refuses the egress gateway without IPv4", () => {
    expect(
        refuses(features.egressPrerequisites, ({ clusters }) => {
            for (const cluster of Object.values(clusters)) {
                cluster.podCidr = `fd00:${cluster.id}0::/56`;
                cluster.serviceCidr = `fd00:${cluster.id}1::/112`;
                cluster.nodeCidr = `fd00:${cluster.id}2::/64`;
                for (const [index, node] of Object.values({
                    ...cluster.servers,
                    ...cluster.agents,
                }).entries()) {
                    node.address = `fd00:${cluster.id}2::1${index + 1}`;
                }
                cluster.loadBalancer = {
                    provider: "metallb",
                    pools: { mesh: [`fd00:${cluster.id}2::200-fd00:${cluster.id}2::2ff`] },
                };
            }
            clusters.east.cilium = { egressGateway: true };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.egressGateway = true
          needs IPv4, but the cluster's pods speak IPv6 only
          fix: add IPv4 ranges, or leave the egress gateway off"
    `);
});

it("refuses Hubble's parts without what they need", () => {
    expect(
        refuses(features.hubbleParts, ({ clusters }) => {
            clusters.east.cilium = { hubble: { relay: true } };
            clusters.west.cilium = { hubble: { enabled: true, ui: true } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.hubble.relay = true
          needs hubble.enabled
          fix: set cilium.hubble.enabled to true, or leave relay out
      clusters.west.cilium.hubble.ui = true
          needs hubble.relay
          fix: set cilium.hubble.relay to true, or leave ui out"
    `);
});

it("refuses mutual authentication in a mesh", () => {
    expect(
        refuses(
            features.mutualAuthentication,
            ({ clusters }) => void (clusters.east.cilium = { mutualAuthentication: true }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.mutualAuthentication = true
          does not work across the clusters of a mesh
          fix: leave it out; encryption protects traffic between clusters"
    `);
});

it("refuses more operators than nodes", () => {
    expect(
        refuses(
            features.operatorsHaveNodes,
            ({ clusters }) => void (clusters.east.cilium = { operatorReplicas: 3 }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.operatorReplicas = 3
          needs as many nodes, but the cluster has 2: two operators never share one
          fix: use 2 or fewer, or leave it out"
    `);
});

it("warns where the default of policies changes", () => {
    expect(
        warns(features.policyDefaultChanges, (mesh) =>
            Reflect.deleteProperty(mesh.cilium, "policyDefaultLocalCluster"),
        ),
    ).toMatchInlineSnapshot(`
          "cilium.policyDefaultLocalCluster
              is not said: from Cilium 1.19 on, policies that name no cluster select only local pods
              fix: set it to true to accept that, or to false to keep what 1.18 and earlier did"
        `);
});

it("warns of mutual authentication where it ends soon", () => {
    expect(
        warns(features.mutualAuthenticationEnds, (mesh) => {
            const { east } = mesh.clusters;
            Object.assign(mesh, { clusters: { east } });
            mesh.cilium = { version: "1.20.2", mutualAuthentication: true };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.mutualAuthentication = true
          is deprecated since Cilium 1.20 and goes away in 1.21
          fix: plan to leave it"
    `);
});

it("refuses agent options that the mesh owns", () => {
    expect(
        refuses(features.passedThroughValues, ({ clusters }) => {
            clusters.east.cilium = {
                values: { extraConfig: { "cluster-id": "9" }, extraArgs: ["--tunnel-port=8473", "--debug"] },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.values.extraConfig.cluster-id
          sets cluster-id, which the mesh owns
          fix: take it out, and write the option of the description instead
      clusters.east.cilium.values.extraArgs[0]
          sets tunnel-port, which the mesh owns
          fix: take it out, and write the option of the description instead"
    `);
});

it("refuses the egress gateway beside endpoint slices", () => {
    expect(
        refuses(features.egressPrerequisites, ({ clusters }) => {
            clusters.east.cilium = {
                egressGateway: true,
                values: { ciliumEndpointSlice: { enabled: true } },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.egressGateway = true
          does not go with ciliumEndpointSlice, which cilium.values turns on: the agents would exit
          fix: leave one of them off"
    `);
});

it("refuses authentication modes that do not meet", () => {
    expect(
        refuses(features.authModesMeet, ({ clusters }) => {
            clusters.east.cilium = { authMode: "cluster" };
            clusters.west.cilium = { authMode: "legacy" };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.west.cilium.authMode = "legacy"
          does not go with clusters.east, which is in mode cluster and would refuse this one
          fix: go through "migration": first in every cluster, then "cluster" one by one"
    `);
});

it("accepts authentication modes on the way from one to the other", () => {
    accepts(({ clusters }) => {
        clusters.east.cilium = { authMode: "cluster" };
        clusters.west.cilium = { authMode: "migration" };
    });
});

it("warns of strict encryption that leaves pods out", () => {
    expect(
        warns(
            features.strictCoversPods,
            (mesh) => void (mesh.cilium.encryption = { type: "wireguard", strictEgressCidr: "10.10.0.0/16" }),
        ),
    ).toMatchInlineSnapshot(`
      "cilium.encryption.strictEgressCidr = "10.10.0.0/16"
          leaves out pods of the mesh (10.20.0.0/16): traffic to them may leave a node unencrypted
          fix: name a network that holds the pod ranges of all clusters"
    `);
});
