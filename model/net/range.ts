import { Address4, Address6 } from "ip-address";

export type Family = "IPv4" | "IPv6";

/** A run of addresses of one family: a single address, a CIDR or `first-last`. */
export interface Range {
    /** As the user wrote it. */
    readonly text: string;
    readonly family: Family;
    readonly first: bigint;
    readonly last: bigint;
    /** The prefix length, where the range was written as a CIDR. */
    readonly prefix?: number;
}

const BITS: Record<Family, number> = { IPv4: 32, IPv6: 128 };

function parser(family: Family): typeof Address4 | typeof Address6 {
    return family === "IPv4" ? Address4 : Address6;
}

function familyOf(text: string): Family {
    return text.includes(":") ? "IPv6" : "IPv4";
}

function toNumber(text: string, family: Family): bigint | undefined {
    const kind = parser(family);
    return !text.includes("/") && !text.includes("%") && kind.isValid(text)
        ? new kind(text).bigInt()
        : undefined;
}

/** A number as an address in its usual spelling (RFC 5952 for IPv6). */
export function formatAddress(value: bigint, family: Family): string {
    return family === "IPv4"
        ? Address4.fromBigInt(value).correctForm()
        : Address6.fromBigInt(value).correctForm();
}

/** One address, or `undefined` if the text is none. */
export function parseAddress(text: string): Range | undefined {
    const family = familyOf(text);
    const value = toNumber(text, family);
    return value === undefined ? undefined : { text, family, first: value, last: value };
}

/** A CIDR whose host bits are zero (`10.0.0.0/16`, not `10.0.0.1/16`), or `undefined`. */
export function parseCidr(text: string): Range | undefined {
    const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
    const [, address = "", digits = ""] = match ?? [];
    const family = familyOf(address);
    const first = toNumber(address, family);
    const prefix = Number(digits);
    if (match === null || first === undefined || prefix > BITS[family]) return undefined;
    const size = 1n << BigInt(BITS[family] - prefix);
    return first % size === 0n ? { text, family, first, last: first + size - 1n, prefix } : undefined;
}

/** A CIDR, `first-last` or one address; `undefined` if the text is none of them. */
export function parseRange(text: string): Range | undefined {
    if (text.includes("/")) return parseCidr(text);
    const [from = "", to, ...rest] = text.split("-");
    const start = parseAddress(from.trim());
    if (to === undefined) return start === undefined ? undefined : { ...start, text };
    const end = parseAddress(to.trim());
    if (rest.length > 0 || start === undefined || end === undefined) return undefined;
    if (start.family !== end.family || start.first > end.first) return undefined;
    return { text, family: start.family, first: start.first, last: end.last };
}

/** Whether two ranges share an address. */
export function overlaps(a: Range, b: Range): boolean {
    return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** Whether every address of `inner` lies in `outer`. */
export function contains(outer: Range, inner: Range): boolean {
    return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** How many addresses a range has. */
export function size(range: Range): bigint {
    return range.last - range.first + 1n;
}
