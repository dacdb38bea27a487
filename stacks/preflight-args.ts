import type { PreflightArgs } from "../components/rke2/preflight.ts";
import type { Cluster, Install, Mesh, Node } from "../model/resolved.ts";
import { hostNeeds, hostPeers } from "../model/support/host-needs.ts";
import { flagOf } from "../model/support/rke2-types.ts";
import { proxyOf } from "./node-settings.ts";

/** What the preflight of a node must know, apart from how its host is reached. */
export function preflightArgs(node: Node, cluster: Cluster, mesh: Mesh): Omit<PreflightArgs, "node"> {
    const { api, rke2 } = cluster;
    const proxy = proxyOf(cluster, mesh);
    return {
        rke2Version: rke2.version,
        needs: hostNeeds(cluster, node.role),
        peers: hostPeers(node, cluster, mesh),
        // An address that the servers hold themselves answers only when they do.
        ...(api.fixed && api.kubeVip === undefined ? { registration: api.address } : {}),
        install: installOf(rke2.install, rke2.installUrl),
        ...(proxy === "" ? {} : { proxy }),
        firewalld: rke2.host.firewalld,
        prepare: rke2.host.prepare,
        selinux: flagOf({ ...rke2.config, ...node.config }["selinux"] ?? false) === true,
        ignore: rke2.host.ignore,
    };
}

function installOf({ method }: Install, url: string): PreflightArgs["install"] {
    return method === "air-gap" ? { method } : { method, url };
}
