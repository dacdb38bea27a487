import type { BroughtCa, Certificates } from "./resolved.ts";

/** Whom a mesh trusts and who signs for it; its CAs are counted from 1. */
export interface Trust {
    /** The CAs that everyone trusts, in the order in which they came. */
    readonly trusted: readonly number[];
    /** The one of them that signs. */
    readonly signer: number;
}

/** Whom a mesh trusts, by how far its rotation has come. */
export function trustOf({ caGeneration, nextCa }: Pick<Certificates, "caGeneration" | "nextCa">): Trust {
    const next = caGeneration + 1;
    return {
        trusted: nextCa === undefined ? [caGeneration] : [caGeneration, next],
        signer: nextCa === "signing" ? next : caGeneration,
    };
}

/** Whether a mesh has, or is about to have, another CA than its first. */
export function isRotated({ trusted, signer }: Trust): boolean {
    return trusted.length > 1 || signer > 1;
}

/** `CA 1 signs; CA 1 and CA 2 are trusted` */
export function trustText({ trusted, signer }: Trust): string {
    const names = trusted.map((generation) => `CA ${generation}`);
    return `CA ${signer} signs; ${names.join(" and ")} ${names.length === 1 ? "is" : "are"} trusted`;
}

/** The CAs that the user brings, by where they stand. */
export function broughtIn({ ca, nextCaFrom }: Certificates): { path: string; brought: BroughtCa }[] {
    return [
        ...(ca === undefined ? [] : [{ path: "certificates.ca", brought: ca }]),
        ...(nextCaFrom === undefined ? [] : [{ path: "certificates.nextCaFrom", brought: nextCaFrom }]),
    ];
}
