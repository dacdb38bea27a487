import { createHmac } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

const TYPE = "multicluster:rke2:ClusterTokens";

/** One key is all there is to it: the clusters are named when their tokens are asked for. */
export type ClusterTokensArgs = Record<string, never>;

/**
 * The tokens with which nodes join their clusters, all derived from one protected key. One key for the environment, so that
 * another cluster costs no further resource. A token also encrypts what its cluster keeps in etcd and in snapshots: whoever
 * loses the key loses those.
 */
export class ClusterTokens extends pulumi.ComponentResource {
    readonly #seed: tls.PrivateKey;

    constructor(name: string, args: ClusterTokensArgs, opts?: pulumi.ComponentResourceOptions) {
        super(TYPE, name, args, opts);

        this.#seed = new tls.PrivateKey(
            `${name}-seed`,
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            { parent: this, protect: true },
        );

        this.registerOutputs({});
    }

    /** The token of one cluster: 64 hexadecimal digits, secret, the same for the same name and generation. */
    tokenFor(clusterName: string, generation = 1): pulumi.Output<string> {
        return pulumi.secret(
            this.#seed.privateKeyPem.apply((pem) => deriveToken(pem, clusterName, generation)),
        );
    }
}

/** The token of a cluster from the key in PEM form: HMAC-SHA256 of its name, and of the generation from the second on. */
export function deriveToken(seedPem: string, clusterName: string, generation = 1): string {
    // No name has a space: no other cluster ever gets this token.
    const text = generation === 1 ? clusterName : `${clusterName} ${generation}`;
    return createHmac("sha256", seedPem).update(text).digest("hex");
}
