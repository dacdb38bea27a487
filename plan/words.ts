import type { Announce, Cluster, Mesh, Peer, Routing, Ssh, SshTarget } from "../model/resolved.ts";

/** `1 server`, `3 servers` */
export function count(number: number, noun: string): string {
    return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** An address and a port as one text; IPv6 in brackets. */
export function endpoint(address: string, port: number): string {
    return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

export function topologyText({ topology, clusters }: Mesh): string {
    if (clusters.length === 1) return "one cluster, ready to be joined by others";
    return topology.kind === "full"
        ? "every cluster with every other"
        : `${topology.hubs.join(", ")} with every cluster, the others only with ${topology.hubs.length === 1 ? "it" : "these"}`;
}

/** More names than this are counted, not listed. */
export const MOST_NAMES = 12;

export function peersText(peers: readonly Peer[]): string {
    if (peers.length === 0) return "none";
    return peers.length > MOST_NAMES
        ? count(peers.length, "cluster")
        : peers.map(({ name }) => name).join(", ");
}

/** Where other clusters find this one's mesh API. */
export function meshApiText({ meshApi }: Cluster): string {
    return meshApi.type === "LoadBalancer"
        ? endpoint(meshApi.address, meshApi.port)
        : `every node's port ${meshApi.port}`;
}

export function routingText(routing: Routing): string {
    return routing.mode === "tunnel"
        ? `tunnel (${routing.protocol})`
        : [
              "native",
              ...[routing.ipv4NativeRoutingCIDR, routing.ipv6NativeRoutingCIDR].filter(
                  (cidr) => cidr !== undefined,
              ),
          ].join(" ");
}

export function announceText(announce: Announce): string {
    switch (announce.mode) {
        case "none":
            return "announced by someone else";
        case "l2":
            return `announced by L2 on ${announce.interfaces?.join(", ") ?? "every interface"}`;
        case "bgp": {
            const peers = Object.entries(announce.peers).map(
                ([name, { address, asn }]) => `${name} ${address} (AS ${asn})`,
            );
            return `announced by BGP from AS ${announce.localASN} to ${peers.join(", ")}: ${announce.advertise.join(", ")}`;
        }
    }
}

/** How a host is reached: who logs in where, and through which other host. */
export function sshText({ jumpHost, ...target }: Ssh): string {
    return `ssh ${targetText(target)}${jumpHost === undefined ? "" : ` through ${targetText(jumpHost)}`}`;
}

function targetText({ user, host, port }: SshTarget): string {
    return `${user}@${port === 22 ? host : endpoint(host, port)}`;
}
