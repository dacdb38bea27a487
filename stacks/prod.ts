import { defineMesh, fromConfig, type ClusterDescription } from "../model/describe.ts";

/*
 * The public keys of the hosts, as `ssh-keyscan -t ed25519 HOST` prints them. Replace them with those of your own: whoever
 * cannot show the key of a host gets nothing from this program.
 */
const HOST_KEYS: Readonly<Record<string, string>> = {
    jump: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJy0m9vuTI76BMssoV7TguHcpUSYpz3qBk2KN9+/23z",
    "fra-server-1": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPCVTC83cEE5H7DB4RfeBSjA6ZygHTO1S+tTiaJCZH8x",
    "fra-server-2": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPuHGpVE47ZnhmA25HfyZPzD/33R82gIthvazmaFVBI/",
    "fra-server-3": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILjWvwR2XW3gxu+EOfLU+gIjlFCZuy4TmRIS2Gm8dKjJ",
    "fra-agent-1": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAtTdXLN2WG7pcg4DEdGiSsahC4Rh5b23aokM9m3LlN/",
    "fra-agent-2": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJy+wBLlRmGEvbeqcfuA/QWnN4rLnJivMjikPrmbFrbs",
    "ams-server-1": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKR1pa/6AgivkKyJ+KIgOe+kO7MSQhMREPdyPu2cYiKx",
    "ams-server-2": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK4fwOZgPXKFMyOVGDFILvBiHJU/ntBH6vVWRulVpk4b",
    "ams-server-3": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3kNk8DtaAMzwsMZCh/w7vC0hMmP2kCv1q3y73tDo//",
    "ams-agent-1": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILcpvza0PWr9FrAeJwNLv9gOKKzeDU+EwAWWcjW6Ul+x",
    "ams-agent-2": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICzGY8/9neN1PZ38N0dOofZhgWL107AAOkVcCEJAeEb/",
    "waw-server-1": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH9oyV/8QQaQds54CqM8do/zmocrs22ylKcm+BKIgHGI",
    "waw-server-2": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDJdIsR82P6okmP2S+MDl7MOgDXC/hFwMmdNVBFVFGyI",
    "waw-server-3": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHw4gjpHjNfVTLJo7edWKo8KdO9mvkrU6zEyqZF5kc7a",
    "waw-agent-1": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOiGH67TPDp+YwkaXGtklcy3BVUm+ewc27VSlOertN1i",
    "waw-agent-2": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPTYM4vhqmPqIhVgvLJREyJAyPm088bi1RtGbg4j4Zlo",
};

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
                {
                    address: `10.${id}.0.${from + index}`,
                    ssh: { hostKey: HOST_KEYS[`${name}-${role}-${index + 1}`] },
                },
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
        upgradeCompatibility: "1.19",
        routing: { mode: "native", ipv4NativeRoutingCIDR: "10.96.0.0/11" },
        encryption: { type: "wireguard" },
        policyDefaultLocalCluster: true,
    },
    ssh: {
        user: "ops",
        auth: { privateKey: fromConfig("sshPrivateKey") },
        jumpHost: { host: "jump.example.net", user: "ops", hostKey: HOST_KEYS["jump"] },
    },
    clusters: {
        fra: site({ id: 1, name: "fra", agents: 2 }),
        ams: site({ id: 2, name: "ams", agents: 2 }),
        waw: site({ id: 3, name: "waw", agents: 2 }),
    },
    mesh: { topology: "full" },
});
