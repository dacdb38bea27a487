import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { carve, firstFree } from "../../../model/net/carve.ts";
import {
    contains,
    formatAddress,
    overlaps,
    parseAddress,
    parseCidr,
    parseRange,
    size,
} from "../../../model/net/range.ts";

const family = fc.constantFrom("IPv4" as const, "IPv6" as const);
const bits = { IPv4: 32, IPv6: 128 } as const;

/** Any CIDR whose host bits are zero. */
const cidr = family.chain((kind) =>
    fc
        .tuple(
            fc.bigInt({ min: 0n, max: 2n ** BigInt(bits[kind]) - 1n }),
            fc.integer({ min: 0, max: bits[kind] }),
        )
        .map(([number, prefix]) => {
            const step = 2n ** BigInt(bits[kind] - prefix);
            return `${formatAddress((number / step) * step, kind)}/${prefix}`;
        }),
);

function parsed(text: string) {
    const range = parseRange(text);
    if (range === undefined) throw new Error(`not a range: ${text}`);
    return range;
}

describe("ranges", () => {
    it.each([
        ["10.0.0.0/8", 2n ** 24n],
        ["192.168.1.7", 1n],
        ["192.168.1.7/32", 1n],
        ["192.168.1.200-192.168.1.219", 20n],
        ["fd00::/64", 2n ** 64n],
        ["fd00::1-fd00::ff", 255n],
        ["0.0.0.0/0", 2n ** 32n],
    ])("reads %s as %i addresses", (text, count) => {
        expect(size(parsed(text))).toBe(count);
    });

    it.each([
        "10.0.0.1/16",
        "10.0.0.0/33",
        "10.0.0/16",
        "10.0.0.0/",
        "10.0.0.0/1 6",
        "10.0.0.9-10.0.0.1",
        "10.0.0.1-fd00::1",
        "1-2-3",
        "",
        "east",
        "fd00::1%eth0",
        "10.0.0.256",
        "010.0.0.1-",
    ])("refuses %j", (text) => {
        expect(parseRange(text)).toBeUndefined();
    });

    it("takes an address without a prefix only", () => {
        expect(parseAddress("10.0.0.1")?.first).toBe(0x0a000001n);
        expect(parseAddress("10.0.0.0/32")).toBeUndefined();
    });

    it("keeps the numbers of what it prints", () => {
        fc.assert(
            fc.property(cidr, (text) => {
                const range = parsed(text);
                const [address = ""] = text.split("/");
                expect(formatAddress(range.first, range.family)).toBe(address);
                expect(parseCidr(text)).toEqual(range);
            }),
        );
    });

    it("overlaps the same in both directions, and itself", () => {
        fc.assert(
            fc.property(cidr, cidr, (a, b) => {
                expect(overlaps(parsed(a), parsed(b))).toBe(overlaps(parsed(b), parsed(a)));
                expect(overlaps(parsed(a), parsed(a))).toBe(true);
            }),
        );
    });

    it("contains what it overlaps, or is contained by it, as CIDRs do", () => {
        fc.assert(
            fc.property(cidr, cidr, (a, b) => {
                const nested = contains(parsed(a), parsed(b)) || contains(parsed(b), parsed(a));
                expect(overlaps(parsed(a), parsed(b))).toBe(nested);
            }),
        );
    });

    it("never overlaps across families", () => {
        expect(overlaps(parsed("0.0.0.0/0"), parsed("::/0"))).toBe(false);
    });
});

describe("carve", () => {
    const blocks = fc.record({
        block: cidr.filter((text) => (parseCidr(text)?.prefix ?? 0) >= 8),
        longer: fc.integer({ min: 0, max: 8 }),
    });

    it("gives networks inside the block that never overlap, and the same ones when more are asked for", () => {
        fc.assert(
            fc.property(blocks, fc.integer({ min: 1, max: 20 }), ({ block, longer }, wanted) => {
                const outer = parsed(block);
                const prefix = Math.min((outer.prefix ?? 0) + longer, bits[outer.family]);
                const count = Math.min(wanted, 2 ** (prefix - (outer.prefix ?? 0)));
                const all = Array.from({ length: count }, (_, index) => carve(block, { prefix, index }));
                const ranges = all.map(parsed);
                expect(ranges.every((range) => contains(outer, range))).toBe(true);
                ranges.forEach((range, index) => {
                    expect(ranges.slice(index + 1).some((other) => overlaps(range, other))).toBe(false);
                });
                const fewer = Array.from({ length: count - 1 }, (_, index) =>
                    carve(block, { prefix, index }),
                );
                expect(all.slice(0, -1)).toEqual(fewer);
            }),
        );
    });

    it.each([
        [{ prefix: 16, index: 4 }, "carve: 10.64.0.0/14 has 4 networks of /16, number 4 is not one of them"],
        [
            { prefix: 16, index: -1 },
            "carve: 10.64.0.0/14 has 4 networks of /16, number -1 is not one of them",
        ],
        [{ prefix: 13, index: 0 }, "carve: a /13 does not fit into 10.64.0.0/14; use /14 to /32"],
    ])("refuses %o", (where, message) => {
        expect(() => carve("10.64.0.0/14", where)).toThrow(message);
    });

    it("refuses a block that is none", () => {
        expect(() => carve("10.64.0.1/14", { prefix: 16, index: 0 })).toThrow(
            "carve: 10.64.0.1/14 is not a CIDR such as 10.64.0.0/10",
        );
    });
});

describe("the first free network", () => {
    it("shares no address with what is taken, and is as long", () => {
        fc.assert(
            fc.property(cidr, fc.array(cidr, { maxLength: 12 }), (like, taken) => {
                const free = firstFree(parsed(like), taken.map(parsed));
                if (free === undefined) return;
                expect(parsed(free).prefix).toBe(parsed(like).prefix);
                expect(taken.some((text) => overlaps(parsed(text), parsed(free)))).toBe(false);
            }),
        );
    });

    it("is the network itself where nothing is in the way", () => {
        expect(firstFree(parsed("10.0.0.0/16"), [parsed("10.1.0.0/16")])).toBe("10.0.0.0/16");
    });

    it("is the next one that is free", () => {
        const taken = ["10.0.0.0/16", "10.1.0.0/20", "10.3.0.0/16"].map(parsed);
        expect(firstFree(parsed("10.0.0.0/16"), taken)).toBe("10.2.0.0/16");
    });

    it("is none where the family ends", () => {
        expect(firstFree(parsed("255.255.0.0/16"), [parsed("255.255.255.255")])).toBeUndefined();
    });
});
