import { z } from "zod";

import type { LabMesh } from "../../mesh/lab-mesh.ts";

const secret = z.object({ data: z.record(z.string(), z.string()).default({}) });

/** The texts in a Secret of kube-system. */
export async function readSecret(
    lab: LabMesh,
    cluster: string,
    name: string,
): Promise<Readonly<Record<string, string>>> {
    const text = await lab.kubectl(
        cluster,
        ...["--namespace", "kube-system", "get", "secret", name, "--output", "json"],
    );
    const { data } = secret.parse(JSON.parse(text));
    return Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
    );
}
