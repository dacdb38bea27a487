import type { TwoClusters } from "../support/mesh.ts";

/** Gives every cluster an IPv6 range beside each IPv4 one. */
export function dualStack(mesh: TwoClusters): void {
    for (const cluster of [mesh.clusters.east, mesh.clusters.west]) {
        const { pod, service, node, address } = ipv6(cluster.id);
        cluster.podCidr = [cluster.podCidr, pod].flat();
        cluster.serviceCidr = [cluster.serviceCidr, service].flat();
        cluster.nodeCidr = [cluster.nodeCidr, node].flat();
        for (const [index, one] of nodesOf(cluster).entries()) {
            one.address = [one.address, address(index + 11)].flat();
        }
    }
}

/** Gives every cluster IPv6 ranges, and no other ones. */
export function ipv6Only(mesh: TwoClusters): void {
    for (const cluster of [mesh.clusters.east, mesh.clusters.west]) {
        const { pod, service, node, address } = ipv6(cluster.id);
        cluster.podCidr = pod;
        cluster.serviceCidr = service;
        cluster.nodeCidr = node;
        for (const [index, one] of nodesOf(cluster).entries()) one.address = address(index + 11);
        cluster.loadBalancer = {
            provider: "metallb",
            pools: { mesh: [`${address(200)}-${address(219)}`] },
        };
    }
}

function nodesOf({ servers, agents }: TwoClusters["clusters"]["east"]) {
    return [...Object.values(servers), ...Object.values(agents ?? {})];
}

function ipv6(id: number) {
    return {
        pod: `fd00:${id}0::/56`,
        service: `fd00:${id}0:1::/112`,
        node: `fd00:${id}0:2::/64`,
        address: (host: number) => `fd00:${id}0:2::${host}`,
    };
}
