import { expect, it } from "vitest";

import { caChangeProblems, settledText, type ShownCa } from "../../../components/tls/ca-changes.ts";
import { formatProblems } from "../../../model/problem.ts";

const PLAIN = { meshName: "prod", validityHours: 87_600 };
const FIRST = PLAIN;
const TRUSTED = { ...PLAIN, next: "trusted" } as const;
const SIGNING = { ...PLAIN, next: "signing" } as const;
const SECOND = { ...PLAIN, generation: 2 };

/** What an `up` leaves that has reached every cluster. */
function whole(shown: ShownCa) {
    return { certPem: "<ca>", settled: settledText(shown) };
}

function change(before: ShownCa, after: ShownCa, outputs: unknown = whole(before)): string {
    return formatProblems("the CA of the mesh", caChangeProblems(before, after, outputs));
}

const NOTHING = "the CA of the mesh: 0 problems";

it.each([
    ["to trust the next CA", FIRST, TRUSTED],
    ["to let the next CA sign", TRUSTED, SIGNING],
    ["to end a rotation", SIGNING, SECOND],
    ["to begin another one", SECOND, { ...SECOND, next: "trusted" as const }],
    ["to turn back while nothing is signed by the next CA", TRUSTED, FIRST],
    ["to let the first CA sign again", SIGNING, TRUSTED],
    ["another life for the next CA", FIRST, { ...FIRST, validityHours: 1000 }],
])("allows %s, once every cluster has been reached", (_, before, after) => {
    expect(change(before, after)).toBe(NOTHING);
});

it("takes a stack of an earlier version of this program as one with one CA that every cluster trusts", () => {
    expect(change(FIRST, TRUSTED, { certPem: "<ca>" })).toBe(NOTHING);
});

it("can let the first CA sign again before every cluster has been reached", () => {
    expect(change(SIGNING, TRUSTED, {})).toBe(NOTHING);
});

it.each([
    ["what an interrupted up has left", {}],
    ["what the up before it had left", whole(FIRST)],
    ["what no up has left", null],
])("refuses the next step with %s", (_, outputs) => {
    expect(change(TRUSTED, SIGNING, outputs)).toBe(
        [
            "the CA of the mesh: 1 problem",
            "✖ certificates",
            '    no up has reached every cluster since caGeneration: 1, nextCa: "trusted" was written: not everywhere does it hold that CA 1 signs; CA 1 and CA 2 are trusted',
            '    fix: write caGeneration: 1, nextCa: "trusted" again, and run up until it ends without an error',
        ].join("\n"),
    );
});

it.each([
    ["to begin, to end, and to give up the next CA", FIRST, TRUSTED],
    ["to begin, to end, and to give up the next CA", SIGNING, SECOND],
    ["to begin, to end, and to give up the next CA", TRUSTED, FIRST],
])("refuses %s before every cluster has been reached", (_, before, after) => {
    expect(change(before, after, {})).toContain("no up has reached every cluster since ");
});

it.each([
    [
        "to let a CA sign that nobody trusts",
        FIRST,
        SIGNING,
        `caGeneration: 1, nextCa: "signing"
    is no step that can follow caGeneration: 1 without nextCa: clusters would distrust one another on the way
    fix: write caGeneration: 1, nextCa: "trusted"`,
    ],
    [
        "to change CAs at once",
        FIRST,
        SECOND,
        `caGeneration: 2 without nextCa
    is no step that can follow caGeneration: 1 without nextCa: clusters would distrust one another on the way
    fix: write caGeneration: 1, nextCa: "trusted"`,
    ],
    [
        "to give up a CA that signs",
        SIGNING,
        FIRST,
        `caGeneration: 1 without nextCa
    is no step that can follow caGeneration: 1, nextCa: "signing": clusters would distrust one another on the way
    fix: write caGeneration: 2 without nextCa, or caGeneration: 1, nextCa: "trusted"`,
    ],
    [
        "to end a rotation in which nothing is signed yet",
        TRUSTED,
        SECOND,
        `caGeneration: 2 without nextCa
    is no step that can follow caGeneration: 1, nextCa: "trusted": clusters would distrust one another on the way
    fix: write caGeneration: 1, nextCa: "signing", or caGeneration: 1 without nextCa`,
    ],
    [
        "to go back to a CA that is gone",
        SECOND,
        SIGNING,
        `caGeneration: 1, nextCa: "signing"
    is no step that can follow caGeneration: 2 without nextCa: clusters would distrust one another on the way
    fix: write caGeneration: 2, nextCa: "trusted"`,
    ],
])("refuses %s", (_, before, after, message) => {
    expect(change(before, after)).toBe(`the CA of the mesh: 1 problem\n✖ certificates = ${message}`);
});

it("refuses another CA than the one that is trusted", () => {
    const message = [
        "the CA of the mesh: 1 problem",
        "✖ certificates.ca",
        "    is another CA than the one that the clusters trust: to change it is a rotation",
        '    fix: write the old one again (or none, if one was made here), and the new one as nextCaFrom, with nextCa: "trusted"',
    ].join("\n");
    expect(change({ ...FIRST, trust: "aa" }, { ...FIRST, trust: "bb" })).toBe(message);
    expect(change(FIRST, { ...FIRST, trust: "bb" })).toBe(message);
    expect(change({ ...FIRST, trust: "aa" }, FIRST)).toBe(message);
});

it("refuses another next CA than the one that is trusted", () => {
    const message = [
        "the CA of the mesh: 1 problem",
        "✖ certificates.nextCaFrom",
        "    is another CA than the one that the clusters trust as the next",
        "    fix: write the old one again; or go back until nextCa is left out, run up, and begin anew",
    ].join("\n");
    expect(change(TRUSTED, { ...TRUSTED, nextTrust: "bb" })).toBe(message);
    expect(change({ ...TRUSTED, nextTrust: "aa" }, { ...SIGNING, nextTrust: "bb" })).toBe(message);
});

it("wants the CA that signs when a rotation ends", () => {
    expect(change({ ...SIGNING, nextTrust: "aa" }, SECOND)).toBe(
        [
            "the CA of the mesh: 1 problem",
            "✖ certificates.ca",
            "    is not the CA that signs now, which is the one of nextCaFrom",
            "    fix: move what stands in nextCaFrom to ca, and leave it out there",
        ].join("\n"),
    );
    expect(change({ ...SIGNING, trust: "aa" }, { ...SECOND, trust: "aa" })).toBe(
        [
            "the CA of the mesh: 1 problem",
            "✖ certificates.ca",
            "    is not the CA that signs now, which is made here",
            "    fix: leave it out",
        ].join("\n"),
    );
    expect(change({ ...SIGNING, nextTrust: "aa" }, { ...SECOND, trust: "aa" })).toBe(NOTHING);
});

it("asks nothing of what it cannot read", () => {
    expect(caChangeProblems({}, SIGNING, {})).toEqual([]);
});
