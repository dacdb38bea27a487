import type { Problem } from "../problem.ts";
import type { JsonValue } from "../resolved.ts";
import { refusedAnywhere } from "./rke2-refused.ts";
import { compareVersions, minorOf } from "./version.ts";

/** The first releases with a key that is younger than the oldest RKE2 in use, one of each minor version; later minors have it from the start. */
const SINCE = new Map<string, readonly string[]>([
    ["etcd-s3-retention", ["v1.31.12+rke2r1", "v1.32.8+rke2r1", "v1.33.4+rke2r1", "v1.34.0+rke2r1"]],
    ["helm-controller-arg", ["v1.33.13+rke2r2", "v1.34.10+rke2r1", "v1.35.7+rke2r1", "v1.36.3+rke2r1"]],
    // https://docs.rke2.io/security/secrets_encryption
    [
        "secrets-encryption-provider",
        ["v1.30.12+rke2r1", "v1.31.8+rke2r1", "v1.32.4+rke2r1", "v1.33.0+rke2r1"],
    ],
    ["write-kubeconfig-name", ["v1.36.4+rke2r1"]],
]);

/** The first releases that have a key, one of each minor version and oldest first; none for a key that all have. */
export function rke2KeySince(key: string): readonly string[] {
    return SINCE.get(key) ?? [];
}

/** The keys of a config.yaml that this release of RKE2 does not have yet. `at` is where they stand. */
export function rke2VersionProblems(
    config: Readonly<Record<string, JsonValue>>,
    version: string,
    at: string,
): Problem[] {
    return Object.keys(config)
        .filter((key) => refusedAnywhere(key) === undefined)
        .flatMap((key) => {
            const since = rke2KeySince(key);
            const first = firstAfter(version, since);
            return first === undefined
                ? []
                : [
                      {
                          path: `${at}.${key}`,
                          rule: `RKE2 has it since ${since.join(", ")}; ${version} would go on without it`,
                          fix: `use ${first} or later, or leave it out`,
                      },
                  ];
        });
}

/** The release to go to for what a version does not have: of its own minor version, or else of the next that has it. */
function firstAfter(version: string, since: readonly string[]): string | undefined {
    const first = since.find((release) => minorOf(release) >= minorOf(version));
    return first !== undefined && compareVersions(version, first) < 0 ? first : undefined;
}
