import type { OperateOptions } from "../../engine/engine.ts";
import { changes } from "../../engine/event.ts";
import type { LabMesh } from "../../mesh/lab-mesh.ts";

/** A second `up`, a `preview` and a `refresh` find nothing to do; an error lists what they did find. */
export async function nothingChanges(lab: LabMesh, options: Partial<OperateOptions> = {}): Promise<void> {
    // The last one shows that a refresh has changed nothing in the state either.
    for (const operation of ["up", "preview", "refresh", "preview"] as const) {
        const { events } = await lab.operate(operation, options);
        const found = changes(events).map(({ op, urn }) => `${op} ${urn}`);
        if (found.length > 0) {
            throw new Error(`${operation} changes what should be as described:\n${found.join("\n")}`);
        }
    }
}
