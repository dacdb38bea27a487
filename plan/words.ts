import { hostPort } from "../model/net/host-port.ts";
import type {
    Announce,
    Bgp,
    Cluster,
    EgressOwner,
    Mesh,
    Peer,
    Pool,
    Routing,
    Ssh,
    SshTarget,
} from "../model/resolved.ts";
import { advertisementsOf } from "../model/support/bgp-advertisements.ts";
import { FIRST, instancesOf, type Instance } from "../model/support/bgp-instances.ts";

/** `1 server`, `3 servers` */
export function count(number: number, noun: string): string {
    return `${number} ${noun}${number === 1 ? "" : "s"}`;
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
        ? hostPort(meshApi.address, meshApi.port)
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

/** What a pool gives out, and what of it is kept back. */
export function poolText({ name, addresses, reserved }: Pool): string {
    const kept = reserved === undefined ? "" : ` (${reserved.addresses.join(", ")} reserved)`;
    return `pool ${name}: ${addresses.join(", ")}${kept}`;
}

export function announceText(announce: Announce): string {
    switch (announce.mode) {
        case "none":
            return "announced by someone else";
        case "l2":
            return `announced by L2 on ${announce.interfaces?.join(", ") ?? "every interface"}`;
        case "bgp":
            return `announced by BGP ${instancesOf(announce).map(instanceText).join("; ")}: ${toldText(announce)}`;
    }
}

/** Who speaks with whom. */
function instanceText({ name, localASN, peers }: Instance): string {
    const neighbours = Object.entries(peers).map(
        ([peer, { address, defaultGateway, asn }]) =>
            `${peer} ${address ?? `the default gateway (${defaultGateway ?? "none"})`} (${asn === "any" ? "any AS" : `AS ${asn}`})`,
    );
    return `from AS ${localASN}${name === FIRST ? "" : ` (${name})`} to ${neighbours.join(", ")}`;
}

/** What neighbours are told; of several advertisements each by name, with those that it is for. */
function toldText(bgp: Bgp): string {
    if (bgp.advertisements === undefined) return bgp.advertise.join(", ");
    return advertisementsOf(bgp)
        .map(({ name, advertise, interfaceAddresses = [], peers }) => {
            const what = [...advertise, ...interfaceAddresses.map((device) => `addresses of ${device}`)];
            return `${name} (${what.join(", ")}${peers === undefined ? "" : ` to ${peers.join(", ")}`})`;
        })
        .join(", ");
}

/** Whose pods leave where to, and under which addresses. */
export function egressText({ name, gateways, destinations, ...owner }: EgressOwner): string {
    const { namespaces, namespaceSelector, podSelector } = owner;
    const who =
        namespaces.length === 0
            ? `namespaces by ${JSON.stringify(namespaceSelector)}`
            : `namespace${namespaces.length === 1 ? "" : "s"} ${namespaces.join(", ")}`;
    const pods = podSelector === undefined ? "" : `, pods by ${JSON.stringify(podSelector)}`;
    const as = gateways.map(({ node, address }) => `${address} on ${node}`).join(" or ");
    return `${name} (${who}${pods}) to ${destinations.join(", ")} as ${as}`;
}

/** How a host is reached: who logs in where, and through which other host. */
export function sshText({ jumpHost, ...target }: Ssh): string {
    return `ssh ${targetText(target)}${jumpHost === undefined ? "" : ` through ${targetText(jumpHost)}`}`;
}

function targetText({ user, host, port }: SshTarget): string {
    return `${user}@${port === 22 ? host : hostPort(host, port)}`;
}
