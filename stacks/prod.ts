import { defineMesh, fromConfig, type ClusterDescription } from "../model/describe.ts";

interface Site {
    /** The cluster's number in the mesh; its addresses follow from it. */
    readonly id: number;
    /** Names begin with it. */
    readonly name: string;
    readonly agents: number;
}

/*
 * Three sites, each with its own racks, routers and AS number. Pods are routed natively: every node tells its two routers
 * where its pods and its load-balancer addresses are.
 */
function site({ id, name, agents }: Site): ClusterDescription {
    const nodes = (role: string, count: number, from: number) =>
        Object.fromEntries(
            Array.from({ length: count }, (_, index) => [
                `${name}-${role}-${index + 1}`,
                { address: `10.${id}.0.${from + index}` },
            ]),
        );
    const router = (host: number) => ({
        address: `10.${id}.0.${host}`,
        asn: 65000,
        password: fromConfig(`${name}RouterPassword`),
        holdTimeSeconds: 9,
        keepAliveTimeSeconds: 3,
        gracefulRestart: { restartTimeSeconds: 120 },
    });
    return {
        id,
        podCidr: `10.${100 + id}.0.0/16`,
        serviceCidr: `10.${200 + id}.0.0/16`,
        nodeCidr: `10.${id}.0.0/24`,
        servers: nodes("server", 3, 11),
        agents: nodes("agent", agents, 21),
        apiAddress: `api.${name}.example.net`,
        token: fromConfig(`${name}Token`),
        loadBalancer: {
            provider: "lb-ipam",
            pools: { public: [`10.250.${id}.0/24`] },
        },
        announce: {
            mode: "bgp",
            localASN: 65000 + id,
            peers: { "router-a": router(2), "router-b": router(3) },
            advertise: ["PodCIDR", "LoadBalancerIP"],
        },
        meshApi: { type: "LoadBalancer", replicas: 2 },
    };
}

export default defineMesh({
    name: "prod",
    rke2: { version: "v1.35.7+rke2r1" },
    cilium: {
        version: "1.19.6",
        routing: { mode: "native", ipv4NativeRoutingCIDR: "10.96.0.0/11" },
        encryption: { type: "wireguard" },
        policyDefaultLocalCluster: true,
    },
    ssh: {
        user: "ops",
        auth: { privateKey: fromConfig("sshPrivateKey") },
        jumpHost: { host: "jump.example.net", user: "ops" },
    },
    clusters: {
        fra: site({ id: 1, name: "fra", agents: 2 }),
        ams: site({ id: 2, name: "ams", agents: 2 }),
        waw: site({ id: 3, name: "waw", agents: 2 }),
    },
    mesh: { topology: "full" },
});
