import type { Run } from "../../engine/engine.ts";

/** What failed in a run: the names of resources, with all that the engine says about each. */
export function failures({ events }: Pick<Run, "events">): Readonly<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const { diagnosticEvent } of events) {
        const { severity, urn = "", message = "" } = diagnosticEvent ?? {};
        // The stack itself says only that the update has failed.
        if (severity !== "error" || urn === "" || urn.includes("::pulumi:pulumi:Stack::")) continue;
        const name = urn.slice(urn.lastIndexOf("::") + 2);
        found[name] = `${found[name] ?? ""}${message}`;
    }
    return found;
}
