import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";

import { issue, type KeyPair, type Subject } from "./certificate.ts";
import { readIfThere, writePrivate } from "./files.ts";
import { PATHS } from "./paths.ts";

/** A certificate and its key as files. */
export interface LeafFiles {
    readonly certificateFile: string;
    readonly keyFile: string;
}

/** RKE2 renews at a start when less than this is left. */
const RENEW_BEFORE = 120 * 24 * 60 * 60 * 1000;

/** The files of a certificate below server/tls: what is there is kept while it serves. */
export async function leafFiles(name: string, ca: KeyPair, subject: Subject): Promise<LeafFiles> {
    const files = {
        certificateFile: join(PATHS.tls, `${name}.crt`),
        keyFile: join(PATHS.tls, `${name}.key`),
    };
    if (
        !serves(readIfThere(files.certificateFile), ca, subject) ||
        readIfThere(files.keyFile) === undefined
    ) {
        const { certificate, key } = await issue(ca, subject);
        writePrivate(files.keyFile, key);
        // With its CA behind it, so that clients see the whole chain.
        writePrivate(files.certificateFile, certificate + ca.certificate);
    }
    return files;
}

/** Whether a certificate is by this CA, has these names, and lasts a while. */
export function serves(pem: string | undefined, ca: KeyPair, subject: Subject): boolean {
    if (pem === undefined) return false;
    const certificate = new X509Certificate(pem);
    return (
        certificate.verify(new X509Certificate(ca.certificate).publicKey) &&
        certificate.validToDate.getTime() - Date.now() > RENEW_BEFORE &&
        (subject.names ?? []).every((name) =>
            isIP(name) === 0
                ? certificate.checkHost(name) !== undefined
                : certificate.checkIP(name) !== undefined,
        ) &&
        countNames(certificate) === new Set(subject.names ?? []).size
    );
}

function countNames({ subjectAltName }: X509Certificate): number {
    return subjectAltName === undefined || subjectAltName === "" ? 0 : subjectAltName.split(", ").length;
}
