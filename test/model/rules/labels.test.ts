import { expect, it } from "vitest";

import * as labels from "../../../model/rules/labels.ts";
import type { ClusterDescription } from "../../../model/describe.ts";
import { hostKeyOf, type TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

type Node = NonNullable<ClusterDescription["servers"]>[string];

function agent(what: Partial<Node>) {
    return ({ clusters }: TwoClusters) =>
        void (clusters.east.agents = {
            "east-2": { address: "192.168.10.12", ssh: { hostKey: hostKeyOf("east-2") }, ...what },
        });
}

it("refuses labels with which the kubelet would not start, all of them", () => {
    expect(
        refuses(
            labels.nodeLabels,
            agent({ labels: { "node-role.kubernetes.io/worker": "true", "x.k8s.io/y": "", disk: "ssd" } }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.agents.east-2.labels = "node-role.kubernetes.io/worker"
          is a label that a node may not give itself: its kubelet would not start
          fix: use a domain of your own, or node.kubernetes.io/, or set it with kubectl
      clusters.east.agents.east-2.labels = "x.k8s.io/y"
          is a label that a node may not give itself: its kubelet would not start
          fix: use a domain of your own, or node.kubernetes.io/, or set it with kubectl"
    `);
});

it("accepts labels that a kubelet may set", () => {
    accepts(
        agent({
            labels: {
                "topology.kubernetes.io/zone": "a",
                "node.kubernetes.io/rack": "1",
                "x.node.kubernetes.io/rack": "1",
                "example.net/kubernetes.io": "",
            },
        }),
    );
});

it("refuses one taint twice", () => {
    expect(
        refuses(
            labels.nodeTaints,
            agent({
                taints: [
                    { key: "example.net/gpu", value: "a", effect: "NoSchedule" },
                    { key: "example.net/gpu", value: "b", effect: "NoSchedule" },
                    { key: "example.net/gpu", effect: "NoExecute" },
                ],
            }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.agents.east-2.taints = "example.net/gpu:NoSchedule"
          is there twice, and a kubelet takes one key and effect only once: it would not start
          fix: leave one of them out"
    `);
});

function tainted(effect: "NoSchedule" | "NoExecute" | "PreferNoSchedule") {
    return ({ clusters: { east } }: TwoClusters) => {
        east.agents = {};
        east.servers = {
            "east-1": {
                address: "192.168.10.11",
                ssh: { hostKey: hostKeyOf("east-1") },
                taints: [{ key: "CriticalAddonsOnly", value: "true", effect }],
            },
        };
    };
}

it.each(["NoSchedule", "NoExecute"] as const)(
    "warns of a cluster in which %s keeps all pods away",
    (effect) => {
        expect(warns(labels.someNodeIsOpen, tainted(effect))).toBe(
            [
                'clusters.east = ["east-1"]',
                "    has no node without a NoSchedule or NoExecute taint: the mesh API tolerates none, so it would run nowhere, and no other cluster could connect",
                "    fix: leave one node untainted, add an agent, or set clustermesh.apiserver.tolerations in cilium.values",
            ].join("\n"),
        );
    },
);

it("accepts taints that only prefer, one node that is open, and a mesh API that tolerates", () => {
    accepts(tainted("PreferNoSchedule"));
    accepts(agent({ taints: [{ key: "example.net/gpu", effect: "NoSchedule" }] }));
    accepts((mesh) => {
        tainted("NoSchedule")(mesh);
        mesh.cilium.values = { clustermesh: { apiserver: { tolerations: [{ operator: "Exists" }] } } };
    });
});
