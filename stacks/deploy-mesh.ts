import type * as pulumi from "@pulumi/pulumi";

import { ClusterTokens } from "../components/rke2/cluster-tokens.ts";
import { SharedCa } from "../components/tls/shared-ca.ts";
import { meshApiAddresses } from "../model/mesh-api.ts";
import type { Mesh } from "../model/resolved.ts";
import { checkHosts } from "./check-hosts.ts";
import { Cluster } from "./deploy-cluster.ts";
import type { SecretSource } from "./secrets.ts";

/** What the stack exports. */
export interface MeshOutputs {
    /** The CA that every certificate of the mesh verifies to. */
    readonly caCertificate: pulumi.Output<string>;
    readonly clusters: Readonly<Record<string, ClusterOutputs>>;
}

export interface ClusterOutputs {
    /** Where the API answers. */
    readonly api: string;
    /** Where the mesh API answers its peers. */
    readonly meshApi: string;
    /** The administrator's kubeconfig: `pulumi stack output --show-secrets`. */
    readonly kubeconfig: pulumi.Output<string>;
}

/**
 * A whole mesh: what its members share, then all members side by side. No member waits for another, but that every host of
 * every member is looked at before any is changed.
 */
export function deployMesh(mesh: Mesh, secrets: SecretSource): MeshOutputs {
    const ca = new SharedCa("ca", { meshName: mesh.name, validityHours: mesh.certificates.caValidityHours });
    const tokens = new ClusterTokens("tokens", {});
    const checked = checkHosts("preflight", mesh, secrets);
    const clusters = mesh.clusters.map((cluster) => {
        const { name, api, meshApi, rke2 } = cluster;
        const token =
            cluster.token === undefined
                ? tokens.tokenFor(name, rke2.tokenGeneration)
                : secrets.get(cluster.token.fromConfig);
        const { kubeconfig } = new Cluster(name, { cluster, mesh, ca, token, secrets, checked });
        const [host = ""] = meshApiAddresses(cluster);
        return [
            name,
            { api: endpoint(api.address, 6443), meshApi: endpoint(host, meshApi.port), kubeconfig },
        ] as const;
    });
    return { caCertificate: ca.certPem, clusters: Object.fromEntries(clusters) };
}

function endpoint(host: string, port: number): string {
    return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
