import { defineMesh, fromConfig, type ClusterDescription } from "../model/describe.ts";

/*
 * Two fabrics of Cisco ACI with a cluster each, in the simple design: pods are routed as they are. Nodes of a cluster share a
 * network and know each other's pods; every node tells the anchor leaves of its fabric's L3Out where its own pods and the
 * addresses of Services are, and the fabrics tell each other. All nodes are attached to anchor leaves: before ACI 6.1(2) that
 * holds for all nodes that speak BGP, or for none.
 */
interface Fabric {
    /** The cluster's number in the mesh; its addresses follow from it. */
    readonly id: number;
    /** Names begin with it. */
    readonly name: string;
}

function fabric({ id, name }: Fabric): ClusterDescription {
    const nodes = (role: string, count: number, from: number) =>
        Object.fromEntries(
            Array.from({ length: count }, (_, index) => [
                `${name}-${role}-${index + 1}`,
                { address: `10.60.${id}.${from + index}` },
            ]),
        );
    const servers = nodes("server", 3, 11);
    const agents = nodes("agent", 3, 21);
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
        servers,
        agents,
        apiAddress: `api.${name}.example.net`,
        loadBalancer: { provider: "lb-ipam", pools: { services: [`10.61.${id}.0/24`] } },
        announce: {
            mode: "bgp",
            localASN: 65100 + id,
            peers: { "leaf-101": leaf(2), "leaf-102": leaf(3) },
            advertise: ["PodCIDR", "LoadBalancerIP"],
        },
        aci: { version: "6.0(5)", anchored: [...Object.keys(servers), ...Object.keys(agents)] },
    };
}

export default defineMesh({
    name: "aci-simple",
    rke2: { version: "v1.35.7+rke2r1" },
    cilium: {
        version: "1.19.6",
        upgradeCompatibility: "1.19",
        routing: {
            mode: "native",
            ipv4NativeRoutingCIDR: "10.64.0.0/12",
            autoDirectNodeRoutes: true,
            endpointRoutes: true,
        },
        policyDefaultLocalCluster: true,
        // Nodes of the other fabric are no neighbours: the fabrics route to their pods.
        values: { directRoutingSkipUnreachable: true },
    },
    ssh: { user: "ops", auth: { privateKey: fromConfig("sshPrivateKey") } },
    clusters: {
        north: fabric({ id: 1, name: "north" }),
        south: fabric({ id: 2, name: "south" }),
    },
});
