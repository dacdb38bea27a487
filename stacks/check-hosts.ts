import * as pulumi from "@pulumi/pulumi";

import { preflight } from "../components/rke2/preflight.ts";
import { nodesOf } from "../model/rules/nodes.ts";
import type { Mesh } from "../model/resolved.ts";
import { preflightArgs } from "./preflight-args.ts";
import type { SecretSource } from "./secrets.ts";
import { sshArgs } from "./ssh.ts";

const TYPE = "multicluster:mesh:Preflight";

/**
 * Looks at every host of a mesh, all at once. A host is asked about those nodes that are described before it: each pair is
 * tried, and a node more at the end asks nothing of the others.
 */
export function checkHosts(name: string, mesh: Mesh, secrets: SecretSource): pulumi.Resource[] {
    const parent = new pulumi.ComponentResource(TYPE, name);
    const earlier = new Set<string>();
    return mesh.clusters.flatMap((cluster) =>
        nodesOf(cluster)
            .filter(({ lost }) => !lost && cluster.lost !== true)
            .map((node) => {
                const args = preflightArgs(node, cluster, mesh);
                const peers = args.peers.filter(({ address }) => earlier.has(address));
                for (const address of node.addresses) earlier.add(address);
                return preflight(
                    `${cluster.name}-${node.name}-preflight`,
                    { node: { ...node, ssh: sshArgs(node.ssh, secrets) }, ...args, peers },
                    { parent },
                );
            }),
    );
}
