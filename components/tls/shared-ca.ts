import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import type { Problem } from "../../model/problem.ts";
import { refuse } from "../refuse.ts";
import { commonNameProblems, hoursProblems } from "./certificate-problems.ts";

const TYPE = "multicluster:tls:SharedCa";

/** All of it is plain: it decides what the certificate says. */
export interface SharedCaArgs {
    /** The mesh's name; the certificate's common name is `<meshName> mesh CA`, 64 characters at most. */
    readonly meshName: string;
    /** How long the CA lives. A change replaces it, and with it every certificate of the mesh. */
    readonly validityHours: number;
}

/**
 * The one CA of a mesh: a key and a self-signed certificate, both protected. Every certificate of every cluster verifies to
 * it. Its key stays in the stack's state and enters no cluster. It needs nothing first; it refuses a name that does not fit
 * into a certificate and a life that is not a whole number of hours.
 */
export class SharedCa extends pulumi.ComponentResource {
    /** The certificate. */
    readonly certPem: pulumi.Output<string>;
    /** The key, secret. */
    readonly privateKeyPem: pulumi.Output<string>;

    constructor(name: string, args: SharedCaArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`SharedCa ${name}`, problemsOf(args));
        super(TYPE, name, { ...args }, opts);

        const key = new tls.PrivateKey(
            `${name}-key`,
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            { parent: this, protect: true },
        );
        const cert = new tls.SelfSignedCert(
            `${name}-cert`,
            {
                privateKeyPem: key.privateKeyPem,
                subject: { commonName: commonNameOf(args) },
                isCaCertificate: true,
                allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
                setSubjectKeyId: true,
                validityPeriodHours: args.validityHours,
                // A new CA is a rotation, with both trusted for a while; it must not come of itself on some day's `up`.
                earlyRenewalHours: 0,
            },
            { parent: this, protect: true },
        );

        this.certPem = cert.certPem;
        this.privateKeyPem = pulumi.secret(key.privateKeyPem);
        this.registerOutputs({ certPem: this.certPem });
    }
}

function commonNameOf({ meshName }: SharedCaArgs): string {
    return `${meshName} mesh CA`;
}

function problemsOf(args: SharedCaArgs): Problem[] {
    return [
        ...(args.meshName === ""
            ? [{ path: "meshName", rule: "must not be empty", fix: "name the mesh" }]
            : commonNameProblems("meshName", commonNameOf(args))),
        ...hoursProblems("validityHours", args.validityHours, 1),
    ];
}
