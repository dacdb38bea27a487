import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { formatProblem } from "../../../model/problem.ts";
import type { JsonValue } from "../../../model/resolved.ts";
import { RKE2_KEYS, rke2Key, type Rke2Type } from "../../../model/support/rke2-key-table.ts";
import { rke2ConfigProblems, rke2NodeConfigProblems } from "../../../model/support/rke2-keys.ts";
import { flagOf, rke2TypeProblem } from "../../../model/support/rke2-types.ts";

/** The keys of a type, without those that a user cannot give or whose values are words of their own. */
function keysOf(type: Rke2Type): string[] {
    const own =
        /^(ingress-controller|secrets-encryption|profile|egress|service-node|audit|pod-sec|etcd-s3-bucket-l)/;
    return RKE2_KEYS.filter((key) => rke2Key(key)?.type === type && !own.test(key)).filter(
        (key) => !rke2ConfigProblems({ [key]: {} }, "config").some(({ fix }) => !fix.includes("key=value")),
    );
}

describe("a value of the wrong type", () => {
    const REFUSED: readonly [string, JsonValue, string, string][] = [
        ["etcd-snapshot-retention", "many", "must be a whole number", "write it as 5"],
        ["etcd-snapshot-retention", 2.5, "must be a whole number", "write it as 5"],
        ["etcd-snapshot-retention", 1e21, "must be a whole number", "write it as 5"],
        ["etcd-snapshot-retention", "", "must be a whole number", "write it as 5"],
        // RKE2 reads it as eight.
        ["etcd-snapshot-retention", "010", "must be a whole number", "write it as 5"],
        ["v", true, "must be a whole number", "write it as 5"],
        [
            "etcd-snapshot-retention",
            [3, 4],
            "must be a whole number, not a list: RKE2 would take the last item alone",
            "write it as 5",
        ],
        ["selinux", "yes", "must be true or false", "write true or false"],
        ["selinux", "on", "must be true or false", "write true or false"],
        ["selinux", 2, "must be true or false", "write true or false"],
        ["selinux", "", "must be true or false", "write true or false"],
        [
            "debug",
            [true],
            "must be true or false, not a list: RKE2 would take the last item alone",
            "write true or false",
        ],
        ["etcd-s3-timeout", 5, "must be a length of time with its unit", 'write it as "5m" or "1h30m"'],
        [
            "etcd-snapshot-reconcile-interval",
            "5 minutes",
            "must be a length of time with its unit",
            'write it as "5m" or "1h30m"',
        ],
        ["snapshotter", true, "must be a text", "write a text, in quotes"],
        [
            "profile",
            ["cis"],
            "must be a text, not a list: RKE2 would take the last item alone",
            "write a text, in quotes",
        ],
        ["tls-san", false, "must be a list of texts", 'write it as ["one", "another"]'],
        [
            "disable",
            ["rke2-metrics-server", true],
            "must be a list of texts",
            'write it as ["one", "another"]',
        ],
    ];
    test.each(REFUSED)("is refused: %s = %j", (key, value, rule, fix) => {
        expect(rke2ConfigProblems({ [key]: value }, "rke2.config")).toEqual([
            { path: `rke2.config.${key}`, value: JSON.stringify(value), rule, fix },
        ]);
    });

    test.each(["kube-apiserver-arg", "etcd-extra-env"])(
        "is not shown where a password may stand: %s",
        (key) => {
            expect(rke2ConfigProblems({ [key]: ["TOKEN=hunter2", true] }, "config")).toEqual([
                {
                    path: `config.${key}`,
                    rule: "must be a list of texts",
                    fix: 'write it as ["one", "another"]',
                },
            ]);
        },
    );

    test("is not shown where the address of a proxy should stand", () => {
        expect(rke2ConfigProblems({ "etcd-s3-proxy": ["me:hunter2"] }, "config")).toEqual([
            {
                path: "config.etcd-s3-proxy",
                rule: "must be a text, not a list: RKE2 would take the last item alone",
                fix: "write a text, in quotes",
            },
        ]);
    });
});

const LOGINS: readonly [string, JsonValue][] = [
    ["etcd-s3-proxy", "http://me:hunter2@proxy:3128"],
    ["etcd-s3-proxy", ["http://me:hunter2@proxy:3128"]],
    ["kube-apiserver-extra-env", ["A=b", "HTTPS_PROXY=http://me:p@ss@proxy"]],
];
test.each(LOGINS)("an address with a password is refused, unseen: %s", (key, value) => {
    expect(rke2ConfigProblems({ [key]: value }, "config")).toEqual([
        {
            path: `config.${key}`,
            rule: "must not hold a user and a password: config.yaml is shown in previews",
            fix: "leave out everything up to the @",
        },
    ]);
});

test("an address without one is right", () => {
    const config = {
        "etcd-s3-proxy": "http://proxy:3128",
        "kube-apiserver-arg": ["oidc-issuer-url=https://id.example.net:8443/a@b", "audit-webhook=me@x"],
        "kube-apiserver-image": "registry.example.net:5000/kube@sha256:1",
    };
    expect(rke2ConfigProblems(config, "config")).toEqual([]);
});

describe("what RKE2 reads from its flags is right", () => {
    const RIGHT: readonly [Rke2Type, JsonValue[]][] = [
        ["int", [0, 5, -1, "5", " 7 ", "+3"]],
        ["bool", [true, false, "true", "False", "T", "0", 1, 0]],
        ["duration", ["5m", "1h30m", "1.5h", ".5s", "300ms", "0", 0]],
        ["string", ["/a/b", "", 5, 1.5, "true"]],
        ["list", [[], ["a"], "a", "a,b", ["a", 5], 5]],
    ];
    test.each(RIGHT)("%s", (type, values) => {
        const keys = keysOf(type);
        expect(keys).not.toEqual([]);
        for (const key of keys) {
            for (const value of values) {
                expect(rke2ConfigProblems({ [key]: value }, "config"), key).toEqual([]);
            }
        }
    });

    test("whole numbers, as numbers and in quotes; and no others", () => {
        fc.assert(
            fc.property(fc.maxSafeInteger(), fc.boolean(), (number, quoted) => {
                const value = quoted ? String(number) : number;
                expect(rke2TypeProblem("v", "int", value, "v")).toBeUndefined();
            }),
        );
        fc.assert(
            fc.property(fc.double({ noInteger: true, noNaN: true }), (number) => {
                fc.pre(Number.isFinite(number));
                expect(rke2TypeProblem("v", "int", number, "v")).toBeDefined();
            }),
        );
    });

    test("lengths of time, of any number of parts; and none without a unit", () => {
        const part = fc.tuple(fc.nat(), fc.constantFrom("ns", "us", "µs", "ms", "s", "m", "h"));
        fc.assert(
            fc.property(
                fc.array(part, { minLength: 1, maxLength: 4 }),
                fc.integer({ min: 1 }),
                (parts, tail) => {
                    const text = parts.flat().join("");
                    expect(rke2TypeProblem("etcd-s3-timeout", "duration", text, "x")).toBeUndefined();
                    expect(
                        rke2TypeProblem("etcd-s3-timeout", "duration", `${text}${tail}`, "x"),
                    ).toBeDefined();
                },
            ),
        );
    });
});

test("a truth is read as RKE2 reads it", () => {
    expect([true, "TRUE", 1, "t"].map(flagOf)).toEqual([true, true, true, true]);
    expect([false, "False", 0, "f"].map(flagOf)).toEqual([false, false, false, false]);
    expect([undefined, null, "", "yes", [true], {}].map((value) => flagOf(value))).toEqual(
        Array.from({ length: 6 }, () => undefined),
    );
});

test("whatever stands there is judged, at its own place, and no password is repeated", () => {
    const secret = "hunter2";
    const value = fc.letrec<{ value: JsonValue }>((tie) => ({
        value: fc.oneof(
            { maxDepth: 2 },
            fc.constantFrom<JsonValue>(null, true, 0, "", secret, `http://me:${secret}@host`),
            fc.array(tie("value"), { maxLength: 2 }),
            fc.dictionary(fc.constantFrom("a", "b"), tie("value"), { maxKeys: 2 }),
        ),
    })).value;
    const guarded = RKE2_KEYS.filter((key) =>
        /token$|-key$|-proxy$|-arg$|-env$|^datastore-endpoint$/.test(key),
    );
    fc.assert(
        fc.property(fc.constantFrom(...guarded, "tokne", "passwrod"), value, (key, given) => {
            const problems = [
                ...rke2ConfigProblems({ [key]: given }, "at"),
                ...rke2NodeConfigProblems("server", { [key]: given }, "at"),
                ...rke2NodeConfigProblems("agent", { [key]: given }, "at"),
            ];
            for (const problem of problems) {
                expect(problem.path).toBe(`at.${key}`);
                expect(formatProblem(problem)).not.toContain(secret);
            }
        }),
    );
});
