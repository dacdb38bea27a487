import { defineMesh } from "../model/describe.ts";

/*
 * The laboratory: two small clusters on two networks that route to each other, VXLAN between the nodes, MetalLB by ARP. It
 * needs no secret: SSH uses the agent's keys.
 */
export default defineMesh({
    name: "dev",
    rke2: { version: "v1.35.7+rke2r1" },
    cilium: {
        version: "1.19.6",
        upgradeCompatibility: "1.19",
        routing: { mode: "tunnel", protocol: "vxlan" },
        hubble: { enabled: true, relay: true },
        policyDefaultLocalCluster: true,
    },
    ssh: { user: "rocky" },
    clusters: {
        east: {
            id: 1,
            podCidr: "10.10.0.0/16",
            serviceCidr: "10.11.0.0/16",
            nodeCidr: "192.168.10.0/24",
            servers: { "east-1": { address: "192.168.10.11" } },
            agents: { "east-2": { address: "192.168.10.12" } },
            loadBalancer: {
                provider: "metallb",
                pools: { mesh: ["192.168.10.200-192.168.10.219"] },
            },
            announce: { mode: "l2", interfaces: ["eth0"] },
        },
        west: {
            id: 2,
            podCidr: "10.20.0.0/16",
            serviceCidr: "10.21.0.0/16",
            nodeCidr: "192.168.20.0/24",
            servers: { "west-1": { address: "192.168.20.11" } },
            agents: { "west-2": { address: "192.168.20.12" } },
            loadBalancer: {
                provider: "metallb",
                pools: { mesh: ["192.168.20.200-192.168.20.219"] },
            },
            announce: { mode: "l2", interfaces: ["eth0"] },
        },
    },
    mesh: { topology: "full" },
});
