import * as z from "zod";

import * as x509 from "./x509.ts";

/** The uses of a key, by the bits of the extension (RFC 5280, 4.2.1.3). */
const KEY_USAGES = [
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "cert_signing",
    "crl_signing",
    "encipher_only",
    "decipher_only",
] as const;

const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
    any_extended: "2.5.29.37.0",
    server_auth: "1.3.6.1.5.5.7.3.1",
    client_auth: "1.3.6.1.5.5.7.3.2",
    code_signing: "1.3.6.1.5.5.7.3.3",
    email_protection: "1.3.6.1.5.5.7.3.4",
    ipsec_end_system: "1.3.6.1.5.5.7.3.5",
    ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
    ipsec_user: "1.3.6.1.5.5.7.3.7",
    timestamping: "1.3.6.1.5.5.7.3.8",
    ocsp_signing: "1.3.6.1.5.5.7.3.9",
};

/** What a key may be used for, as an input. */
export const allowedUsesSchema = z.array(z.enum([...KEY_USAGES, ...Object.keys(EXTENDED_KEY_USAGES)]));

/** The extensions that say what a key may be used for: none where there is nothing to say. */
export function allowedUsesExtensions(uses: readonly string[]): x509.Extension[] {
    const bits = KEY_USAGES.flatMap((use, bit) => (uses.includes(use) ? [bit] : []));
    const extended = uses.flatMap((use) => EXTENDED_KEY_USAGES[use] ?? []);
    return [
        ...(bits.length === 0 ? [] : [new x509.Extension("2.5.29.15", true, namedBits(bits))]),
        ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
    ];
}

/** A DER bit string with these bits set, in ascending order, and none after the last. */
function namedBits(bits: readonly number[]): Buffer {
    const last = bits.at(-1) ?? 0;
    const bytes = Array.from({ length: (last >> 3) + 1 }, (_, index) =>
        bits.filter((bit) => bit >> 3 === index).reduce((byte, bit) => byte | (0x80 >> (bit & 7)), 0),
    );
    return Buffer.from([3, bytes.length + 1, 7 - (last & 7), ...bytes]);
}
