import { fromConfig, type ClusterDescription, type MeshDescription } from "../../../model/describe.ts";
import { hostKey } from "../hosts/host-key.ts";

interface Shape {
    readonly id: number;
    readonly servers?: number;
    readonly agents?: number;
    readonly provider?: "metallb" | "lb-ipam";
}

/** A cluster of the lab's network: its nodes are `<name>-1` and so on, servers first, its mesh API is at 10.88.<id>.200. */
export function labCluster(
    name: string,
    { id, servers = 1, agents = 0, provider = "lb-ipam" }: Shape,
): ClusterDescription {
    const nodes = (from: number, count: number) =>
        Object.fromEntries(
            Array.from({ length: count }, (_, index) => [
                `${name}-${from + index}`,
                {
                    address: `10.88.${id}.${10 + from + index}`,
                    ssh: { hostKey: hostKey(`${name}-${from + index}`).public },
                },
            ]),
        );
    return {
        id,
        podCidr: `10.${100 + id}.0.0/16`,
        serviceCidr: `10.${110 + id}.0.0/16`,
        nodeCidr: `10.88.${id}.0/24`,
        servers: nodes(1, servers),
        agents: nodes(1 + servers, agents),
        ...(servers > 1 ? { apiAddress: `api.${name}.lab` } : {}),
        loadBalancer: { provider, pools: { mesh: [`10.88.${id}.200-10.88.${id}.219`] } },
        announce: { mode: "l2", interfaces: [provider === "metallb" ? "eth0" : "^eth0$"] },
    };
}

/** A mesh of the lab's network. */
export function labMesh(clusters: Record<string, ClusterDescription>): MeshDescription {
    return {
        name: "lab",
        rke2: { version: "v1.35.4+rke2r1" },
        cilium: {
            version: "1.19.6",
            routing: { mode: "tunnel", protocol: "vxlan" },
            policyDefaultLocalCluster: true,
        },
        ssh: { user: "root", auth: { privateKey: fromConfig("sshPrivateKey") } },
        clusters,
        mesh: { topology: "full" },
    };
}

/** The smallest mesh that shows both load balancers: two clusters of one server. */
export function smallMesh(): MeshDescription {
    return labMesh({
        east: labCluster("east", { id: 1, provider: "metallb" }),
        west: labCluster("west", { id: 2 }),
    });
}
