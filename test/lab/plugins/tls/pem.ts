/** DER as PEM, with a line break at the end, as OpenSSL and Go write it. */
export function pem(label: string, der: ArrayBuffer | Uint8Array): string {
    const lines =
        Buffer.from(new Uint8Array(der))
            .toString("base64")
            .match(/.{1,64}/g) ?? [];
    return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
