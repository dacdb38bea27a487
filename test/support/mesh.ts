import { createHash, createPrivateKey, createPublicKey } from "node:crypto";

import type { ClusterDescription, MeshDescription } from "../../model/describe.ts";

/** A cluster that is made of its machines. */
export type OwnCluster = ClusterDescription & { servers: NonNullable<ClusterDescription["servers"]> };

export interface TwoClusters extends MeshDescription {
    clusters: { east: OwnCluster; west: OwnCluster; [name: string]: ClusterDescription };
}

/** What stands before the 32 bytes of an ed25519 key in PKCS #8 and in SSH's own form. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const SSH = Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0\x20");

/** A host's public key: a real one, always the same for a name and another for each. */
export function hostKeyOf(node: string): string {
    const seed = createHash("sha256").update(node).digest();
    const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
    const { x = "" } = createPublicKey(key).export({ format: "jwk" });
    return `ssh-ed25519 ${Buffer.concat([SSH, Buffer.from(x, "base64url")]).toString("base64")}`;
}

/** A cluster with nothing wrong and nothing special; `id` moves all of its addresses. */
export function oneCluster(id: number, name: string): OwnCluster {
    return {
        id,
        podCidr: `10.${id}0.0.0/16`,
        serviceCidr: `10.${id}1.0.0/16`,
        nodeCidr: `192.168.${id}0.0/24`,
        servers: {
            [`${name}-1`]: { address: `192.168.${id}0.11`, ssh: { hostKey: hostKeyOf(`${name}-1`) } },
        },
        agents: { [`${name}-2`]: { address: `192.168.${id}0.12`, ssh: { hostKey: hostKeyOf(`${name}-2`) } } },
        loadBalancer: { provider: "metallb", pools: { mesh: [`192.168.${id}0.200-192.168.${id}0.219`] } },
        announce: { mode: "l2" },
    };
}

/** The smallest mesh that raises neither a problem nor a warning. Each call makes a new one, to be spoilt by a test. */
export function twoClusters(): TwoClusters {
    return {
        name: "test",
        rke2: { version: "v1.35.7+rke2r1" },
        cilium: { version: "1.19.6", policyDefaultLocalCluster: true },
        clusters: { east: oneCluster(1, "east"), west: oneCluster(2, "west") },
    };
}

/** Three servers in each cluster, behind an address of their own. */
export function highlyAvailable(): TwoClusters {
    const mesh = twoClusters();
    for (const [name, cluster] of Object.entries(mesh.clusters)) {
        const net = `192.168.${cluster.id}0`;
        cluster.servers = Object.fromEntries(
            [1, 2, 3].map((number) => [
                `${name}-${number}`,
                { address: `${net}.1${number}`, ssh: { hostKey: hostKeyOf(`${name}-${number}`) } },
            ]),
        );
        cluster.agents = Object.fromEntries(
            [4, 5].map((number) => [
                `${name}-${number}`,
                { address: `${net}.1${number}`, ssh: { hostKey: hostKeyOf(`${name}-${number}`) } },
            ]),
        );
        cluster.apiAddress = `api.${name}.example.net`;
    }
    return mesh;
}
