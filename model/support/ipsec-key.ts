/** The IDs that agents know: after the last one, the first comes again. */
export const IPSEC_KEY_IDS = 15;

/** Why the content of IPsec's Secret is none that Cilium's agents read; nothing if it is. What it holds is never said. */
export function ipsecKeyFault(text: string): string | undefined {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    return lines.length === 0
        ? "is empty"
        : lines.map(lineFault).find((fault): fault is string => fault !== undefined);
}

function lineFault(line: string): string | undefined {
    const [id = "", algorithm = "", key = "", ...rest] = line.trim().split(/\s+/);
    const number = Number(/^(\d+)\+?$/.exec(id)?.[1] ?? Number.NaN);
    if (!(number >= 1 && number <= IPSEC_KEY_IDS))
        return `does not begin with an ID from 1 to ${IPSEC_KEY_IDS}`;
    if (!isHexadecimal(key)) return "has no key in hexadecimal digits after the algorithm";
    if (rest.length === 1) {
        if (!algorithm.startsWith("rfc"))
            return "has a key with a length, but not an algorithm such as rfc4106(gcm(aes))";
        if (algorithm === "rfc4106(gcm(aes))" && ![40, 56, 72].includes(digits(key).length)) {
            return "has a key of another length than 20, 28 or 36 bytes, as rfc4106(gcm(aes)) needs";
        }
        return ["96", "128", "256"].includes(rest[0] ?? "") ? undefined : "does not end with 96, 128 or 256";
    }
    const [, encryptionKey = ""] = rest;
    return (rest.length === 2 || rest.length === 3) && isHexadecimal(encryptionKey)
        ? undefined
        : "has neither a length after its key nor a second algorithm with a key";
}

function isHexadecimal(key: string): boolean {
    return /^([0-9a-fA-F]{2})+$/.test(digits(key));
}

function digits(key: string): string {
    return key.replace(/^0x/, "");
}
