import { expect, it } from "vitest";

import { clusterChangeProblems, nodeChangeProblems } from "../../../components/rke2/changes.ts";
import { formatProblems } from "../../../model/problem.ts";

const CLUSTER = {
    clusterName: "east",
    version: "v1.34.3+rke2r1",
    podCidrs: ["10.10.0.0/16"],
    serviceCidrs: ["10.11.0.0/16"],
    clusterDomain: "cluster.local",
};
const NODE = { role: "server", addresses: ["192.168.10.11"] };

const cluster = (change: object, before: object = CLUSTER) =>
    formatProblems("clusters.east", clusterChangeProblems(before, { ...CLUSTER, ...change }));

it("refuses what RKE2 cannot change in a cluster that runs, all at once", () => {
    expect(
        cluster({
            podCidrs: ["10.20.0.0/16"],
            serviceCidrs: ["10.21.0.0/16"],
            clusterDomain: "east.local",
            version: "v1.36.3+rke2r1",
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east: 4 problems
      ✖ podCidr = ["10.20.0.0/16"]
          is ["10.10.0.0/16"] in the cluster that runs, and RKE2 cannot change it
          fix: write the old one again, or describe a new cluster beside this one and move to it
      ✖ serviceCidr = ["10.21.0.0/16"]
          is ["10.11.0.0/16"] in the cluster that runs, and RKE2 cannot change it
          fix: write the old one again, or describe a new cluster beside this one and move to it
      ✖ clusterDomain = "east.local"
          is "cluster.local" in the cluster that runs, and RKE2 cannot change it
          fix: write the old one again, or describe a new cluster beside this one and move to it
      ✖ rke2.version = "v1.36.3+rke2r1"
          is 2 minor versions after v1.34.3+rke2r1, which the cluster runs: Kubernetes is upgraded by one at a time
          fix: upgrade to the newest release of v1.35 first"
    `);
});

it("refuses to go back", () => {
    expect(cluster({ version: "v1.34.2+rke2r1" })).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ rke2.version = "v1.34.2+rke2r1"
          is older than v1.34.3+rke2r1, which the cluster runs: etcd and Kubernetes do not go back
          fix: write "v1.34.3+rke2r1"; to go back all the same, restore a snapshot of that version"
    `);
});

it.each(["v1.34.3+rke2r1", "v1.34.3+rke2r2", "v1.34.10+rke2r1", "v1.35.0+rke2r1"])(
    "lets it go to %s",
    (version) => {
        expect(clusterChangeProblems(CLUSTER, { ...CLUSTER, version })).toEqual([]);
    },
);

it("refuses to replace all servers at once", () => {
    const before = { ...CLUSTER, servers: ["a", "b", "c"] };
    expect(cluster({ servers: ["d", "e", "f"] }, before)).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ servers = ["d","e","f"]
          are all others than those of the cluster that runs (a, b, c): no one would be there whom they could join
          fix: keep one of the old servers in this change, and take it out in the next"
    `);
    expect(clusterChangeProblems(before, { ...CLUSTER, servers: ["c", "d", "e"] })).toEqual([]);
});

it("says nothing of what an earlier program has not shown", () => {
    const { clusterDomain, ...before } = CLUSTER;
    expect(clusterChangeProblems(before, CLUSTER)).toEqual([]);
    expect(clusterChangeProblems({}, CLUSTER)).toEqual([]);
});

it("refuses another role and another address of a node", () => {
    expect(
        formatProblems(
            "clusters.east.servers.east-1",
            nodeChangeProblems(NODE, { role: "agent", addresses: ["192.168.10.12"] }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.servers.east-1: 2 problems
      ✖ role = agent
          is server on the node that runs
          fix: write the old one again; or take the node out, run pulumi up, and describe it anew in a change of its own
      ✖ address = ["192.168.10.12"]
          is ["192.168.10.11"] on the node that runs, which its certificates and etcd know it by
          fix: write the old one again; or take the node out, run pulumi up, and describe it anew in a change of its own"
    `);
    expect(nodeChangeProblems(NODE, NODE)).toEqual([]);
});
