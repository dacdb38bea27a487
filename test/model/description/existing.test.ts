/* A cluster that is made of machines, and one that is there already: what each must have, and what it cannot have. */
import { expect, it } from "vitest";

import { parseDescription, type ClusterDescription } from "../../../model/describe.ts";
import { formatProblem } from "../../../model/problem.ts";
import { withExisting } from "../../support/existing.ts";
import { hostKeyOf } from "../../support/mesh.ts";

/** What is said of a description with `north` changed, as a person reads it. */
function said(change: (north: ClusterDescription) => unknown): string {
    const parsed = parseDescription(withExisting(change));
    return parsed.ok ? "" : parsed.problems.map(formatProblem).join("\n");
}

it("takes a kubeconfig from the configuration, or a file", () => {
    expect(said(() => undefined)).toBe("");
    expect(
        said(
            (north) =>
                (north.kubernetes = { kubeconfig: { file: "~/.kube/north" }, version: "1.34", apiPort: 443 }),
        ),
    ).toBe("");
});

it("refuses a cluster that is made of nothing", () => {
    expect(
        said((north) => {
            delete north.kubernetes;
            delete north.apiAddress;
        }),
    ).toMatchInlineSnapshot(`
      "clusters.north.servers
          is missing: a cluster is made of its servers, or is there already
          fix: describe them by their names, or name a kubeconfig under kubernetes"
    `);
});

it("says so beside what else is wrong with it", () => {
    expect(
        said((north) => {
            delete north.kubernetes;
            Reflect.set(north, "podCidr", 7);
            Reflect.set(north, "kubeconfig", "x");
        }),
    ).toMatchInlineSnapshot(`
      "clusters.north.podCidr = 7
          must be a string or an array, and not a number
          fix: see docs/reference.md for what may stand here
      clusters.north.kubeconfig
          write it under kubernetes
          fix: rename or remove it; docs/reference.md lists every option
      clusters.north.servers
          is missing: a cluster is made of its servers, or is there already
          fix: describe them by their names, or name a kubeconfig under kubernetes"
    `);
});

it("wants to be told where the API answers", () => {
    expect(said((north) => delete north.apiAddress)).toMatchInlineSnapshot(`
      "clusters.north.apiAddress
          is missing: Cilium on the nodes of a cluster that is there already has to be told where its API answers
          fix: name the address or DNS name at which its nodes reach the API, and its port as kubernetes.apiPort where that is not 6443"
    `);
});

it("refuses everything that is about machines, or about single nodes, each by its name", () => {
    const address = { address: "192.168.30.11", ssh: { hostKey: hostKeyOf("north-1") } };
    expect(
        said((north) => {
            north.servers = { "north-1": address };
            north.agents = {};
            north.kubeVip = {};
            north.token = { fromConfig: "northToken" };
            north.ssh = { user: "ops" };
            north.rke2 = {};
            north.egress = {
                subnet: "10.99.0.0/24",
                owners: {
                    shop: { gateways: { "north-1": "10.99.0.11" }, namespaces: ["shop"] },
                },
            };
            north.aci = { version: "6.1(2)" };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.north.servers
          does not go with kubernetes: the cluster is there already, and its machines are not this program's
          fix: leave one of them out
      clusters.north.agents
          does not go with kubernetes: the cluster is there already, and its machines are not this program's
          fix: leave one of them out
      clusters.north.kubeVip
          does not go with kubernetes: the cluster is there already, and its machines are not this program's
          fix: leave one of them out
      clusters.north.token
          does not go with kubernetes: the cluster is there already, and its machines are not this program's
          fix: leave one of them out
      clusters.north.ssh
          does not go with kubernetes: the cluster is there already, and its machines are not this program's
          fix: leave one of them out
      clusters.north.rke2
          does not go with kubernetes: the cluster is there already, and its machines are not this program's
          fix: leave one of them out
      clusters.north.egress
          does not go with kubernetes: it is about single nodes, and those of a cluster that is there already are not described
          fix: leave one of them out
      clusters.north.aci
          does not go with kubernetes: it is about single nodes, and those of a cluster that is there already are not described
          fix: leave one of them out"
    `);
});

it("never repeats what stands where a kubeconfig is to be named", () => {
    expect(said((north) => Reflect.set(north, "kubernetes", { kubeconfig: "TOP-SECRET", version: "1.35" })))
        .toMatchInlineSnapshot(`
      "clusters.north.kubernetes.kubeconfig
          must name a secret of the stack's configuration, and not hold one
          fix: write fromConfig("someKey") here and run: pulumi config set --secret someKey"
    `);
});

it("wants the minor version of Kubernetes", () => {
    expect(
        said((north) => {
            if (north.kubernetes !== undefined) north.kubernetes.version = "v1.35.2";
        }),
    ).toMatchInlineSnapshot(`
      "clusters.north.kubernetes.version = "v1.35.2"
          must be a minor version of Kubernetes
          fix: write it as "1.35""
    `);
});
