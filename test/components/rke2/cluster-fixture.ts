import * as pulumi from "@pulumi/pulumi";

import type { NodeArgs } from "../../../components/rke2/node-args.ts";
import { Rke2Cluster, type Rke2ClusterArgs } from "../../../components/rke2/rke2-cluster.ts";
import { record } from "../../../plan/record.ts";

export const STACK = { project: "multicluster", stack: "test" };
/** What the URN of a cluster begins with. */
export const URN = "urn:pulumi:test::multicluster::multicluster:rke2:Rke2Cluster";

/** A machine with one address, at which SSH answers too. */
export function node(name: string, address: string): NodeArgs {
    return { name, addresses: [address], ssh: { host: address } };
}

/** Three servers and two agents. */
export const EAST: Rke2ClusterArgs = {
    clusterName: "east",
    version: "v1.35.7+rke2r1",
    servers: [node("a", "192.168.10.11"), node("b", "192.168.10.12"), node("c", "192.168.10.13")],
    agents: [node("d", "192.168.10.14"), node("e", "192.168.10.15")],
    podCidrs: ["10.10.0.0/16"],
    serviceCidrs: ["10.11.0.0/16"],
    apiAddress: "192.168.10.10",
    token: pulumi.secret("s3cret"),
};

/** What a cluster registers. */
export function plan(args: Rke2ClusterArgs) {
    return record(() => {
        new Rke2Cluster("east", args);
        return {};
    }, STACK);
}
