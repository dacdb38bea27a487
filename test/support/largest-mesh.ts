import type { MeshDescription } from "../../model/describe.ts";
import { hostKeyOf, oneCluster } from "./mesh.ts";

/** How many clusters a mesh can have at most. */
export const MOST_CLUSTERS = 511;

/** As many clusters as a mesh can have, each with every other, with the longest names, and three servers that answer. */
export function largestMesh(cilium: MeshDescription["cilium"], rke2: string): MeshDescription {
    const ids = Array.from({ length: MOST_CLUSTERS }, (_, index) => index + 1);
    return {
        name: "test",
        rke2: { version: rke2 },
        cilium,
        mesh: { topology: "full", maxConnectedClusters: MOST_CLUSTERS },
        clusters: Object.fromEntries(
            ids.map((id) => {
                const name = `cluster-${String(id).padStart(24, "0")}`;
                // Four networks of 256 addresses are a cluster's own, and 64 clusters fill what a second number holds.
                const inside = (first: number) => `${first + Math.floor(id / 64)}.${(id % 64) * 4}`;
                const nodes = `100.${inside(64)}`;
                return [
                    name,
                    {
                        ...oneCluster(1, name),
                        id,
                        podCidr: `10.${inside(0)}.0/22`,
                        serviceCidr: `172.${inside(16)}.0/22`,
                        nodeCidr: `${nodes}.0/22`,
                        servers: Object.fromEntries(
                            [1, 2, 3].map((number) => [
                                `${name}-${number}`,
                                { address: `${nodes}.23${number}`, ssh: { hostKey: hostKeyOf("any") } },
                            ]),
                        ),
                        agents: {},
                        loadBalancer: {
                            provider: "metallb",
                            pools: { mesh: [`${nodes}.200-${nodes}.219`] },
                        },
                    },
                ];
            }),
        ),
    };
}
