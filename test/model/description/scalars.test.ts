import { expect, it } from "vitest";

import type { LabelSelector } from "../../../model/resolved.ts";
import { twoClusters, type TwoClusters } from "../../support/mesh.ts";
import { checkMesh } from "../../../model/check.ts";
import { formatProblem } from "../../../model/problem.ts";

function said(spoil: (mesh: TwoClusters) => unknown): string {
    const mesh = twoClusters();
    spoil(mesh);
    return checkMesh(mesh).problems.map(formatProblem).join("\n");
}

function selecting(serviceSelector: LabelSelector): string {
    return said(
        ({ clusters }) =>
            void (clusters.east.loadBalancer = {
                provider: "metallb",
                pools: {
                    mesh: ["192.168.10.200-192.168.10.209"],
                    more: { addresses: ["192.168.10.210"], serviceSelector },
                },
            }),
    );
}

it("refuses selectors whose operator and values do not fit", () => {
    expect(
        selecting({
            matchExpressions: [
                { key: "a", operator: "In" },
                { key: "a", operator: "NotIn", values: [] },
                { key: "a", operator: "Exists", values: ["b"] },
                { key: "a", operator: "DoesNotExist", values: ["b"] },
            ],
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.more.serviceSelector.matchExpressions[0].values
          operator In or NotIn compares with values, and there are none
          fix: name at least one value, or use Exists or DoesNotExist
      clusters.east.loadBalancer.pools.more.serviceSelector.matchExpressions[1].values
          operator In or NotIn compares with values, and there are none
          fix: name at least one value, or use Exists or DoesNotExist
      clusters.east.loadBalancer.pools.more.serviceSelector.matchExpressions[2].values
          operator Exists or DoesNotExist takes no values
          fix: leave values out, or use In or NotIn
      clusters.east.loadBalancer.pools.more.serviceSelector.matchExpressions[3].values
          operator Exists or DoesNotExist takes no values
          fix: leave values out, or use In or NotIn"
    `);
});

it("refuses selectors with keys and values that no label has", () => {
    expect(
        selecting({
            matchLabels: { "a b": "c", d: "!" },
            matchExpressions: [{ key: "a/b/c", operator: "In", values: ["!"] }],
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.loadBalancer.pools.more.serviceSelector.matchLabels["a b"] = "c"
          must be a label key: an optional DNS prefix and a slash, then at most 63 letters, digits, '-', '_' and '.'
          fix: write it as "topology.kubernetes.io/zone"
      clusters.east.loadBalancer.pools.more.serviceSelector.matchLabels.d = "!"
          must be a label value: at most 63 letters, digits, '-', '_' and '.'
          fix: write it as "rack-1"
      clusters.east.loadBalancer.pools.more.serviceSelector.matchExpressions[0].key = "a/b/c"
          must be a label key: an optional DNS prefix and a slash, then at most 63 letters, digits, '-', '_' and '.'
          fix: write it as "topology.kubernetes.io/zone"
      clusters.east.loadBalancer.pools.more.serviceSelector.matchExpressions[0].values[0] = "!"
          must be a label value: at most 63 letters, digits, '-', '_' and '.'
          fix: write it as "rack-1""
    `);
});

it("accepts selectors that Kubernetes accepts", () => {
    expect(
        selecting({
            matchLabels: { "example.net/a": "", b: "c" },
            matchExpressions: [
                { key: "a", operator: "In", values: ["b"] },
                { key: "a", operator: "NotIn", values: ["c", ""] },
                { key: "a", operator: "Exists" },
                { key: "d", operator: "DoesNotExist", values: [] },
            ],
        }),
    ).toBe("");
});

it("refuses taints whose key or value no label has", () => {
    expect(
        said(({ clusters: { east } }) => {
            for (const node of Object.values(east.servers))
                node.taints = [{ key: "", value: "a b", effect: "NoSchedule" }];
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.servers.east-1.taints[0].key = ""
          must be a label key: an optional DNS prefix and a slash, then at most 63 letters, digits, '-', '_' and '.'
          fix: write it as "topology.kubernetes.io/zone"
      clusters.east.servers.east-1.taints[0].value = "a b"
          must be a label value: at most 63 letters, digits, '-', '_' and '.'
          fix: write it as "rack-1""
    `);
});

it("refuses a host key that was cut off", () => {
    expect(
        said(({ clusters: { east } }) => {
            for (const node of Object.values(east.servers))
                node.ssh = { hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWFu55h" };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.servers.east-1.ssh.hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWFu55h"
          its base64 part is not one whole key of the type before it: something was cut off, or typed
          fix: paste the whole line of: ssh-keyscan -t ed25519 HOST"
    `);
});
