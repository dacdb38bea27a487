import { z } from "zod";

import type { LabMesh } from "../../mesh/lab-mesh.ts";
import { named, type Batch, type Named } from "./batch.ts";
import { endedWithInput } from "../with-input.ts";

/** kubectl prints one object as itself, and several as a list. */
const answer = z.union([
    z.object({ kind: z.literal("List"), items: z.array(named) }).transform(({ items }) => items),
    named.transform((one) => [one]),
]);

/** What an API server says to a batch, with nothing kept of it. */
export interface DryRun {
    /** What it would make of the objects. */
    readonly accepted: readonly Named[];
    /** Why it refuses; and what it warns of. */
    readonly complaints: string;
}

/** Sends a batch to a cluster's API server as if it were meant. It refuses unknown and doubled fields too. */
export async function dryRun(lab: LabMesh, cluster: string, text: string): Promise<DryRun> {
    const { status, stdout, stderr } = await endedWithInput(
        lab.kubectlArgv(cluster, [
            ...["apply", "--server-side", "--dry-run=server", "--validate=strict"],
            ...["--output", "json", "--filename", "-"],
        ]),
        text,
    );
    return { accepted: status === 0 ? answer.parse(JSON.parse(stdout)) : [], complaints: stderr.trim() };
}

/** The objects of a batch that an API server has not answered for, in the namespace that they name. */
export function unanswered({ objects }: Pick<Batch, "objects">, { accepted }: DryRun): Named[] {
    return objects.filter((object) => !accepted.some((answered) => isSame(object, answered)));
}

function isSame(object: Named, answered: Named): boolean {
    return (
        object.apiVersion === answered.apiVersion &&
        object.kind === answered.kind &&
        object.metadata.name === answered.metadata.name &&
        object.metadata.namespace === answered.metadata.namespace
    );
}
