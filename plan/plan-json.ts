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
    /** The paths of all other files of the plan. */
    readonly files: readonly string[];
}

/** plan.json: every resource in an order in which they can be made, what the stack exports, and the plan's other files. */
export function planJson({ stack, mesh, resources, exported, redactor, files }: PlanJsonArgs): string {
    return jsonText({
        format: FORMAT,
        stack,
        mesh,
        resources: resources.map((resource) => entry(redactor.resource(resource))),
        outputs: redactor.values(exported),
        files,
    });
}

/** The files of the plan that a plan.json belongs to, itself included; nothing where a text is no plan.json. */
export function filesOfPlan(text: string): ReadonlySet<string> | undefined {
    try {
        const value: unknown = JSON.parse(text);
        if (typeof value !== "object" || value === null || !("format" in value && "files" in value)) {
            return undefined;
        }
        if (value.format !== FORMAT || !Array.isArray(value.files)) return undefined;
        return new Set(["plan.json", ...value.files.filter((file) => typeof file === "string")]);
    } catch {
        return undefined;
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
