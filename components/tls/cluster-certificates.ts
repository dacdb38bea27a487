import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import { show, type Problem } from "../../model/problem.ts";
import { CILIUM_MINORS } from "../../model/support/matrix.ts";
import { minorOf } from "../../model/support/version.ts";
import { refuse } from "../refuse.ts";
import { commonNameProblems, hoursProblems } from "./certificate-problems.ts";
import { leavesOf, type AuthMode, type HubbleParts, type Leaf, type LeavesArgs } from "./leaf.ts";

const TYPE = "multicluster:tls:ClusterCertificates";

/** Plain is what decides which certificates there are and what they say; the CA flows. */
export interface ClusterCertificatesArgs {
    /** The cluster's name, as in the mesh. */
    readonly clusterName: string;
    /** Cilium's version, as "1.19.6"; 1.16 to 1.20. It decides the names in the certificates. */
    readonly ciliumVersion: string;
    /** How peers are known to the mesh API: all as one user, both ways, or each by its name. */
    readonly authMode: AuthMode;
    /** The CA of the mesh that signs, and whom everyone trusts. */
    readonly ca: {
        readonly certPem: pulumi.Input<string>;
        readonly privateKeyPem: pulumi.Input<string>;
        /** What everyone trusts. @default - the CA that signs */
        readonly trustPem?: pulumi.Input<string>;
        /** What stands between the CA that signs and what is trusted. @default - nothing */
        readonly chainPem?: string;
    };
    /** How long a certificate lives; less than what is left of the CA. */
    readonly validityHours: number;
    /** How long before its end an `up` renews a certificate; less than its life. */
    readonly earlyRenewalHours: number;
    /** Where Cilium runs. @default "kube-system" */
    readonly namespace?: string;
    /** Which parts of Hubble need certificates. */
    readonly hubble: HubbleParts;
    /**
     * Names and addresses at which peers reach the mesh API other than `<cluster>.mesh.cilium.io`. A peer that is told an
     * address, and not a name, verifies that address. @default - none
     */
    readonly extraServerNames?: LeavesArgs["extraServerNames"];
    /** What the cluster cannot do without while the Secrets are made, or go. @default - nothing */
    readonly after?: readonly pulumi.Resource[];
}

/**
 * The certificates of one cluster, signed by the mesh's CA, in the Secrets that Cilium's charts look for: the mesh API's
 * server, its admin, the user for remote clusters, the local user, and Hubble's. Their keys are made here: one for the mesh
 * API's own pods, and one for each of the others. They must be there before the chart: its pods mount them. The namespace
 * must exist.
 * @see https://docs.cilium.io/en/v1.19/network/clustermesh/clustermesh/
 */
export class ClusterCertificates extends pulumi.ComponentResource {
    /** The Secrets, for the chart to depend on. */
    readonly secrets: readonly pulumi.Resource[];
    /** What the certificates say. */
    readonly leaves: readonly Leaf[];
    /** When each ends, by its name, as the certificate says. */
    readonly ends: ReadonlyMap<string, pulumi.Output<string>>;

    constructor(name: string, args: ClusterCertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`ClusterCertificates ${name}`, problemsOf(args));
        const { clusterName, ciliumVersion, authMode, validityHours, earlyRenewalHours, hubble } = args;
        super(
            TYPE,
            name,
            { clusterName, ciliumVersion, authMode, validityHours, earlyRenewalHours, hubble },
            opts,
        );

        this.leaves = leavesIn(args);
        const ends = new Map<string, pulumi.Output<string>>();
        this.ends = ends;
        this.secrets = [...Map.groupBy(this.leaves, ({ keyName }) => keyName)].flatMap(
            ([keyName, leaves]) => {
                const key = this.#makeKey(`${name}-${keyName}`);
                return leaves.map((leaf) => {
                    const cert = this.#sign(`${name}-${leaf.name}`, leaf, key, args);
                    ends.set(leaf.name, cert.validityEndTime);
                    return this.#keep(`${name}-${leaf.name}`, leaf, cert, key, args);
                });
            },
        );
        this.registerOutputs({ leaves: this.leaves });
    }

    #makeKey(name: string): tls.PrivateKey {
        return new tls.PrivateKey(
            `${name}-key`,
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            { parent: this },
        );
    }

    #sign(
        name: string,
        leaf: Leaf,
        key: tls.PrivateKey,
        args: ClusterCertificatesArgs,
    ): tls.LocallySignedCert {
        const request = new tls.CertRequest(
            `${name}-request`,
            {
                privateKeyPem: key.privateKeyPem,
                subject: { commonName: leaf.commonName },
                ...(leaf.dnsNames.length === 0 ? {} : { dnsNames: [...leaf.dnsNames] }),
                ...(leaf.ipAddresses.length === 0 ? {} : { ipAddresses: [...leaf.ipAddresses] }),
            },
            { parent: this },
        );
        return new tls.LocallySignedCert(
            `${name}-cert`,
            {
                certRequestPem: request.certRequestPem,
                caCertPem: args.ca.certPem,
                caPrivateKeyPem: pulumi.secret(args.ca.privateKeyPem),
                allowedUses: [...leaf.uses],
                validityPeriodHours: args.validityHours,
                earlyRenewalHours: args.earlyRenewalHours,
            },
            { parent: this },
        );
    }

    #keep(
        name: string,
        leaf: Leaf,
        { certPem }: tls.LocallySignedCert,
        key: tls.PrivateKey,
        args: ClusterCertificatesArgs,
    ): kubernetes.core.v1.Secret {
        const { certPem: caPem, trustPem = caPem, chainPem = "" } = args.ca;
        return new kubernetes.core.v1.Secret(
            name,
            {
                metadata: { name: leaf.secretName, namespace: namespaceOf(args) },
                type: "kubernetes.io/tls",
                stringData: {
                    "ca.crt": trustPem,
                    "tls.crt": chainPem === "" ? certPem : pulumi.concat(certPem, chainPem),
                    "tls.key": pulumi.secret(key.privateKeyPem),
                },
            },
            { parent: this, ...(args.after === undefined ? {} : { dependsOn: [...args.after] }) },
        );
    }
}

function namespaceOf({ namespace = "kube-system" }: ClusterCertificatesArgs): string {
    return namespace;
}

function leavesIn(args: ClusterCertificatesArgs): Leaf[] {
    return leavesOf({ ...args, namespace: namespaceOf(args) });
}

function problemsOf(args: ClusterCertificatesArgs): Problem[] {
    const { clusterName, ciliumVersion, validityHours, earlyRenewalHours } = args;
    return [
        ...(clusterName === ""
            ? [{ path: "clusterName", rule: "must not be empty", fix: "name the cluster as the mesh does" }]
            : []),
        ...(/^1\.\d+\.\d+$/.test(ciliumVersion) && CILIUM_MINORS.includes(minorOf(ciliumVersion))
            ? []
            : [
                  {
                      path: "ciliumVersion",
                      value: show(ciliumVersion),
                      rule: "must be a full version of Cilium 1.16 to 1.20: it decides the names in the certificates",
                      fix: 'write it as "1.19.6"',
                  },
              ]),
        ...hoursProblems("validityHours", validityHours, 1),
        ...hoursProblems("earlyRenewalHours", earlyRenewalHours, 0),
        ...(earlyRenewalHours < validityHours
            ? []
            : [
                  {
                      path: "earlyRenewalHours",
                      value: show(earlyRenewalHours),
                      rule: `must be less than validityHours (${validityHours}): every up would renew every certificate`,
                      fix: "shorten it",
                  },
              ]),
        ...leavesIn(args).flatMap((leaf) =>
            commonNameProblems(`the certificate ${leaf.name}`, leaf.commonName),
        ),
    ];
}
