/*
 * Keys as OpenSSH writes them: lengths and bytes, one after the other.
 * See PROTOCOL.key of OpenSSH for the private form and RFC 4253 for the public one.
 */
import { createHash, randomBytes, type JsonWebKey, type KeyObject } from "node:crypto";

import { pem } from "./pem.ts";

/** What OpenSSH knows of a key pair. */
export interface OpensshKey {
    readonly privateKey: string;
    readonly publicKey: string;
    readonly fingerprintMd5: string;
    readonly fingerprintSha256: string;
}

const CURVES: Readonly<Record<string, string>> = {
    "P-256": "nistp256",
    "P-384": "nistp384",
    "P-521": "nistp521",
};
// The private part is padded to this, also when nothing encrypts it.
const BLOCK = 8;

/** A private key in OpenSSH's forms; `undefined` for a kind that OpenSSH does not have, as the curve P224. */
export function opensshKey(key: KeyObject): OpensshKey | undefined {
    if (key.asymmetricKeyDetails?.namedCurve === "secp224r1") return undefined;
    const { type, publicFields, privateFields } = fieldsOf(key.export({ format: "jwk" }));
    const blob = Buffer.concat([text(type), ...publicFields.map(sized)]);
    return {
        privateKey: pem(
            "OPENSSH PRIVATE KEY",
            privateForm(blob, Buffer.concat([text(type), ...privateFields.map(sized)])),
        ),
        publicKey: `${type} ${blob.toString("base64")}\n`,
        fingerprintMd5: createHash("md5")
            .update(blob)
            .digest("hex")
            .replace(/..(?=.)/g, "$&:"),
        fingerprintSha256: `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`,
    };
}

interface Fields {
    readonly type: string;
    readonly publicFields: readonly Buffer[];
    readonly privateFields: readonly Buffer[];
}

function fieldsOf(jwk: JsonWebKey): Fields {
    const field = (name: keyof JsonWebKey) => Buffer.from(String(jwk[name]), "base64url");
    switch (jwk.kty) {
        case "EC": {
            const curve = CURVES[String(jwk.crv)];
            if (curve === undefined) throw new Error(`OpenSSH has no keys of the curve ${String(jwk.crv)}`);
            const publicFields = [
                Buffer.from(curve),
                Buffer.concat([Buffer.from([4]), field("x"), field("y")]),
            ];
            return {
                type: `ecdsa-sha2-${curve}`,
                publicFields,
                privateFields: [...publicFields, integer(field("d"))],
            };
        }
        case "OKP":
            return {
                type: "ssh-ed25519",
                publicFields: [field("x")],
                privateFields: [field("x"), Buffer.concat([field("d"), field("x")])],
            };
        case "RSA": {
            const integers = (...names: (keyof JsonWebKey)[]) => names.map((name) => integer(field(name)));
            return {
                type: "ssh-rsa",
                publicFields: integers("e", "n"),
                privateFields: integers("n", "e", "d", "qi", "p", "q"),
            };
        }
        case undefined:
        default:
            throw new Error(`OpenSSH has no keys of the kind ${String(jwk.kty)}`);
    }
}

function privateForm(publicBlob: Buffer, privateFields: Buffer): Buffer {
    // The same number twice: how a reader tells that it has decrypted the rest.
    const check = randomBytes(4);
    const part = Buffer.concat([check, check, privateFields, text("")]);
    const padding = Buffer.from(
        Array.from({ length: (BLOCK - (part.length % BLOCK)) % BLOCK }, (_, index) => index + 1),
    );
    return Buffer.concat([
        Buffer.from("openssh-key-v1\0"),
        ...["none", "none", ""].map(text),
        Buffer.from([0, 0, 0, 1]),
        sized(publicBlob),
        sized(Buffer.concat([part, padding])),
    ]);
}

/** A positive number, with as many bytes as it needs to stay positive. */
function integer(bytes: Buffer): Buffer {
    const first = bytes.findIndex((byte) => byte !== 0);
    const digits = bytes.subarray(first);
    return (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.from([0]), digits]);
}

function text(value: string): Buffer {
    return sized(Buffer.from(value));
}

function sized(bytes: Buffer): Buffer {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
}
