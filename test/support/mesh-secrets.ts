import { z } from "zod";

import type { MeshDescription } from "../../model/describe.ts";
import { record } from "../../plan/record.ts";
import { accept } from "../../stacks/accept.ts";
import { deployMesh } from "../../stacks/deploy-mesh.ts";
import type { SecretSource } from "../../stacks/secrets.ts";
import type { Side } from "./handshake.ts";
import { testSecrets } from "./program.ts";
import type { realCertificates } from "./real-certificates.ts";

/** What the Secrets of all clusters hold, each by its cluster and its leaf, as `east server`. */
export type MeshSecrets = ReadonlyMap<string, Side>;

const secretInputs = z.object({
    stringData: z.object({ "ca.crt": z.string(), "tls.crt": z.string(), "tls.key": z.string() }),
});

/** What the program puts into the clusters of a mesh, with real keys and certificates. */
export async function meshSecrets(
    description: MeshDescription,
    mocks: ReturnType<typeof realCertificates>,
    secrets: SecretSource = testSecrets,
): Promise<MeshSecrets> {
    const { resources } = await record(
        () => {
            const { mesh } = accept("test", description, { secrets, refuseWarnings: false });
            deployMesh(mesh, secrets);
            return {};
        },
        { project: "multicluster", stack: "test", preview: false, mocks },
    );
    return new Map(
        resources.flatMap(({ type, name, inputs }) => {
            const [, cluster, leaf] = /^(.*)-certificates-(.*)$/.exec(name) ?? [];
            if (type !== "kubernetes:core/v1:Secret" || cluster === undefined) return [];
            const { stringData } = secretInputs.parse(inputs);
            const side = {
                ca: stringData["ca.crt"],
                cert: stringData["tls.crt"],
                key: stringData["tls.key"],
            };
            return [[`${cluster} ${leaf ?? ""}`, side] as const];
        }),
    );
}
