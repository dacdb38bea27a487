import { API_PORT } from "../model/api.ts";
import { hostPort } from "../model/net/host-port.ts";
import type { Cluster, Egress, LoadBalancer, Node, Peer } from "../model/resolved.ts";
import { broughtCoredns } from "../model/support/rke2-coredns.ts";
import type { Branch } from "./branch.ts";
import { dataPathText, encryptionText } from "./data-path-text.ts";
import { groupBy } from "./group.ts";
import { textAt } from "./json.ts";
import { chartOf, isInCluster, isRelease, kindOf } from "./kubernetes-files.ts";
import type { Paint } from "./paint.ts";
import type { RecordedResource } from "./record.ts";
import {
    announceText,
    count,
    egressText,
    meshApiText,
    MOST_NAMES,
    peersText,
    poolText,
    routingText,
    sshText,
} from "./words.ts";

/** Everything of one cluster that a person looks for first. */
export function clusterBranch(
    cluster: Cluster,
    resources: readonly RecordedResource[],
    paint: Paint,
): Branch {
    const { cilium, api } = cluster;
    const dataPath = dataPathText(cilium);
    const inCluster = resources.filter(isInCluster);
    const releases = inCluster.filter(isRelease);
    const objects = inCluster.filter((resource) => !isRelease(resource));
    const row = (label: string, text: string, children: Branch[] = []): Branch => ({
        text: `${paint("dim", label.padEnd(13))} ${text}`,
        children,
    });
    return {
        text: `${paint("bold", cluster.name)} (id ${cluster.id})${cluster.lost === true ? ", lost: all of it stays as it was" : ""}`,
        children: [
            row(
                "Kubernetes",
                `${kubernetesText(cluster)}, API at ${hostPort(api.address, api.port ?? API_PORT)}`,
            ),
            row(
                "Cilium",
                `${cilium.version}${"bundled" in cilium.chart ? " as RKE2 brings it" : ""}, routing ${routingText(cilium.routing)}, encryption ${encryptionText(cilium)}`,
            ),
            ...(dataPath === "" ? [] : [row("data path", dataPath)]),
            ...(cilium.clustersetDns === true ? [row("DNS", clustersetText(cluster))] : []),
            row("pods", cluster.podCidrs.join(", ")),
            row("Services", cluster.serviceCidrs.join(", ")),
            row("nodes", cluster.nodeCidrs.join(", "), nodeBranches([...cluster.servers, ...cluster.agents])),
            row("mesh API", meshApiLine(cluster)),
            row("peers", peersText(cluster.peers), peerBranches(cluster.peers)),
            ...cluster.loadBalancers.map((balancer) =>
                row(
                    balancer.at === "loadBalancer" ? "load balancer" : "moving to",
                    balancer.metalLb === undefined ? "Cilium LB-IPAM" : `MetalLB ${balancer.metalLb.version}`,
                    balancerBranches(balancer),
                ),
            ),
            ...(cluster.egress === undefined
                ? []
                : [row("egress", cluster.egress.subnet, egressBranches(cluster.egress))]),
            row(
                "charts",
                releases.length === 0 ? "none" : String(releases.length),
                releases.map(chartBranch),
            ),
            row("objects", objectsText(objects)),
        ],
    };
}

function kubernetesText({ kubernetes, rke2 }: Cluster): string {
    return kubernetes === undefined ? `RKE2 ${rke2.version}` : `${kubernetes.version}, there already`;
}

function clustersetText({ rke2 }: Cluster): string {
    const coredns = broughtCoredns(rke2.version)?.coredns;
    return `clusterset.local too, by RKE2's CoreDNS${coredns === undefined ? "" : ` ${coredns}`}`;
}

function nodeBranches(nodes: readonly Node[]): Branch[] {
    const width = Math.max(...nodes.map(({ name }) => name.length));
    return nodes.map(({ name, role, addresses, ssh }) => ({
        text: `${name.padEnd(width)}  ${role.padEnd("server".length)}  ${addresses.join(", ")}  ${sshText(ssh)}`,
    }));
}

function meshApiLine(cluster: Cluster): string {
    const { meshApi } = cluster;
    const pool = meshApi.type === "LoadBalancer" ? `, from pool ${meshApi.pool}` : "";
    const names = meshApi.names === undefined ? "" : `, known as ${meshApi.names.join(", ")}`;
    return `${meshApiText(cluster)}, ${count(meshApi.replicas, "replica")}${pool}${names}`;
}

/** With more peers than fit on a screen, their number says more than a list. */
function peerBranches(peers: readonly Peer[]): Branch[] {
    if (peers.length > MOST_NAMES) return [];
    return peers.map(({ name, id, addresses, port }) => ({
        text: `${name} (id ${id}) at ${addresses.map((address) => hostPort(address, port)).join(", ")}`,
    }));
}

function balancerBranches({ pools, announce }: LoadBalancer): Branch[] {
    return [...pools.map((pool) => ({ text: poolText(pool) })), { text: announceText(announce) }];
}

function egressBranches({ owners }: Egress): Branch[] {
    return owners.map((owner) => ({ text: egressText(owner) }));
}

function chartBranch(release: RecordedResource): Branch {
    const chart = chartOf(release);
    const source = textAt(chart, "repo") ?? textAt(chart, "chart") ?? "";
    const version = textAt(chart, "version");
    return {
        text: [textAt(chart, "release"), version, "from", source, "into", textAt(chart, "namespace")]
            .filter((word) => word !== undefined)
            .join(" "),
    };
}

function objectsText(objects: readonly RecordedResource[]): string {
    const kinds = [...groupBy(objects, kindOf)].sort(([a], [b]) => (a < b ? -1 : 1));
    const list = kinds.map(([kind, { length }]) => `${length} ${kind}`).join(", ");
    return list === "" ? "none" : `${objects.length}: ${list}`;
}
