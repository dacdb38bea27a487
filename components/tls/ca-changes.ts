/*
 * How the CA of a mesh that runs may change. A cluster that trusts a CA less than another one uses would lose that other one,
 * so each step of a rotation must hold everywhere before the next. The engine has what the component showed in the last run,
 * and asks before anything is touched, in previews too.
 */
import { z } from "zod";

import { show, type Problem } from "../../model/problem.ts";
import { trustOf, trustText } from "../../model/trust.ts";

const shownCa = z.object({
    meshName: z.string(),
    validityHours: z.number(),
    /** Left out: the first. */
    generation: z.number().optional(),
    next: z.enum(["trusted", "signing"]).optional(),
    /** What everyone trusts of a CA that is brought, as a fingerprint. */
    trust: z.string().optional(),
    nextTrust: z.string().optional(),
});

/** What the CA of a mesh shows of itself. */
export type ShownCa = z.infer<typeof shownCa>;

/** What a run has left: the certificate, from the first versions of this program on, and what holds everywhere. */
const outputsOfCa = z.object({ certPem: z.unknown(), settled: z.string().optional() });

/** What holds everywhere once an `up` has reached every cluster. */
export function settledText({ generation = 1, next }: ShownCa): string {
    return trustText(trustOf({ caGeneration: generation, ...(next === undefined ? {} : { nextCa: next }) }));
}

/** Why the CA of a mesh cannot become what it is now described as; `outputs` are what the last run has left. */
export function caChangeProblems(before: unknown, after: unknown, outputs: unknown): Problem[] {
    const [old, next] = [shownCa.safeParse(before).data, shownCa.safeParse(after).data];
    if (old === undefined || next === undefined) return [];
    const way = wayOf(old, next);
    if (way === "none") return orderProblem(old, next);
    return [
        ...(mustBeSettled(way, next) && !isSettled(old, outputs) ? unsettledProblem(old) : []),
        ...identityProblems(old, next),
    ];
}

/** Whoever has gone back to where only one CA signs may still have clusters for which the other one does. */
function mustBeSettled(way: "on" | "back" | "same", next: ShownCa): boolean {
    return way === "on" || (way === "back" && next.next === undefined);
}

/** Whether a change goes on in a rotation, goes back, or leaves it where it is; `none` where there is no such step. */
function wayOf(old: ShownCa, next: ShownCa): "on" | "back" | "same" | "none" {
    const [from, to] = [placeOf(old), placeOf(next)];
    if (from === to) return "same";
    if (to === from + 1) return "on";
    // Before a CA is given up, one can go back; a step that was not the last of a rotation never gave one up.
    return to === from - 1 && old.next !== undefined ? "back" : "none";
}

/** The steps of all rotations, counted: three for each generation. */
function placeOf({ generation = 1, next }: ShownCa): number {
    return generation * 3 + ["trusted", "signing"].indexOf(next ?? "") + 1;
}

function orderProblem(old: ShownCa, next: ShownCa): Problem[] {
    const steps = [stepAt(placeOf(old) + 1), ...(old.next === undefined ? [] : [stepAt(placeOf(old) - 1)])];
    return [
        {
            path: "certificates",
            value: stepText(next),
            rule: `is no step that can follow ${stepText(old)}: clusters would distrust one another on the way`,
            fix: `write ${steps.join(", or ")}`,
        },
    ];
}

function stepAt(place: number): string {
    return stepText({
        generation: Math.floor(place / 3),
        next: ([undefined, "trusted", "signing"] as const)[place % 3],
    });
}

/** A step, in the words of the description. */
function stepText({
    generation = 1,
    next,
}: {
    generation?: number | undefined;
    next?: string | undefined;
}): string {
    return `caGeneration: ${generation}${next === undefined ? " without nextCa" : `, nextCa: ${show(next)}`}`;
}

function isSettled(old: ShownCa, outputs: unknown): boolean {
    const left = outputsOfCa.safeParse(outputs).data;
    if (left?.certPem === undefined) return false;
    // What the first versions have left knows of no rotation.
    return left.settled === undefined ? placeOf(old) === 3 : left.settled === settledText(old);
}

function unsettledProblem(old: ShownCa): Problem[] {
    return [
        {
            path: "certificates",
            rule: `no up has reached every cluster since ${stepText(old)} was written: not everywhere does it hold that ${settledText(old)}`,
            fix: `write ${stepText(old)} again, and run up until it ends without an error`,
        },
    ];
}

/** Who is trusted by a number must stay the same one. */
function identityProblems(old: ShownCa, next: ShownCa): Problem[] {
    const ended = (next.generation ?? 1) > (old.generation ?? 1);
    if (ended) {
        return old.nextTrust === next.trust
            ? []
            : [
                  {
                      path: "certificates.ca",
                      rule: `is not the CA that signs now, which is ${old.nextTrust === undefined ? "made here" : "the one of nextCaFrom"}`,
                      fix:
                          old.nextTrust === undefined
                              ? "leave it out"
                              : "move what stands in nextCaFrom to ca, and leave it out there",
                  },
              ];
    }
    const stays = old.next !== undefined && next.next !== undefined;
    return [
        ...(old.trust === next.trust
            ? []
            : [
                  {
                      path: "certificates.ca",
                      rule: "is another CA than the one that the clusters trust: to change it is a rotation",
                      fix: 'write the old one again (or none, if one was made here), and the new one as nextCaFrom, with nextCa: "trusted"',
                  },
              ]),
        ...(!stays || old.nextTrust === next.nextTrust
            ? []
            : [
                  {
                      path: "certificates.nextCaFrom",
                      rule: "is another CA than the one that the clusters trust as the next",
                      fix: "write the old one again; or go back until nextCa is left out, run up, and begin anew",
                  },
              ]),
    ];
}
