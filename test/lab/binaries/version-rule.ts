import { compareVersions } from "../../../model/support/version.ts";

/** Which versions of an installed program are good enough: in words, for messages, and as a check. */
export interface VersionRule {
    readonly text: string;
    readonly accepts: (version: string) => boolean;
}

/** This version and no other. */
export function exactly(version: string): VersionRule {
    return { text: version, accepts: (found) => compareVersions(found, version) === 0 };
}

/** This version or a newer one that begins with the same number. */
export function since(version: string): VersionRule {
    const next = String(Number.parseInt(version, 10) + 1);
    return {
        text: `${version} or newer, below ${next}`,
        accepts: (found) => compareVersions(found, version) >= 0 && compareVersions(found, next) < 0,
    };
}

/** These minor versions and all between them, with any patch. */
export function minors(from: string, to: string): VersionRule {
    return {
        text: `${from} to ${to}`,
        accepts: (found) => {
            const minor = found.split(".").slice(0, 2).join(".");
            return compareVersions(minor, from) >= 0 && compareVersions(minor, to) <= 0;
        },
    };
}

/** Whatever there is: the lab uses nothing of it that any version in use lacks. */
export const anyVersion: VersionRule = { text: "any version", accepts: () => true };
