import { formatAddress, overlaps, type Range } from "./range.ts";

/** What is left of a range without some others, in order. A range that loses nothing stays as it was written. */
export function subtract(range: Range, without: readonly Range[]): string[] {
    const inTheWay = without
        .filter((other) => overlaps(other, range))
        .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
    if (inTheWay.length === 0) return [range.text];
    const left: string[] = [];
    let next = range.first;
    for (const { first, last } of inTheWay) {
        if (first > next) left.push(rangeText(next, first - 1n, range));
        if (last >= next) next = last + 1n;
    }
    if (next <= range.last) left.push(rangeText(next, range.last, range));
    return left;
}

function rangeText(first: bigint, last: bigint, { family }: Range): string {
    return first === last
        ? formatAddress(first, family)
        : `${formatAddress(first, family)}-${formatAddress(last, family)}`;
}
