import { createECDH, createHash, createPrivateKey } from "node:crypto";

/** An SSH host's key pair. */
export interface HostKeyPair {
    /** The private key as sshd reads it: PEM, SEC 1. */
    readonly pem: string;
    /** The public key as a stack pins it: type and base64. */
    readonly public: string;
}

const CURVE = "prime256v1";
const TYPE = "ecdsa-sha2-nistp256";
const LABEL = "multicluster lab host key, published on purpose";

/**
 * The key of a lab's host. It follows from the name alone, so that a stack can pin it before the host exists. Whoever reads
 * this file knows the private key: that is fine inside a lab, and nowhere else.
 */
export function hostKey(name: string): HostKeyPair {
    const scalar = createHash("sha256").update(`${LABEL}: ${name}`).digest();
    const pair = createECDH(CURVE);
    pair.setPrivateKey(scalar);
    const point = pair.getPublicKey();
    const jwk = {
        kty: "EC",
        crv: "P-256",
        d: scalar.toString("base64url"),
        x: point.toString("base64url", 1, 33),
        y: point.toString("base64url", 33),
    };
    const pem = createPrivateKey({ key: jwk, format: "jwk" }).export({ type: "sec1", format: "pem" });
    const blob = Buffer.concat([TYPE, "nistp256", point].map(sshString));
    return { pem: pem.toString(), public: `${TYPE} ${blob.toString("base64")}` };
}

/** RFC 4251: the length in four bytes, then the bytes. */
function sshString(value: string | Buffer): Buffer {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
}
