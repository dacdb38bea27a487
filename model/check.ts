import { parseDescription } from "./describe.ts";
import type { Findings, Problem } from "./problem.ts";
import { resolveMesh } from "./resolve.ts";
import type { Mesh } from "./resolved.ts";
import { cautions, refusals } from "./rules/index.ts";

/** What a description is worth. */
export interface Checked extends Findings {
    /** Whether it may be deployed: there are no problems. Warnings do not count. */
    readonly ok: boolean;
    /** What was described, unless its shape is wrong. */
    readonly mesh?: Mesh;
}

/** Shape first; then, on what was resolved from it, every rule. All problems come at once. */
export function checkMesh(input: unknown): Checked {
    const parsed = parseDescription(input);
    if (!parsed.ok) return { ok: false, problems: parsed.problems, warnings: [] };
    const mesh = resolveMesh(parsed.description);
    const problems = saidOnce(
        mesh,
        refusals.flatMap((rule) => rule(mesh)),
    );
    const warnings = saidOnce(
        mesh,
        cautions.flatMap((rule) => rule(mesh)),
    );
    return { ok: problems.length === 0, mesh, problems, warnings };
}

const MESH_WIDE = /^clusters\.([^.]+)\.((?:cilium|rke2|ssh)\.[^.]+)(.*)$/;

/** What every cluster got from the mesh's own setting is said once, where that setting stands. */
export function saidOnce({ clusters }: Mesh, problems: readonly Problem[]): Problem[] {
    const suffixOf = (path: string) => MESH_WIDE.exec(path)?.slice(2).join("") ?? path;
    const groups = Map.groupBy(problems, ({ path, ...rest }) => JSON.stringify([suffixOf(path), rest]));
    return [...groups.values()].flatMap((group) => {
        const [first] = group;
        const [, , option] = MESH_WIDE.exec(first?.path ?? "") ?? [];
        const said = new Set(group.map(({ path }) => MESH_WIDE.exec(path)?.[1]));
        const inherited =
            option !== undefined &&
            clusters.length > 1 &&
            clusters.every(({ name, overridden }) => said.has(name) && !overridden.includes(option));
        return first !== undefined && inherited ? [{ ...first, path: suffixOf(first.path) }] : group;
    });
}
