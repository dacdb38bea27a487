import { z } from "zod";

const metadata = z.looseObject({ op: z.string(), urn: z.string(), type: z.string() });
const ofResource = z.looseObject({ metadata });

/** What the lab reads of an engine's event; all else that is in it stays as it came. https://www.pulumi.com/docs/reference/pkg/nodejs/pulumi/automation/#EngineEvent */
export const engineEvent = z.looseObject({
    /** Unix time, in seconds. */
    timestamp: z.number(),
    resourcePreEvent: ofResource.optional(),
    resOutputsEvent: ofResource.optional(),
    resOpFailedEvent: ofResource.optional(),
    diagnosticEvent: z
        .looseObject({ message: z.string(), severity: z.string(), urn: z.string().optional() })
        .optional(),
});
export type EngineEvent = z.infer<typeof engineEvent>;

/** One thing that an operation did, or a preview would do, to a resource. */
export interface Step {
    readonly op: string;
    readonly urn: string;
    readonly type: string;
    /** The last part of the URN: the resource's own name. */
    readonly name: string;
}

/** Every step of a run that changes something, in the order they ended. Components are left out: they only group. */
export function changes(events: readonly EngineEvent[]): Step[] {
    return steps(events.flatMap(({ resOutputsEvent }) => resOutputsEvent ?? []));
}

/** The same, in the order they began. */
export function beginnings(events: readonly EngineEvent[]): Step[] {
    return steps(events.flatMap(({ resourcePreEvent }) => resourcePreEvent ?? []));
}

function steps(events: readonly { readonly metadata: z.infer<typeof metadata> }[]): Step[] {
    return events
        .map(({ metadata: { op, urn, type } }) => ({
            op,
            urn,
            type,
            name: urn.slice(urn.lastIndexOf("::") + 2),
        }))
        .filter(({ op, type }) => !UNCHANGED.has(op) && !isComponent(type));
}

/** `read` and `refresh` look, and change nothing but the state. */
const UNCHANGED: ReadonlySet<string> = new Set(["same", "read", "refresh"]);

function isComponent(type: string): boolean {
    return type === "pulumi:pulumi:Stack" || type.startsWith("multicluster:");
}
