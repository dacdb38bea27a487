import { jsonText } from "./json.ts";
import type { RecordedResource, Recording } from "./record.ts";
import type { Redactor } from "./redact.ts";

/** How a folder is told to be a plan, and of this program. */
const FORMAT = "multicluster-plan/1";

export interface PlanJsonArgs {
    readonly stack: string;
    readonly mesh: string;
    readonly resources: readonly RecordedResource[];
    readonly exported: Recording<unknown>["exported"];
    readonly redactor: Redactor;
}

/** plan.json: every resource in an order in which they can be made, and what the stack exports. */
export function planJson({ stack, mesh, resources, exported, redactor }: PlanJsonArgs): string {
    return jsonText({
        format: FORMAT,
        stack,
        mesh,
        resources: resources.map((resource) => entry(redactor.resource(resource))),
        outputs: redactor.values(exported),
    });
}

/** Whether a text is that of a plan.json. */
export function isPlanJson(text: string): boolean {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === "object" && value !== null && "format" in value && value.format === FORMAT;
    } catch {
        return false;
    }
}

/** Options that do nothing are left out, apart from those a reader looks for. */
function entry(resource: RecordedResource) {
    const { urn, type, name, parent, provider, dependsOn, protect, inputs } = resource;
    const { retainOnDelete, deletedWith, ignoreChanges, additionalSecretOutputs } = resource;
    return {
        urn,
        type,
        name,
        parent,
        provider,
        dependsOn,
        protect,
        retainOnDelete: retainOnDelete || undefined,
        deletedWith,
        ignoreChanges: ignoreChanges.length === 0 ? undefined : ignoreChanges,
        additionalSecretOutputs: additionalSecretOutputs.length === 0 ? undefined : additionalSecretOutputs,
        inputs,
    };
}
