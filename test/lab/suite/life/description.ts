import type { ClusterDescription, MeshDescription } from "../../../../model/describe.ts";
import { hostKey } from "../../hosts/host-key.ts";
import { labCluster, labMesh } from "../descriptions.ts";

/** What changes in the life of the cluster. */
export interface Shape {
    /** The release of RKE2. */
    readonly version: string;
    /** The names of its servers, each as `east-1`. */
    readonly servers: readonly string[];
    readonly agents: readonly string[];
    /** Those of them whose hosts no longer answer. @default none */
    readonly lost?: readonly string[];
    /** What is said of RKE2 besides its release. @default nothing */
    readonly rke2?: Omit<MeshDescription["rke2"], "version">;
    /** What else is different from a cluster of the lab. @default nothing */
    readonly cluster?: Partial<ClusterDescription>;
}

/** The address that the servers hold themselves: it stays while they come and go. */
const API = "10.88.1.250";

/** The one cluster, east, as it is described at some time of its life. A node's address is made from the number in its name. */
export function lifeMesh({
    version,
    servers,
    agents,
    lost = [],
    rke2 = {},
    cluster = {},
}: Shape): MeshDescription {
    const nodes = (names: readonly string[]) =>
        Object.fromEntries(
            names.map((name) => [
                name,
                {
                    address: `10.88.1.${10 + Number(name.slice("east-".length))}`,
                    ssh: { hostKey: hostKey(name).public },
                    ...(lost.includes(name) ? { lost: true } : {}),
                },
            ]),
        );
    const east: ClusterDescription = {
        ...labCluster("east", { id: 1 }),
        apiAddress: API,
        kubeVip: {},
        servers: nodes(servers),
        agents: nodes(agents),
        ...cluster,
    };
    return { ...labMesh({ east }), rke2: { ...rke2, version } };
}
