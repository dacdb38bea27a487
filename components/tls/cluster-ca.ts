import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ClusterCertificatesArgs } from "./cluster-certificates.ts";

const TYPE = "multicluster:tls:ClusterCa";

/** The Secret that certgen looks for; the chart fixes its name. */
const CA_SECRET = "cilium-ca";

/** The CA flows. */
export interface ClusterCaArgs {
    /** The CA of the mesh, with its key. */
    readonly ca: ClusterCertificatesArgs["ca"];
    /** Where Cilium runs. @default "kube-system" */
    readonly namespace?: string;
    /** What the cluster cannot do without while the Secret is made, or goes. @default - nothing */
    readonly after?: readonly pulumi.Resource[];
}

/**
 * The CA of the mesh inside one cluster, with its key, for certgen of Cilium's chart to sign with. It must be there before the
 * chart: up to Cilium 1.16 certgen makes another CA where it finds none, and later it fails. What certgen makes is not known
 * here. One that is there already is not taken over: it is another mesh's.
 */
export class ClusterCa extends pulumi.ComponentResource {
    /** The Secret, for the chart to depend on. */
    readonly secrets: readonly pulumi.Resource[];

    constructor(name: string, args: ClusterCaArgs, opts?: pulumi.ComponentResourceOptions) {
        super(TYPE, name, {}, opts);
        const { certPem, trustPem = certPem, chainPem = "", privateKeyPem } = args.ca;
        this.secrets = [
            new kubernetes.core.v1.Secret(
                name,
                {
                    metadata: { name: CA_SECRET, namespace: args.namespace ?? "kube-system" },
                    stringData: {
                        // The first signs, the last is what everyone trusts, and those between are shown with each certificate.
                        "ca.crt": chainPem === "" ? trustPem : pulumi.concat(chainPem, trustPem),
                        "ca.key": pulumi.secret(privateKeyPem),
                    },
                },
                { parent: this, ...(args.after === undefined ? {} : { dependsOn: [...args.after] }) },
            ),
        ];
        this.registerOutputs({});
    }
}
