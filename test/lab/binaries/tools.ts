import { PROGRAMS, type OptionalToolName, type ToolName } from "./catalogue.ts";
import type { Program } from "./program.ts";
import { resolve, type Tool } from "./resolve.ts";
import type { Say } from "./say.ts";
import { sourcesHere, type Sources } from "./sources.ts";

export type { Tool } from "./resolve.ts";

/** Every program the lab runs. */
export type Tools = Readonly<Record<ToolName, Tool>> & Readonly<Partial<Record<OptionalToolName, Tool>>>;

/**
 * Finds every program the lab runs; what is not on this machine is downloaded or built, which can take half an hour the first
 * time. All that is wrong is in one error.
 */
export async function findTools(say: Say, sources: Sources = sourcesHere(say)): Promise<Tools> {
    const { tools, problems } = await resolve(PROGRAMS, sources, say);
    const found: Partial<Record<ToolName | OptionalToolName, Tool>> = {};
    for (const { name } of PROGRAMS) {
        const tool = tools.get(name);
        if (tool !== undefined) found[name] = tool;
    }
    if (problems.length === 0 && isComplete(found)) return found;
    throw new Error(`the lab lacks programs:\n${problems.map((problem) => `- ${problem}`).join("\n")}`);
}

/** Finds one program, whatever else is missing. */
export async function findTool(name: ToolName, say: Say, sources: Sources = sourcesHere(say)): Promise<Tool> {
    const wanted = PROGRAMS.filter((program) => program.name === name);
    const { tools, problems } = await resolve(wanted, sources, say);
    const tool = tools.get(name);
    if (tool === undefined) throw new Error(`there is no ${name}: ${problems.join("; ")}`);
    return tool;
}

function isComplete(found: Partial<Record<ToolName, Tool>>): found is Record<ToolName, Tool> {
    const programs: readonly (Program & { readonly name: ToolName | OptionalToolName })[] = PROGRAMS;
    return programs.every(({ name, optional }) => optional === true || Object.hasOwn(found, name));
}
