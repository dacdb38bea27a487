/*
 * What a CA's certificate says, as far as it decides whether it can sign for a mesh. How many CAs may stand below one, and
 * which names it may sign for, is not read.
 */
import { X509Certificate } from "node:crypto";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g;

/** The certificates of a PEM text; nothing where it holds none, or anything else. */
export function readChain(text: string): X509Certificate[] | undefined {
    const rest = text.replaceAll(CERTIFICATE, "");
    if (rest.includes("-----")) return undefined;
    const pems = text.match(CERTIFICATE) ?? [];
    try {
        const certificates = pems.map((pem) => new X509Certificate(pem));
        return certificates.length === 0 ? undefined : certificates;
    } catch {
        return undefined;
    }
}

/** What a CA and those above it are to others. */
export interface Chain {
    /** Signs. */
    readonly signerPem: string;
    /** Stand between the signer and what is trusted, the signer first; they are shown with every certificate. */
    readonly intermediatesPem: string;
    /** What everyone trusts. */
    readonly trustPem: string;
    /** What everyone trusts, in short: SHA-256, as 64 hexadecimal digits. */
    readonly trustFingerprint: string;
}

/** A chain that has been looked at before. */
export function chainOf(text: string): Chain {
    const certificates = readChain(text) ?? [];
    const [signer, trust] = [certificates[0], certificates.at(-1)];
    if (signer === undefined || trust === undefined) throw new Error("there is no certificate");
    return {
        signerPem: signer.toString(),
        intermediatesPem: certificates
            .slice(0, -1)
            .map((certificate) => certificate.toString())
            .join(""),
        trustPem: trust.toString(),
        trustFingerprint: trust.fingerprint256.replaceAll(":", "").toLowerCase(),
    };
}

/** Who a certificate is of, on one line. */
export function subjectOf({ subject }: X509Certificate): string {
    return subject.replaceAll("\n", ", ");
}

/** The first certificate of a chain to end, in milliseconds since 1970: with it ends what they sign. */
export function endOf(chain: readonly X509Certificate[]): number {
    return Math.min(...chain.map(({ validTo }) => Date.parse(validTo)));
}

/** A moment as a day, as `2027-01-31`. */
export function dayOf(moment: number): string {
    return new Date(moment).toISOString().slice(0, 10);
}
