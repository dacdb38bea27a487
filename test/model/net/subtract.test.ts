import fc from "fast-check";
import { expect, it } from "vitest";

import { contains, formatAddress, parseRange, type Range } from "../../../model/net/range.ts";
import { subtract } from "../../../model/net/subtract.ts";

function range(text: string): Range {
    const parsed = parseRange(text);
    if (parsed === undefined) throw new Error(`${text} is no range`);
    return parsed;
}

it.each([
    ["10.0.0.0/24", [], ["10.0.0.0/24"]],
    ["10.0.0.0/24", ["10.0.1.0/24", "fd00::/64"], ["10.0.0.0/24"]],
    ["10.0.0.0/24", ["10.0.0.0", "10.0.0.255"], ["10.0.0.1-10.0.0.254"]],
    ["10.0.0.0/30", ["10.0.0.1"], ["10.0.0.0", "10.0.0.2-10.0.0.3"]],
    ["10.0.0.0/30", ["10.0.0.2-10.0.0.9", "10.0.0.1", "10.0.0.0/31"], []],
    ["10.0.0.5-10.0.0.9", ["10.0.0.8", "10.0.0.6 - 10.0.0.7"], ["10.0.0.5", "10.0.0.9"]],
    ["fd00::/126", ["fd00::1"], ["fd00::", "fd00::2-fd00::3"]],
])("leaves of %s without %j %j", (text, without, expected) => {
    expect(subtract(range(text), without.map(range))).toEqual(expected);
});

it("leaves every address that is in none of the others, and no other", () => {
    const address = fc.integer({ min: 0, max: 31 }).map((number) => formatAddress(BigInt(number), "IPv4"));
    const some = fc
        .tuple(address, address)
        .map(([a, b]) => range(range(a).first <= range(b).first ? `${a}-${b}` : `${b}-${a}`));
    fc.assert(
        fc.property(some, fc.array(some, { maxLength: 4 }), (whole, without) => {
            const left = subtract(whole, without).map(range);
            for (let number = 0; number < 32; number++) {
                const one = range(formatAddress(BigInt(number), "IPv4"));
                const wanted = contains(whole, one) && !without.some((other) => contains(other, one));
                expect(left.some((other) => contains(other, one))).toBe(wanted);
            }
        }),
    );
});
