import { fromConfig, type ClusterDescription } from "../../model/describe.ts";
import { twoClusters, type TwoClusters } from "./mesh.ts";

/** A Kubernetes that is there already, with nothing wrong and nothing special; `id` moves all of its addresses. */
export function existingCluster(id: number): ClusterDescription {
    return {
        id,
        podCidr: `10.${id}0.0.0/16`,
        serviceCidr: `10.${id}1.0.0/16`,
        nodeCidr: `192.168.${id}0.0/24`,
        kubernetes: { kubeconfig: fromConfig("northKubeconfig"), version: "1.35" },
        apiAddress: "api.north.example.net",
        loadBalancer: { provider: "lb-ipam", pools: { mesh: [`192.168.${id}0.200-192.168.${id}0.219`] } },
        announce: { mode: "l2" },
    };
}

/** Two clusters of ours, and one that was there already: `north`, which `change` may spoil. */
export function withExisting(change: (north: ClusterDescription) => unknown = () => undefined): TwoClusters {
    const mesh = twoClusters();
    const north = existingCluster(3);
    change(north);
    mesh.clusters["north"] = north;
    return mesh;
}

/** A kubeconfig, and no secret. */
export const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: admin@north
clusters: [{ name: north, cluster: { server: "https://api.north.example.net:6443" } }]
contexts: [{ name: admin@north, context: { cluster: north, user: admin } }]
users: [{ name: admin, user: { token: not-a-secret } }]
`;
