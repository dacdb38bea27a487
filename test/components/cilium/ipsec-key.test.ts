import { describe, expect, it } from "vitest";

import { deriveIpsecKey, IpsecKey, keyChangeProblems } from "../../../components/cilium/ipsec-key.ts";
import { formatProblem } from "../../../model/problem.ts";
import { ipsecKeyFault } from "../../../model/support/ipsec-key.ts";

const SEED = "-----BEGIN EC PRIVATE KEY-----\nseed\n-----END EC PRIVATE KEY-----\n";

describe("deriveIpsecKey", () => {
    it("is always the same for a seed and a number", () => {
        expect(deriveIpsecKey(SEED, 1)).toBe(deriveIpsecKey(SEED, 1));
        expect(deriveIpsecKey(SEED, 1)).toMatchInlineSnapshot(
            `"1+ rfc4106(gcm(aes)) 16cd0c6e12b014b5de895411fcfe367c4093a991 128"`,
        );
        expect(deriveIpsecKey(SEED, 2)).toMatchInlineSnapshot(
            `"2+ rfc4106(gcm(aes)) b0f6daed0f0a7ac928081359e46ac2ce148cc22b 128"`,
        );
    });

    it("is one that agents take, with the ID after the last one's", () => {
        const ids = Array.from({ length: 32 }, (_, index) => {
            const key = deriveIpsecKey(SEED, index + 1);
            expect(ipsecKeyFault(key)).toBe(undefined);
            expect(key).toMatch(/^\d+\+ rfc4106\(gcm\(aes\)\) [0-9a-f]{40} 128$/);
            return key.split("+")[0];
        });
        const round = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"];
        expect(ids).toEqual([...round, ...round, "1", "2"]);
    });

    it("is never twice the same", () => {
        const keys = Array.from({ length: 32 }, (_, index) => deriveIpsecKey(SEED, index + 1).split(" ")[2]);
        expect(new Set(keys).size).toBe(32);
        expect(deriveIpsecKey(`${SEED}x`, 1)).not.toBe(deriveIpsecKey(SEED, 1));
    });
});

describe("a change of the key", () => {
    const said = (before: unknown, after: unknown) =>
        keyChangeProblems(before, after).map(formatProblem).join("\n");
    const key = (generation: number, ...ciliumVersions: string[]) => ({ generation, ciliumVersions });

    it("to the next one is taken, and so is none", () => {
        expect(said(key(3, "1.19.6"), key(4, "1.19.6"))).toBe("");
        expect(said(key(3, "1.18.11"), key(3, "1.18.11", "1.19.6"))).toBe("");
        expect(said(undefined, key(4, "1.19.6"))).toBe("");
    });

    it("to one before, or to one after the next, is refused", () => {
        expect(said(key(3, "1.19.6"), key(2, "1.19.6"))).toMatchInlineSnapshot(`
          "cilium.encryption.keyGeneration = 2
              does not follow 3, which the clusters use: agents agree only on the key that they have and the next one
              fix: write 4, and let 15m pass after it before the one after that"
        `);
        expect(said(key(3, "1.19.6"), key(5, "1.19.6"))).toMatchInlineSnapshot(`
          "cilium.encryption.keyGeneration = 5
              does not follow 3, which the clusters use: agents agree only on the key that they have and the next one
              fix: write 4, and let 15m pass after it before the one after that"
        `);
    });

    it("during an upgrade of Cilium is refused", () => {
        expect(said(key(3, "1.18.11"), key(4, "1.19.6"))).toMatchInlineSnapshot(`
          "cilium.encryption.keyGeneration = 4
              comes while Cilium is upgraded (1.18.11, 1.19.6): the key may change only where all nodes run one version
              fix: write 3 until every cluster has the same version"
        `);
        expect(said(key(3, "1.18.11", "1.19.6"), key(4, "1.19.6"))).not.toBe("");
    });
});

it("refuses a number that is none", () => {
    expect(() => new IpsecKey("ipsec", { generation: 0, ciliumVersions: [] })).toThrow(
        "must be a whole number, at least 1",
    );
});
