import { carve, defineMesh, fromConfig, type ClusterDescription } from "../model/describe.ts";

/*
 * A head office and its shops. Shops talk to the head office and never to each other. Everything about a shop follows from
 * its place in the list, so append new ones at the end: no other shop moves.
 */
const SHOPS = ["north", "south", "harbour", "station", "airport", "market", "old-town", "university"];

function member(index: number, servers: number, agents: number, prefix: string): ClusterDescription {
    const nodeCidr = carve("172.20.0.0/16", { prefix: 24, index });
    const host = (number: number) => nodeCidr.replace(/0\/24$/, String(number));
    const nodes = (role: string, count: number, from: number) =>
        Object.fromEntries(
            Array.from({ length: count }, (_, number) => [
                `${prefix}-${role}-${number + 1}`,
                { address: host(from + number) },
            ]),
        );
    return {
        id: index + 1,
        podCidr: carve("10.64.0.0/11", { prefix: 18, index }),
        serviceCidr: carve("10.96.0.0/11", { prefix: 20, index }),
        nodeCidr,
        servers: nodes("server", servers, 11),
        agents: nodes("agent", agents, 21),
        ...(servers > 1 ? { apiAddress: `api.${prefix}.example.net` } : {}),
        loadBalancer: { provider: "lb-ipam", pools: { services: [`${host(200)}-${host(219)}`] } },
        announce: { mode: "l2", interfaces: ["^en[a-z0-9]+$"] },
    };
}

export default defineMesh({
    name: "edge",
    rke2: { version: "v1.35.7+rke2r1" },
    cilium: {
        version: "1.19.6",
        upgradeCompatibility: "1.19",
        routing: { mode: "tunnel", protocol: "geneve" },
        encryption: { type: "wireguard" },
        policyDefaultLocalCluster: true,
    },
    ssh: { user: "ops", auth: { privateKey: fromConfig("sshPrivateKey") } },
    clusters: {
        head: member(0, 3, 2, "head"),
        ...Object.fromEntries(SHOPS.map((shop, index) => [shop, member(index + 1, 1, 0, shop)])),
    },
    mesh: { topology: "hubs", hubs: ["head"] },
});
