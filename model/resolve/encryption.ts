import type { EncryptionDescription } from "../description/cilium.ts";

/** Encryption as it is used: a key of IPsec that is made here has a number, one that is brought has none but its own. */
export function resolveEncryption(encryption: EncryptionDescription | undefined): EncryptionDescription {
    if (encryption?.type !== "ipsec") return encryption ?? { type: "none" };
    return encryption.key === undefined
        ? { ...encryption, keyGeneration: encryption.keyGeneration ?? 1 }
        : encryption;
}
