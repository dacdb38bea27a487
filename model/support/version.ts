/** Versions are compared by number, never as text: "1.9" is before "1.10". */
export function compareVersions(a: string, b: string): number {
    const [left, right] = [numbers(a), numbers(b)];
    for (let part = 0; part < Math.max(left.length, right.length); part++) {
        const difference = (left[part] ?? 0) - (right[part] ?? 0);
        if (difference !== 0) return difference;
    }
    return 0;
}

/** The minor version: 19 of "1.19.6", 35 of "v1.35.7+rke2r1". */
export function minorOf(version: string): number {
    return numbers(version)[1] ?? Number.NaN;
}

function numbers(version: string): number[] {
    return (version.match(/\d+/g) ?? []).map(Number);
}
