import { parseAllDocuments, stringify } from "yaml";

import type { LabMesh } from "../../mesh/lab-mesh.ts";
import type { Batch } from "./batch.ts";
import { endedWithInput } from "../with-input.ts";

/** Deletes the objects of batches, and waits until they are gone. */
export async function remove(lab: LabMesh, cluster: string, batches: readonly Batch[]): Promise<void> {
    for (const { title, text } of batches) {
        await kubectl(lab, cluster, `deleting ${title}`, text, [
            ...["delete", "--ignore-not-found", "--timeout", "120s", "--filename", "-"],
        ]);
    }
}

/** Makes CRDs, and waits until they are served. */
export async function serve(lab: LabMesh, cluster: string, crds: readonly string[]): Promise<void> {
    const text = crds.join("\n---\n");
    await kubectl(lab, cluster, "making CRDs", text, ["apply", "--server-side", "--filename", "-"]);
    await kubectl(lab, cluster, "waiting for CRDs", text, [
        ...["wait", "--for", "condition=Established", "--timeout", "60s", "--filename", "-"],
    ]);
}

/** The CRDs among the objects of a batch. */
export function crdsOf({ text }: Batch): string[] {
    return parseAllDocuments(text, { version: "1.1" })
        .filter((document) => document.get("kind") === "CustomResourceDefinition")
        .map((document) => stringify(document));
}

/** The namespaces that the objects of batches go into. */
export function namespacesOf(batches: readonly Batch[]): string[] {
    const objects = batches.flatMap((batch) => batch.objects);
    return [...new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))].sort();
}

async function kubectl(
    lab: LabMesh,
    cluster: string,
    doing: string,
    text: string,
    args: readonly string[],
): Promise<void> {
    const { status, stderr } = await endedWithInput(lab.kubectlArgv(cluster, args), text);
    if (status !== 0) throw new Error(`${doing} in ${cluster}: ${stderr.trim()}`);
}
