import { defineMesh, fromConfig, type ClusterDescription } from "../model/describe.ts";

/*
 * Two fabrics of Cisco ACI with a cluster each, in the advanced design: the fabric knows no pods, and few nodes speak BGP.
 *
 * Traffic comes in at ingress nodes, which alone announce the addresses of Services. They choose backends by Maglev, so that
 * each chooses the same, in the driver of the network card; the node of the pod answers by itself. Chosen namespaces leave
 * through egress nodes, under addresses of a network that firewalls know, which these nodes announce. Both kinds are attached to
 * anchor leaves, and all other nodes anywhere: before ACI 6.1(2) that holds for all nodes that speak BGP, or for none.
 */
interface Fabric {
    /** The cluster's number in the mesh; its addresses follow from it. */
    readonly id: number;
    /** Names begin with it. */
    readonly name: string;
}

/** What a node is for. Nothing else runs there. */
const ROLE = "example.net/role";

function fabric({ id, name }: Fabric): ClusterDescription {
    const nodes = (role: string, count: number, from: number) =>
        Object.fromEntries(
            Array.from({ length: count }, (_, index) => [
                `${name}-${role}-${index + 1}`,
                { address: `10.60.${id}.${from + index}` },
            ]),
        );
    const nodesFor = (role: string, from: number) =>
        Object.fromEntries(
            Object.entries(nodes(role, 2, from)).map(([node, machine]) => [
                node,
                {
                    ...machine,
                    labels: { [ROLE]: role },
                    taints: [{ key: ROLE, value: role, effect: "NoSchedule" as const }],
                },
            ]),
        );
    const ingress = nodesFor("ingress", 31);
    const egress = nodesFor("egress", 41);
    const leaf = (host: number) => ({
        address: `10.60.${id}.${host}`,
        asn: 65000,
        password: fromConfig(`${name}LeafPassword`),
        holdTimeSeconds: 9,
        keepAliveTimeSeconds: 3,
        gracefulRestart: { restartTimeSeconds: 120 },
    });
    return {
        id,
        podCidr: `10.${64 + id}.0.0/16`,
        serviceCidr: `10.96.${16 * id}.0/20`,
        nodeCidr: `10.60.${id}.0/24`,
        servers: nodes("server", 3, 11),
        agents: { ...nodes("worker", 3, 21), ...ingress, ...egress },
        apiAddress: `api.${name}.example.net`,
        loadBalancer: { provider: "lb-ipam", pools: { services: [`10.61.${id}.0/24`] } },
        announce: {
            mode: "bgp",
            localASN: 65100 + id,
            nodeSelector: { matchLabels: { [ROLE]: "ingress" } },
            peers: { "leaf-101": leaf(2), "leaf-102": leaf(3) },
            instances: {
                egress: {
                    localASN: 65100 + id,
                    nodeSelector: { matchLabels: { [ROLE]: "egress" } },
                    peers: { "leaf-103": leaf(4), "leaf-104": leaf(5) },
                },
            },
            advertisements: {
                services: { advertise: ["LoadBalancerIP"], peers: ["leaf-101", "leaf-102"] },
                egress: { interfaceAddresses: ["egress0"], peers: ["leaf-103", "leaf-104"] },
            },
        },
        aci: { version: "6.0(5)", anchored: [...Object.keys(ingress), ...Object.keys(egress)] },
        egress: {
            subnet: `10.62.${id}.0/24`,
            interface: "egress0",
            owners: {
                billing: { gateways: { [`${name}-egress-1`]: `10.62.${id}.10` } },
                partners: {
                    gateways: { [`${name}-egress-2`]: `10.62.${id}.11` },
                    destinations: ["198.51.100.0/24", "203.0.113.0/24"],
                },
                reports: {
                    namespaces: ["reports", "archive"],
                    gateways: {
                        [`${name}-egress-1`]: `10.62.${id}.12`,
                        [`${name}-egress-2`]: `10.62.${id}.13`,
                    },
                },
            },
        },
    };
}

export default defineMesh({
    name: "aci-advanced",
    rke2: { version: "v1.35.7+rke2r1" },
    cilium: {
        version: "1.19.6",
        upgradeCompatibility: "1.19",
        routing: { mode: "tunnel", protocol: "geneve" },
        serviceLoadBalancing: {
            mode: "dsr",
            dispatch: "geneve",
            algorithm: "maglev",
            acceleration: "native",
        },
        devices: ["eth0"],
        policyDefaultLocalCluster: true,
    },
    ssh: { user: "ops", auth: { privateKey: fromConfig("sshPrivateKey") } },
    clusters: {
        north: fabric({ id: 1, name: "north" }),
        south: fabric({ id: 2, name: "south" }),
    },
});
