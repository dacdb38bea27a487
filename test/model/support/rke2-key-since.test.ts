import fc from "fast-check";
import { expect, test } from "vitest";

import { RKE2_KEYS, rke2Key } from "../../../model/support/rke2-key-table.ts";
import { rke2KeySince, rke2VersionProblems } from "../../../model/support/rke2-key-since.ts";
import { minorOf } from "../../../model/support/version.ts";

const HELM = { "helm-controller-arg": ["v=2"] };

test.each([
    ["v1.35.4+rke2r1", "v1.35.7+rke2r1"],
    ["v1.36.2+rke2r1", "v1.36.3+rke2r1"],
    ["v1.33.13+rke2r1", "v1.33.13+rke2r2"],
    ["v1.32.13+rke2r1", "v1.33.13+rke2r2"],
])("a key that %s does not have yet is refused", (version, first) => {
    expect(rke2VersionProblems(HELM, version, "rke2.config")).toEqual([
        {
            path: "rke2.config.helm-controller-arg",
            rule: `RKE2 has it since v1.33.13+rke2r2, v1.34.10+rke2r1, v1.35.7+rke2r1, v1.36.3+rke2r1; ${version} would go on without it`,
            fix: `use ${first} or later, or leave it out`,
        },
    ]);
});

test.each(["v1.33.13+rke2r2", "v1.34.10+rke2r1", "v1.35.7+rke2r1", "v1.35.10+rke2r1", "v1.37.0+rke2r1"])(
    "%s has it",
    (version) => {
        expect(rke2VersionProblems(HELM, version, "rke2.config")).toEqual([]);
    },
);

test.each([
    ["secrets-encryption-provider", "v1.31.7+rke2r1", "v1.31.8+rke2r1"],
    ["etcd-s3-retention", "v1.33.3+rke2r1", "v1.33.4+rke2r1"],
])("%s is younger than %s", (key, version, first) => {
    expect(
        rke2VersionProblems({ [key]: "x" }, version, "config").map(({ path, fix }) => [path, fix]),
    ).toEqual([[`config.${key}`, `use ${first} or later, or leave it out`]]);
    expect(rke2VersionProblems({ [key]: "x" }, first, "config")).toEqual([]);
});

test("keys of all releases, keys that are refused anyway and versions that are none are left to others", () => {
    expect(rke2VersionProblems({ debug: true, xyz: 1 }, "v1.27.0+rke2r1", "config")).toEqual([]);
    expect(rke2VersionProblems({ "write-kubeconfig-name": "x" }, "v1.35.4+rke2r1", "config")).toEqual([]);
    expect(rke2VersionProblems(HELM, "latest", "config")).toEqual([]);
});

test("the first releases are of real keys, one a minor, without a gap and oldest first", () => {
    const young = RKE2_KEYS.filter((key) => rke2KeySince(key).length > 0);
    expect(young.sort()).toEqual([
        "etcd-s3-retention",
        "helm-controller-arg",
        "secrets-encryption-provider",
        "write-kubeconfig-name",
    ]);
    expect(rke2KeySince("debug")).toEqual([]);
    for (const key of young) {
        expect(rke2Key(key)).toBeDefined();
        const minors = rke2KeySince(key).map(minorOf);
        expect(minors).toEqual(minors.map((_, index) => (minors[0] ?? 0) + index));
    }
});

test("a later patch never loses a key", () => {
    fc.assert(
        fc.property(
            fc.constantFrom("helm-controller-arg", "etcd-s3-retention", "secrets-encryption-provider"),
            fc.integer({ min: 27, max: 40 }),
            fc.nat(20),
            fc.nat(5),
            (key, minor, patch, more) => {
                const lacks = (last: number) =>
                    rke2VersionProblems({ [key]: "x" }, `v1.${minor}.${last}+rke2r1`, "c").length;
                expect(lacks(patch + more)).toBeLessThanOrEqual(lacks(patch));
            },
        ),
    );
});
