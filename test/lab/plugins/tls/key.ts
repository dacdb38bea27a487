import { createPrivateKey, createPublicKey, webcrypto, type KeyObject } from "node:crypto";

/** The algorithms of keys, in the provider's words. */
export type Algorithm = "ECDSA" | "ED25519" | "RSA";

/** How a key signs, in the words of the Web Cryptography API. */
interface Signing {
    readonly name: string;
    readonly hash?: string;
    readonly namedCurve?: string;
}

const CURVES: Readonly<Record<string, readonly [curve: string, hash: string]>> = {
    prime256v1: ["P-256", "SHA-256"],
    secp384r1: ["P-384", "SHA-384"],
    secp521r1: ["P-521", "SHA-512"],
};

/** A private key that signs. */
export interface SigningKey {
    readonly algorithm: Algorithm;
    readonly publicKey: webcrypto.CryptoKey;
    readonly privateKey: webcrypto.CryptoKey;
    /** The public key as certificates hold it, DER. */
    readonly spki: Buffer;
    /** What goes with the key when it signs. */
    readonly signingAlgorithm: Signing;
}

/** The private key in an input, in PEM form. Its text stays out of the message if it is none. */
export function parsePrivateKey(property: string, text: string): KeyObject {
    try {
        return createPrivateKey(text);
    } catch {
        throw new Error(`${property}: is no private key in PEM form without a passphrase`);
    }
}

/** The algorithm of a key, in the provider's words. */
export function algorithmOf(key: KeyObject): Algorithm {
    const type = key.asymmetricKeyType;
    if (type === "ec") return "ECDSA";
    if (type === "ed25519") return "ED25519";
    if (type === "rsa") return "RSA";
    throw new Error(`a key of the kind ${String(type)}: the provider has ECDSA, ED25519 and RSA`);
}

/** A key that signs certificates and requests, from an input in PEM form. */
export async function signingKey(property: string, text: string): Promise<SigningKey> {
    const key = parsePrivateKey(property, text);
    const algorithm = signing(property, key);
    const publicKey = createPublicKey(key);
    const spki = publicKey.export({ type: "spki", format: "der" });
    const { subtle } = webcrypto;
    return {
        algorithm: algorithmOf(key),
        privateKey: await subtle.importKey(
            "pkcs8",
            key.export({ type: "pkcs8", format: "der" }),
            algorithm,
            false,
            ["sign"],
        ),
        publicKey: await subtle.importKey("spki", spki, algorithm, true, ["verify"]),
        spki,
        signingAlgorithm: algorithm,
    };
}

/** How a key signs: the digest is as wide as the curve, as Go chooses it. */
function signing(property: string, key: KeyObject): Signing {
    switch (algorithmOf(key)) {
        case "ED25519":
            return { name: "Ed25519" };
        case "RSA":
            return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
        case "ECDSA":
            return ecdsa(property, key.asymmetricKeyDetails?.namedCurve ?? "");
    }
}

function ecdsa(property: string, curve: string): Signing {
    const [namedCurve, hash] = CURVES[curve] ?? [];
    if (namedCurve === undefined || hash === undefined) {
        throw new Error(
            `${property}: has the curve ${curve}; the lab's stand-in signs with P256, P384 and P521: set ecdsaCurve of the key`,
        );
    }
    return { name: "ECDSA", namedCurve, hash };
}
