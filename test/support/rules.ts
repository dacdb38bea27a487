import { expect } from "vitest";

import { checkMesh, saidOnce } from "../../model/check.ts";
import { formatProblem, type Problem } from "../../model/problem.ts";
import type { Rule } from "../../model/rules/rule.ts";
import { twoClusters, type TwoClusters } from "./mesh.ts";

type Spoil = (mesh: TwoClusters) => unknown;

function format(problems: readonly Problem[]): string {
    return problems.map(formatProblem).join("\n");
}

function spoilt(spoil: Spoil, mesh: TwoClusters) {
    spoil(mesh);
    return checkMesh(mesh);
}

/**
 * What `rule`, and no other one, says about a mesh with something spoilt, as a person reads it. Other rules may speak up too
 * only where `others` says so: most mistakes break one rule.
 */
export function refuses(rule: Rule, spoil: Spoil, { mesh = twoClusters(), others = false } = {}): string {
    const { ok, mesh: resolved, problems } = spoilt(spoil, mesh);
    if (resolved === undefined) throw new Error(`the shape is wrong:\n${format(problems)}`);
    expect(ok).toBe(false);
    const said = format(saidOnce(resolved, rule(resolved)));
    if (others) expect(format(problems)).toContain(said);
    else expect(format(problems)).toBe(said);
    return said;
}

/** What `rule`, and no other one unless `others` says so, warns of. The mesh may still be deployed. */
export function warns(rule: Rule, spoil: Spoil, { mesh = twoClusters(), others = false } = {}): string {
    const { ok, mesh: resolved, problems, warnings } = spoilt(spoil, mesh);
    if (resolved === undefined) throw new Error(`the shape is wrong:\n${format(problems)}`);
    expect(format(problems)).toBe("");
    expect(ok).toBe(true);
    const said = format(saidOnce(resolved, rule(resolved)));
    if (others) expect(format(warnings)).toContain(said);
    else expect(format(warnings)).toBe(said);
    return said;
}

/** That a mesh with something changed raises nothing at all. */
export function accepts(spoil: Spoil, { mesh = twoClusters() } = {}): void {
    const { problems, warnings } = spoilt(spoil, mesh);
    expect(format([...problems, ...warnings])).toBe("");
}
