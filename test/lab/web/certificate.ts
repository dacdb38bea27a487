// The library below asks for this polyfill.
import "reflect-metadata";

import { webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 3600 * 1000;

/** What a web server shows, and what its clients trust; all PEM. */
export interface WebCertificate {
    readonly ca: string;
    readonly certificate: string;
    readonly key: string;
}

/** A certificate for these names, by a CA that signs nothing else: its key is gone when this returns. */
export async function webCertificate(names: readonly string[]): Promise<WebCertificate> {
    const issuer = await keys();
    const notBefore = new Date(Date.now() - DAY);
    const notAfter = new Date(Date.now() + 365 * DAY);
    const ca = await x509.X509CertificateGenerator.createSelfSigned({
        name: "CN=multicluster lab web CA",
        keys: issuer,
        signingAlgorithm: ALGORITHM,
        notBefore,
        notAfter,
        extensions: [
            new x509.BasicConstraintsExtension(true, 0, true),
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
            await x509.SubjectKeyIdentifierExtension.create(issuer.publicKey),
        ],
    });
    const server = await keys();
    const certificate = await x509.X509CertificateGenerator.create({
        subject: "CN=multicluster lab web server",
        issuer: ca.subject,
        publicKey: server.publicKey,
        signingKey: issuer.privateKey,
        signingAlgorithm: ALGORITHM,
        notBefore,
        notAfter,
        extensions: [
            new x509.BasicConstraintsExtension(false, undefined, true),
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
            new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
            new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
            await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
        ],
    });
    const key = x509.PemConverter.encode(
        await webcrypto.subtle.exportKey("pkcs8", server.privateKey),
        "PRIVATE KEY",
    );
    return {
        ca: `${ca.toString("pem")}\n`,
        certificate: `${certificate.toString("pem")}\n`,
        key: `${key}\n`,
    };
}

function keys() {
    return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}
