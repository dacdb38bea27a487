import { expect, it } from "vitest";

import { fromConfig } from "../../../model/describe.ts";
import * as datapath from "../../../model/rules/datapath.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

it("refuses what would make agents exit or the chart fail, at its place", () => {
    expect(
        refuses(datapath.optionsGoTogether, (mesh) => {
            mesh.cilium.serviceLoadBalancing = { mode: "dsr", acceleration: "native" };
            mesh.clusters.west.cilium = { nat46x64: true, values: { disableEndpointCRD: true } };
        }),
    ).toMatchInlineSnapshot(`
      "cilium.serviceLoadBalancing.mode = "dsr"
          does not go with a VXLAN tunnel: the agents would exit
          fix: use native routing, or a Geneve tunnel with dispatch "geneve"
      clusters.west.cilium.nat46x64 = true
          needs pods of both families, and the cluster's speak only one: the agents would exit
          fix: add ranges of the other family, or leave it out
      clusters.west.cilium.values.disableEndpointCRD = true
          does not go with a mesh, whose API is fed from CiliumEndpoints: the chart would fail
          fix: leave it out"
    `);
});

it("refuses options that would not be used", () => {
    expect(
        refuses(datapath.optionsAreUsed, (mesh) => {
            mesh.cilium.serviceLoadBalancing = { dispatch: "geneve", maglevTableSize: 251 };
            mesh.cilium.encryption = { type: "ipsec" };
            mesh.cilium.bandwidthManager = {};
        }),
    ).toMatchInlineSnapshot(`
      "cilium.serviceLoadBalancing.dispatch = "geneve"
          would not be used: nodes answer for pods on others themselves
          fix: set mode to "dsr" or "hybrid", or leave it out
      cilium.serviceLoadBalancing.maglevTableSize = 251
          would not be used: backends are chosen at random
          fix: set algorithm to "maglev", or leave it out
      cilium.bandwidthManager = {}
          would not be used: with IPsec the agents turn it off
          fix: use WireGuard, or leave it out"
    `);
});

it("accepts them where Services ask for them", () => {
    accepts((mesh) => {
        mesh.cilium.routing = { mode: "tunnel", protocol: "geneve" };
        mesh.cilium.serviceLoadBalancing = { dispatch: "geneve", maglevTableSize: 251 };
        mesh.cilium.values = { bpf: { lbModeAnnotation: true, lbAlgorithmAnnotation: true } };
    });
});

it("accepts all that goes together", () => {
    accepts((mesh) => {
        mesh.cilium.routing = { mode: "tunnel", protocol: "geneve" };
        mesh.cilium.serviceLoadBalancing = {
            mode: "dsr",
            dispatch: "geneve",
            algorithm: "maglev",
            maglevTableSize: 65521,
            acceleration: "best-effort",
        };
        mesh.cilium.devices = ["eth0", "ens+"];
        mesh.cilium.bandwidthManager = { bbr: true };
    });
});

it("refuses a number for a key that is brought", () => {
    expect(
        refuses(
            datapath.ipsecKeyHasOneOrigin,
            (mesh) =>
                void (mesh.cilium.encryption = {
                    type: "ipsec",
                    key: fromConfig("ipsecKey"),
                    keyGeneration: 2,
                }),
        ),
    ).toMatchInlineSnapshot(`
      "cilium.encryption.keyGeneration = 2
          counts the keys that this program makes, but key names one of your own
          fix: leave one of them out; your own key is changed in the configuration, with the next ID"
    `);
});

it("accepts a key that is made here, and the next one", () => {
    accepts((mesh) => void (mesh.cilium.encryption = { type: "ipsec" }));
    accepts((mesh) => void (mesh.cilium.encryption = { type: "ipsec", keyGeneration: 2 }));
    // The first is the one without a number.
    accepts((mesh) => {
        mesh.cilium.encryption = { type: "ipsec" };
        mesh.clusters.west.cilium = { encryption: { type: "ipsec", keyGeneration: 1 } };
    });
});

it("warns where members balance global Services differently", () => {
    expect(
        warns(datapath.oneServiceLoadBalancing, (mesh) => {
            mesh.cilium.routing = { mode: "tunnel", protocol: "geneve" };
            mesh.cilium.serviceLoadBalancing = { mode: "hybrid", dispatch: "geneve", algorithm: "maglev" };
            mesh.clusters.west.cilium = { serviceLoadBalancing: { algorithm: "random" } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.west.cilium.serviceLoadBalancing = snat, random
          differs from clusters.east (hybrid by geneve, maglev of 16381): a global Service is then not answered, or not balanced, alike from both
          fix: set cilium.serviceLoadBalancing once, for the mesh, and leave it out here"
    `);
});

it("lets each member load programs into its own drivers", () => {
    accepts(
        ({ clusters }) =>
            void (clusters.east.cilium = { serviceLoadBalancing: { mode: "snat", acceleration: "native" } }),
    );
});

it("warns of what is not encrypted although it seems to be", () => {
    expect(
        warns(datapath.accelerationIsInTheOpen, (mesh) => {
            mesh.cilium.encryption = { type: "wireguard", nodeEncryption: true };
            mesh.cilium.serviceLoadBalancing = { acceleration: "native" };
        }),
    ).toMatchInlineSnapshot(`
      "cilium.serviceLoadBalancing.acceleration = "native"
          sends requests from outside on to pods of other nodes in the open, although nodeEncryption encrypts between nodes
          fix: leave it out where these must be encrypted too"
    `);
    accepts((mesh) => {
        mesh.cilium.encryption = { type: "wireguard" };
        mesh.cilium.serviceLoadBalancing = { acceleration: "native" };
    });
});

it("warns where agents would not see the next key", () => {
    expect(
        warns(datapath.ipsecKeyIsWatched, (mesh) => {
            mesh.cilium.encryption = { type: "ipsec" };
            mesh.clusters.east.cilium = { values: { encryption: { ipsec: { keyWatcher: false } } } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.values.encryption.ipsec.keyWatcher = false
          lets agents read another key only when they restart: nodes that have the next one and nodes that do not, lose each other's packets
          fix: leave it out"
    `);
});

it("warns of objects whose kind a new cluster does not have", () => {
    const monitored = { prometheus: { enabled: true, serviceMonitor: { enabled: true } } };
    expect(
        warns(
            datapath.serviceMonitorsNeedTheirKind,
            ({ clusters }) =>
                void (clusters.east.cilium = {
                    hubble: { enabled: true, relay: true },
                    values: {
                        ...monitored,
                        operator: { prometheus: { serviceMonitor: { enabled: true } } },
                        envoy: { prometheus: { enabled: false, serviceMonitor: { enabled: true } } },
                        hubble: { relay: monitored },
                    },
                }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.values.prometheus.serviceMonitor.enabled = true
          makes the chart fail in a cluster that does not have the kind ServiceMonitor, as a new one does not
          fix: turn it on once Prometheus' operator is there, with prometheus.serviceMonitor.trustCRDsExist true
      clusters.east.cilium.values.operator.prometheus.serviceMonitor.enabled = true
          makes the chart fail in a cluster that does not have the kind ServiceMonitor, as a new one does not
          fix: turn it on once Prometheus' operator is there, with prometheus.serviceMonitor.trustCRDsExist true
      clusters.east.cilium.values.hubble.relay.prometheus.serviceMonitor.enabled = true
          makes the chart fail in a cluster that does not have the kind ServiceMonitor, as a new one does not
          fix: turn it on once Prometheus' operator is there, with prometheus.serviceMonitor.trustCRDsExist true"
    `);
    accepts(
        ({ clusters }) =>
            void (clusters.east.cilium = {
                values: {
                    ...monitored,
                    prometheus: {
                        enabled: true,
                        serviceMonitor: { enabled: true, trustCRDsExist: true },
                    },
                },
            }),
    );
});
