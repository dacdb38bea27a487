import { formatAddress, overlaps, parseCidr, size, type Range } from "./range.ts";

/**
 * The `index`th network of length `prefix` inside `block`. It depends on nothing but its arguments, so that appending a
 * cluster to a list moves no other cluster's range.
 *
 * @example carve("10.64.0.0/10", { prefix: 16, index: 3 }) // "10.67.0.0/16"
 */
export function carve(block: string, { prefix, index }: { prefix: number; index: number }): string {
    const outer = parseCidr(block);
    if (outer?.prefix === undefined)
        throw new RangeError(`carve: ${block} is not a CIDR such as 10.64.0.0/10`);
    const bits = outer.family === "IPv4" ? 32 : 128;
    if (!Number.isInteger(prefix) || prefix < outer.prefix || prefix > bits) {
        throw new RangeError(
            `carve: a /${prefix} does not fit into ${block}; use /${outer.prefix} to /${bits}`,
        );
    }
    const count = 1n << BigInt(prefix - outer.prefix);
    if (!Number.isInteger(index) || index < 0 || BigInt(index) >= count) {
        throw new RangeError(
            `carve: ${block} has ${count} networks of /${prefix}, number ${index} is not one of them`,
        );
    }
    const step = 1n << BigInt(bits - prefix);
    return `${formatAddress(outer.first + step * BigInt(index), outer.family)}/${prefix}`;
}

/**
 * The first network as long as `like`, at or after it, that shares no address with any of `taken`; `undefined` where the
 * family's addresses end first. Used to propose a range in a message.
 */
export function firstFree(like: Range, taken: readonly Range[]): string | undefined {
    const step = size(like);
    const bits = like.family === "IPv4" ? 32 : 128;
    const end = 1n << BigInt(bits);
    const inTheWay = taken
        .filter((range) => range.family === like.family)
        .sort((a, b) => (a.first < b.first ? -1 : 1));
    let candidate: Range = like;
    for (const range of inTheWay) {
        if (!overlaps(candidate, range)) continue;
        const first = (range.last / step + 1n) * step;
        candidate = { ...like, first, last: first + step - 1n };
    }
    if (candidate.last >= end) return undefined;
    return `${formatAddress(candidate.first, like.family)}/${like.prefix ?? bits}`;
}
