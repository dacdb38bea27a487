import { expect, test } from "vitest";

import { ipsecKeyFault } from "../../../model/support/ipsec-key.ts";

const KEY = "0123456789abcdef0123456789abcdef01234567";

test.each([
    [`3+ rfc4106(gcm(aes)) ${KEY} 128`],
    [`15 rfc4106(gcm(aes)) 0x${KEY} 96\n`],
    [`1+ hmac(sha256) ${KEY} cbc(aes) ${KEY}`],
    [`1+ hmac(sha256) ${KEY} cbc(aes) ${KEY} 10.0.0.1`],
    [`3+ rfc4106(gcm(aes)) ${KEY} 128\n4+ rfc4106(gcm(aes)) ${KEY} 128\n`],
])("agents take %s", (text) => {
    expect(ipsecKeyFault(text)).toBe(undefined);
});

test.each([
    ["", "is empty"],
    ["\n \n", "is empty"],
    [`rfc4106(gcm(aes)) ${KEY} 128`, "does not begin with an ID from 1 to 15"],
    [`0+ rfc4106(gcm(aes)) ${KEY} 128`, "does not begin with an ID from 1 to 15"],
    [`16+ rfc4106(gcm(aes)) ${KEY} 128`, "does not begin with an ID from 1 to 15"],
    ["3+ rfc4106(gcm(aes)) secret 128", "has no key in hexadecimal digits after the algorithm"],
    ["3+ rfc4106(gcm(aes))", "has no key in hexadecimal digits after the algorithm"],
    [
        `3+ rfc4106(gcm(aes)) ${KEY}00 128`,
        "has a key of another length than 20, 28 or 36 bytes, as rfc4106(gcm(aes)) needs",
    ],
    [`3+ gcm(aes) ${KEY} 128`, "has a key with a length, but not an algorithm such as rfc4106(gcm(aes))"],
    [`3+ rfc4106(gcm(aes)) ${KEY} 64`, "does not end with 96, 128 or 256"],
    [`3+ rfc4106(gcm(aes)) ${KEY}`, "has neither a length after its key nor a second algorithm with a key"],
    [
        `3+ hmac(sha256) ${KEY} cbc(aes) secret`,
        "has neither a length after its key nor a second algorithm with a key",
    ],
    [`3+ rfc4106(gcm(aes)) ${KEY} 128\n4+ x`, "has no key in hexadecimal digits after the algorithm"],
])("agents do not take %j: it %s", (text, fault) => {
    expect(ipsecKeyFault(text)).toBe(fault);
});
