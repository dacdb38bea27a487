import "reflect-metadata";

import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";

import * as x509 from "@peculiar/x509";

/** A certificate and its key, in PEM form. */
export interface KeyPair {
    readonly certificate: string;
    readonly key: string;
}

/** Whom a certificate is for. */
export interface Subject {
    readonly commonName: string;
    readonly organization?: string;
    /** Names and addresses at which its owner is reached. @default - none, it is a client */
    readonly names?: readonly string[];
}

const EC = { name: "ECDSA", namedCurve: "P-256" };
const SIGN = { name: "ECDSA", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;

/** A new key in the PEM form of elliptic curves: the API server reads no other for service accounts. */
export function newKey(): string {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    return privateKey.export({ type: "sec1", format: "pem" }).toString();
}

/** The public half of a key in PEM form. */
export function publicHalf(key: string): string {
    return createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
}

/** A CA of its own, for ten years as RKE2's. */
export async function newCa(commonName: string): Promise<KeyPair> {
    const key = newKey();
    const publicKey = await importPublic(publicHalf(key));
    const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serial(),
        subject: `CN=${commonName}`,
        issuer: `CN=${commonName}`,
        ...validity(3650),
        publicKey,
        signingKey: await importPrivate(key),
        signingAlgorithm: SIGN,
        extensions: [
            new x509.BasicConstraintsExtension(true, undefined, true),
            new x509.KeyUsagesExtension(
                x509.KeyUsageFlags.digitalSignature |
                    x509.KeyUsageFlags.keyEncipherment |
                    x509.KeyUsageFlags.keyCertSign,
                true,
            ),
            await x509.SubjectKeyIdentifierExtension.create(publicKey),
        ],
    });
    return { certificate: pem(certificate), key };
}

/** A certificate for a year with a key of its own. */
export async function issue(ca: KeyPair, subject: Subject): Promise<KeyPair> {
    const key = newKey();
    return { certificate: await sign(ca, publicHalf(key), subject), key };
}

/** A certificate for a key whose private half stays with its owner. */
export async function sign(ca: KeyPair, publicPem: string, subject: Subject): Promise<string> {
    const issuer = new x509.X509Certificate(ca.certificate);
    const names = subject.names ?? [];
    const usages = [
        x509.ExtendedKeyUsage.clientAuth,
        ...(names.length > 0 ? [x509.ExtendedKeyUsage.serverAuth] : []),
    ];
    const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serial(),
        subject: [
            ...(subject.organization === undefined ? [] : [{ O: [subject.organization] }]),
            { CN: [subject.commonName] },
        ],
        issuer: issuer.subject,
        ...validity(365),
        publicKey: await importPublic(publicPem),
        signingKey: await importPrivate(ca.key),
        signingAlgorithm: SIGN,
        extensions: [
            new x509.KeyUsagesExtension(
                x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
                true,
            ),
            new x509.ExtendedKeyUsageExtension(usages),
            await x509.AuthorityKeyIdentifierExtension.create(issuer),
            ...(names.length > 0
                ? [
                      new x509.SubjectAlternativeNameExtension(
                          names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }) as const),
                      ),
                  ]
                : []),
        ],
    });
    return pem(certificate);
}

function validity(days: number) {
    // Clocks of hosts differ by a little.
    return { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + days * DAY) };
}

function serial(): string {
    // Positive, whatever comes after.
    return `01${randomBytes(15).toString("hex")}`;
}

function pem(certificate: x509.X509Certificate): string {
    return `${certificate.toString("pem")}\n`;
}

async function importPrivate(key: string): Promise<webcrypto.CryptoKey> {
    const der = createPrivateKey(key).export({ type: "pkcs8", format: "der" });
    return webcrypto.subtle.importKey("pkcs8", der, EC, false, ["sign"]);
}

async function importPublic(key: string): Promise<webcrypto.CryptoKey> {
    const der = createPublicKey(key).export({ type: "spki", format: "der" });
    return webcrypto.subtle.importKey("spki", der, EC, true, ["verify"]);
}
