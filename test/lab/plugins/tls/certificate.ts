import { createHash, createPublicKey, webcrypto } from "node:crypto";

import * as z from "zod";

import { allowedUsesExtensions, allowedUsesSchema } from "./allowed-uses.ts";
import { alternativeNamesExtension } from "./alternative-names.ts";
import { algorithmOf, type SigningKey } from "./key.ts";
import { pem } from "./pem.ts";
import { isEmpty } from "./subject.ts";
import * as x509 from "./x509.ts";

const HOUR = 3_600_000;

/** What the provider fills in where a program says nothing. */
export const CERTIFICATE_DEFAULTS = {
    earlyRenewalHours: 0,
    isCaCertificate: false,
    maxPathLength: -1,
    setSubjectKeyId: false,
} as const;

/** What a program says about any certificate. */
export const certificateSchema = {
    allowedUses: allowedUsesSchema,
    validityPeriodHours: z.int().min(0),
    earlyRenewalHours: z.int().min(0).default(CERTIFICATE_DEFAULTS.earlyRenewalHours),
    isCaCertificate: z.boolean().default(CERTIFICATE_DEFAULTS.isCaCertificate),
    maxPathLength: z.int().min(-1).default(CERTIFICATE_DEFAULTS.maxPathLength),
    setSubjectKeyId: z.boolean().default(CERTIFICATE_DEFAULTS.setSubjectKeyId),
} as const;

/** What a certificate is made from. */
export interface CertificateContent {
    readonly subject: x509.Name;
    readonly names: x509.JsonGeneralNames;
    /** The public key, as DER. */
    readonly publicKey: Buffer;
    readonly allowedUses: readonly string[];
    readonly validityPeriodHours: number;
    readonly isCaCertificate: boolean;
    readonly maxPathLength: number;
    readonly setSubjectKeyId: boolean;
    /** Only a certificate that signs itself can ask for it; any other has it wherever its CA has an id. */
    readonly setAuthorityKeyId: boolean;
}

/** Who signs. */
export interface Issuer {
    readonly name: x509.Name;
    readonly key: SigningKey;
    /** The id of its key, if its certificate says one. */
    readonly keyId: string | undefined;
}

/** What is recorded of a certificate. */
export interface IssuedCertificate {
    readonly id: string;
    readonly outputs: {
        readonly certPem: string;
        readonly readyForRenewal: false;
        readonly validityStartTime: string;
        readonly validityEndTime: string;
    };
}

/** A signed certificate, from now on. Without an issuer it is its own. */
export async function issueCertificate(
    content: CertificateContent,
    issuer: Issuer | { readonly key: SigningKey },
): Promise<IssuedCertificate> {
    if (content.isCaCertificate && isEmpty(content.subject)) {
        throw new Error(
            "Invalid Certificate Subject: a CA must have at least one Distinguished Name: set subject",
        );
    }
    const notBefore = new Date();
    const notAfter = new Date(notBefore.getTime() + content.validityPeriodHours * HOUR);
    const certificate = await x509.X509CertificateGenerator.create(
        {
            subject: content.subject,
            issuer: "name" in issuer ? issuer.name : content.subject,
            notBefore,
            notAfter,
            publicKey: content.publicKey,
            signingKey: issuer.key.privateKey,
            signingAlgorithm: issuer.key.signingAlgorithm,
            extensions: extensions(content, issuer),
        },
        webcrypto,
    );
    return {
        id: BigInt(`0x${certificate.serialNumber}`).toString(),
        outputs: {
            certPem: pem("CERTIFICATE", certificate.rawData),
            readyForRenewal: false,
            validityStartTime: notBefore.toISOString(),
            validityEndTime: notAfter.toISOString(),
        },
    };
}

/** In the order in which Go writes them. */
function extensions(
    content: CertificateContent,
    issuer: Issuer | { readonly key: SigningKey },
): x509.Extension[] {
    const { isCaCertificate, maxPathLength, setSubjectKeyId } = content;
    const keyId = isCaCertificate || setSubjectKeyId ? keyIdOf(content.publicKey) : undefined;
    const authority = authorityKeyId(content, issuer, keyId);
    return [
        ...allowedUsesExtensions(content.allowedUses),
        // The official provider does not encode a length of 0 either.
        new x509.BasicConstraintsExtension(
            isCaCertificate,
            isCaCertificate && maxPathLength > 0 ? maxPathLength : undefined,
            true,
        ),
        ...(keyId === undefined ? [] : [new x509.SubjectKeyIdentifierExtension(keyId)]),
        ...(authority === undefined ? [] : [new x509.AuthorityKeyIdentifierExtension(authority)]),
        ...alternativeNamesExtension(content.names, isEmpty(content.subject)),
    ];
}

function authorityKeyId(
    content: CertificateContent,
    issuer: Issuer | { readonly key: SigningKey },
    ownKeyId: string | undefined,
): string | undefined {
    if ("name" in issuer) {
        return sameName(issuer.name, content.subject) ? undefined : issuer.keyId;
    }
    if (!content.setAuthorityKeyId) return undefined;
    if (ownKeyId === undefined) {
        throw new Error(
            "Invalid Certificate Authority: setAuthorityKeyId needs an id of the key: set setSubjectKeyId",
        );
    }
    return ownKeyId;
}

function sameName(one: x509.Name, other: x509.Name): boolean {
    return Buffer.from(one.toArrayBuffer()).equals(Buffer.from(other.toArrayBuffer()));
}

/** The id of a public key: the digest of what the provider marshals for its kind. */
export function keyIdOf(spki: Buffer): string {
    const key = createPublicKey({ key: spki, type: "spki", format: "der" });
    const jwk = key.export({ format: "jwk" });
    const point = (name: "x" | "y") => Buffer.from(String(jwk[name]), "base64url");
    return createHash("sha1").update(marshalled()).digest("hex");

    function marshalled(): Buffer {
        switch (algorithmOf(key)) {
            case "ECDSA":
                return Buffer.concat([Buffer.from([4]), point("x"), point("y")]);
            case "ED25519":
                return Buffer.concat([Buffer.from([4, 32]), point("x")]);
            case "RSA":
                return key.export({ type: "pkcs1", format: "der" });
        }
    }
}
