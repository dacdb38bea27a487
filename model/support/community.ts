import { show, type Problem } from "../problem.ts";

/** A BGP community as users write it. */
export interface Community {
    readonly kind: "standard" | "large" | "wellKnown";
    readonly text: string;
}

/** The well-known communities that Cilium names, with their numbers (RFC 1997 and the IANA registry of BGP communities). */
const WELL_KNOWN: Readonly<Record<string, number>> = {
    internet: 0x0000_0000,
    "planned-shut": 0xffff_0000,
    "accept-own": 0xffff_0001,
    "route-filter-translated-v4": 0xffff_0002,
    "route-filter-v4": 0xffff_0003,
    "route-filter-translated-v6": 0xffff_0004,
    "route-filter-v6": 0xffff_0005,
    "llgr-stale": 0xffff_0006,
    "no-llgr": 0xffff_0007,
    blackhole: 0xffff_029a,
    "no-export": 0xffff_ff01,
    "no-advertise": 0xffff_ff02,
    "no-export-subconfed": 0xffff_ff03,
    "no-peer": 0xffff_ff04,
};

const MAX_16 = 0xffff;
const MAX_32 = 0xffff_ffff;

/** A standard (`65000:100`, or as one number), large (`65000:1:2`) or well-known (`no-export`) community, or `undefined`. */
export function parseCommunity(text: string): Community | undefined {
    if (Object.hasOwn(WELL_KNOWN, text)) return { kind: "wellKnown", text };
    const parts = text.split(":");
    if (!parts.every((part) => /^(0|[1-9]\d{0,9})$/.test(part))) return undefined;
    const max = parts.length === 2 ? MAX_16 : MAX_32;
    if (parts.length > 3 || parts.some((part) => Number(part) > max)) return undefined;
    return { kind: parts.length === 3 ? "large" : "standard", text };
}

/** A standard or well-known community as two numbers of 16 bits: `no-export` is `65535:65281`. */
export function toPair(text: string): string {
    if (text.includes(":")) return text;
    const number = WELL_KNOWN[text] ?? Number(text);
    return `${Math.floor(number / 0x1_0000)}:${number % 0x1_0000}`;
}

/** What is wrong with a list of communities. */
export function communityProblems(communities: readonly string[], path: string): Problem[] {
    return communities.flatMap((text, index) => {
        const at = { path: `${path}[${index}]`, value: show(text) };
        if (parseCommunity(text) === undefined) {
            return [
                {
                    ...at,
                    rule: "is not a community: neither standard (two numbers up to 65535), nor large (three up to 4294967295), nor well-known",
                    fix: `write it as "65000:100", "65000:1:2" or one of ${Object.keys(WELL_KNOWN).join(", ")}`,
                },
            ];
        }
        return communities.indexOf(text) < index
            ? [{ ...at, rule: "is there twice", fix: "write it once" }]
            : [];
    });
}
