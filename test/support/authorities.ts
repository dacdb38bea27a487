/* CAs as an organisation has them, with real keys. */
import { z } from "zod";

import { revealAll } from "../lab/plugins/property.ts";
import { tlsTypes } from "../lab/plugins/tls/types.ts";

export interface Authority {
    readonly cert: string;
    readonly key: string;
}

const certificate = z.object({ certPem: z.string() });
const privateKey = z.object({ privateKeyPem: z.string() });
const request = z.object({ certRequestPem: z.string() });

/** A CA that stands below another one, or below none; or, where it may not sign, something that only looks like one. */
export async function authority(
    commonName: string,
    { under, hours = 87_600, isCa = true }: { under?: Authority; hours?: number; isCa?: boolean } = {},
): Promise<Authority> {
    const { privateKeyPem: key } = privateKey.parse(
        await made("tls:index/privateKey:PrivateKey", { algorithm: "ECDSA", ecdsaCurve: "P256" }),
    );
    const content = {
        isCaCertificate: isCa,
        allowedUses: isCa ? ["cert_signing", "crl_signing"] : ["digital_signature"],
        setSubjectKeyId: true,
        validityPeriodHours: hours,
    };
    const subject = { commonName };
    if (under === undefined) {
        const { certPem: cert } = certificate.parse(
            await made("tls:index/selfSignedCert:SelfSignedCert", {
                ...content,
                subject,
                privateKeyPem: key,
            }),
        );
        return { cert, key };
    }
    const { certRequestPem } = request.parse(
        await made("tls:index/certRequest:CertRequest", { subject, privateKeyPem: key }),
    );
    const { certPem: cert } = certificate.parse(
        await made("tls:index/locallySignedCert:LocallySignedCert", {
            ...content,
            certRequestPem,
            caCertPem: under.cert,
            caPrivateKeyPem: under.key,
        }),
    );
    return { cert, key };
}

const types = tlsTypes();

async function made(type: string, inputs: Record<string, unknown>): Promise<Record<string, unknown>> {
    const found = types[type];
    if (found === undefined) throw new Error(`there is no ${type}`);
    return revealAll((await found.create(inputs)).outputs);
}
